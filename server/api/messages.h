#pragma once
/* Messages: lists of them, one of them, changing and deleting. */

#include "http/http.h"

extern const struct http_field list_query[];     /* query, limit, before, after */
extern const struct http_field delete_query[];   /* query, all */
extern const struct http_field latest_query[];   /* inbox, query */
extern const struct http_field message_patch[];  /* read, pinned, tags */
extern const struct http_field messages_patch[]; /* ids, query, all; set */

http_handler messages_list;
http_handler messages_change;
http_handler messages_delete;
http_handler inbox_messages_list;
http_handler inbox_messages_change;
http_handler inbox_messages_delete;
http_handler message_latest;
http_handler message_get;
http_handler message_change;
http_handler message_delete;

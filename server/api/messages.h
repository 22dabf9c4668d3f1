#pragma once
/* Messages: lists of them, one of them, changing and deleting. */

#include "http/http.h"

extern const struct http_field list_query[];   /* query, limit, before, after */
extern const struct http_field delete_query[]; /* query, all */
extern const struct http_field latest_query[]; /* inbox, query */
extern const struct http_field message_patch[];

http_handler messages_list;
http_handler messages_delete;
http_handler inbox_messages_list;
http_handler inbox_messages_delete;
http_handler message_latest;
http_handler message_get;
http_handler message_patch_flags;
http_handler message_delete;

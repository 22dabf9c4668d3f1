#pragma once
/* Inboxes: lists of them with counts, one of them, making, changing, other credentials. */

#include "api/private.h"

extern const struct http_field inboxes_query[]; /* limit, before, after */
extern const struct http_field inbox_wish[];

http_handler inboxes_list;
http_handler inbox_create;
http_handler inbox_get;
http_handler inbox_change;
http_handler inbox_delete;
http_handler inbox_renew;

/* An inbox as JSON. `endpoint` is what api_endpoint() found. */
json_t *inbox_json(const struct store_inbox *inbox, const struct api_endpoint *endpoint);

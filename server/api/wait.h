#pragma once
/* Waiting for messages that match a query. */

#include "http/http.h"

extern const struct http_field wait_query[]; /* query, count, timeout, after */

http_handler inbox_wait;

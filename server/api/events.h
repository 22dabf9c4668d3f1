#pragma once
/* The store's news as Server-Sent Events. */

#include "http/http.h"

extern const struct http_field events_query[]; /* inbox */

http_handler events_get;

#pragma once
/* Whether the header of a request, taken apart by libmicrohttpd, is one that can be relied on. */

#include "http/http.h"

/* NULL: it is. */
const struct http_fault *header_check(const struct http_request *r);

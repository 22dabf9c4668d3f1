#pragma once
/* Responses as libmicrohttpd sends them. */

#include "http/http.h"

#include <microhttpd.h>

/* Takes over what `res` owns. Not for HTTP_EVENTS. */
struct MHD_Response *reply_of(struct http_response *res);

void reply_add_headers(struct MHD_Response *reply, const struct http_response *res);

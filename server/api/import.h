#pragma once
/* Messages that come by the API: raw, or composed of what they are to say. */

#include "http/http.h"

extern const struct http_field import_query[]; /* from, to */

http_handler inbox_import;

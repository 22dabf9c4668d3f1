#pragma once
/* Problems with a list of the fields at fault (RFC 9457 section 3). */

#include "http/http.h"

/* Steals `errors`, a list of {"field", "detail"}; NULL leaves it out. */
struct http_response problem_of(int status, const char *detail, json_t *errors);

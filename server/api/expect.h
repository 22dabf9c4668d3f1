#pragma once
/* Holding messages against what a test expects of them. */

#include "http/http.h"

extern const struct http_field expect_body[]; /* within_ms, after, count, match */

http_handler inbox_expect;

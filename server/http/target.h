#pragma once
/* The target of a request taken apart (RFC 3986): "/a/b%20c?x=1+2" is the segments "a" and "b c"
 * and the parameter x, "1 2". What comes out is well-formed UTF-8 without NUL. */

#include "http/http.h"

/* Fills path, segments and query of `r`; copies what it keeps. */
/* The target without `base`, "/mail", "" or NULL, if it begins so: proxies take it off, or do not.
 */
struct span target_below(struct span target, const char *base);

const struct http_fault *target_parse(struct http_request *r, struct span target);

#pragma once
/* Octets in URLs (RFC 3986 section 2.1). */

#include "core/span.h"

/* What "%2F" at the front of `s` stands for; -1 if no escape stands there. */
int percent_octet(struct span s);

#pragma once
/* Content-Type (RFC 2045 section 5.1) as nearly all senders write it: tokens, and quoted strings of
 * printable ASCII. GMime, which makes several objects for each, is left those with comments,
 * escapes, encoded words, RFC 2231 and mistakes. */

#include "core/arena.h"

struct plain_type {
    const char *type;                      /* "text/plain", lower case */
    const char *charset, *boundary, *name; /* NULL if not given */
};

/* False: not that plain; *out is untouched. */
bool plain_type_read(struct span value, struct arena *arena, struct plain_type *out);

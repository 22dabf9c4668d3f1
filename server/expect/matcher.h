#pragma once
/* A text held against what is expected of it, as JSON says:
 *
 *     "Welcome"                                 equal to it
 *     {"contains": "code", "not": {"matches": "\\d{7}"}}    all of it holds
 *
 * The operators are equals, contains, starts_with, ends_with, matches (a regular expression of
 * PCRE2, which is found anywhere unless it is anchored) and not (another expectation). */

#include "core/arena.h"

#include <jansson.h>

struct matcher;

enum {
    MATCHER_MAX_PATTERN = 1000, /* octets of a regular expression */
    MATCHER_MAX_DEPTH = 8,      /* of `not` in `not` */
};

struct matcher_reading {
    struct arena *arena; /* of all that is read */
    json_t *errors;      /* [{"field", "detail"}]; NULL: none so far. The reader's to free */
    bool ignores_case;   /* of letters in ASCII, as in addresses; regular expressions of all */
};

/* `field` is named in errors. NULL if something is wrong, which is then in `errors`. */
const struct matcher *matcher_read(struct matcher_reading *r, const char *field,
                                   const json_t *json);

/* `value` is UTF-8. A regular expression that takes more than its share of time or memory does not
 * match. */
bool matcher_holds(const struct matcher *m, struct span value);

/* Adds to `errors`. */
void matcher_blame(struct matcher_reading *r, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

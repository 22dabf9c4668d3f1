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
    /* Octets that all regular expressions of a reading take when they are compiled. */
    MATCHER_MAX_COMPILED = 1024 * 1024,
    /* That all regular expressions of a reading may take, over all that they are held against. */
    MATCHER_MAX_MS = 1000,
};

/* What the regular expressions of a reading have taken so far. */
struct matcher_effort {
    uint64_t spent_us;
    const char *given_up; /* the field of one that took too long; NULL: none did */
};

struct matcher_reading {
    struct arena *arena; /* of all that is read */
    struct matcher_effort *effort;
    json_t *errors;    /* [{"field", "detail"}]; NULL: none so far. The reader's to free */
    bool ignores_case; /* of letters in ASCII, as in addresses; regular expressions of all */
    size_t compiled;   /* octets */
};

/* `field` is named in errors. NULL if something is wrong, which is then in `errors`. */
const struct matcher *matcher_read(struct matcher_reading *r, const char *field,
                                   const json_t *json);

/* `value` is UTF-8. Means nothing if the effort says that a regular expression was given up,
 * because it took too long or too much memory: whether it matches is not known. */
bool matcher_holds(const struct matcher *m, struct span value);

/* Adds to `errors`. */
void matcher_blame(struct matcher_reading *r, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

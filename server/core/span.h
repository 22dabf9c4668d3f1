#pragma once
/* Borrowed bytes. A span is passed by value, never freed, and never assumed to end in NUL. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *ptr;
    size_t len;
};

/* A span of a string literal. */
#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })

/* For printf: printf("%.*s", SPAN_ARG(s)). */
#define SPAN_ARG(span) (int)(span).len, (span).ptr

/* `text` may be NULL: an empty span. */
struct span span_of(const char *text);

/* The bytes from `start` up to `end`; both are held to the span's length. */
struct span span_slice(struct span s, size_t start, size_t end);

bool span_eq(struct span a, struct span b);

/* As span_eq, ASCII letters compared without case. */
bool span_ieq(struct span a, struct span b);

bool span_starts_with(struct span s, struct span prefix);
bool span_istarts_with(struct span s, struct span prefix);

/* Whether `part` occurs in it, ASCII letters compared without case. */
bool span_icontains(struct span s, struct span part);

/* Where `c` first occurs, or s.len. */
size_t span_find(struct span s, char c);

/* Takes the bytes before the first `c` off the front of *s, and `c` with them; all of *s when
 * there is no `c`. */
struct span span_cut(struct span *s, char c);

/* The first byte; 0 where there is none. */
unsigned char span_front(struct span s);

/* Takes `c` off the front of *s, if it is there. */
bool span_take(struct span *s, char c);

/* Without spaces and tabs at both ends. */
struct span span_trim(struct span s);

/* Decimal digits only, the whole span, no sign, no overflow; *out untouched otherwise. */
bool parse_u64(struct span s, uint64_t *out);

/* As parse_u64, held to what an id can be: 1 to 2^63 - 1. */
bool parse_id(struct span s, int64_t *out);

#pragma once
/* Owned bytes that grow. `= { 0 }` is an empty buffer; buf_done() accepts it. */

#include "core/mem.h"
#include "core/span.h"

#include <stdarg.h>

struct buf {
    char *ptr;
    size_t len, cap;
};

void buf_done(struct buf *b);

/* As buf_done(), for secrets. */
void buf_wipe(struct buf *b);

/* Empties it and keeps its memory. */
void buf_clear(struct buf *b);

/* Room for `more` bytes behind what is there; write there, then add to `len`. */
char *buf_reserve(struct buf *b, size_t more);

void buf_append(struct buf *b, struct span bytes);
void buf_putc(struct buf *b, char c);
void buf_put_u64(struct buf *b, uint64_t number); /* in decimal digits */
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Drops `count` bytes from the front. */
void buf_consume(struct buf *b, size_t count);

/* Valid until the buffer changes. */
struct span buf_span(const struct buf *b);

/* The bytes as a C string, owned by the buffer. */
const char *buf_text(struct buf *b);

/* Gives the bytes away as a heap string that ends in NUL; the buffer is empty afterwards. */
char *buf_take(struct buf *b);

#include "core/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { BUF_MIN = 64 };

void buf_done(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){ 0 };
}

void buf_wipe(struct buf *b)
{
    mem_wipe(b->ptr, b->cap);
    buf_done(b);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
}

char *buf_reserve(struct buf *b, size_t more)
{
    size_t need = b->len + more;
    assert(need >= more);
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : BUF_MIN;
        while (cap < need)
            cap += cap / 2;
        b->ptr = xrealloc(b->ptr, cap);
        b->cap = cap;
    }
    return b->ptr + b->len;
}

void buf_append(struct buf *b, struct span bytes)
{
    if (bytes.len == 0)
        return;
    memcpy(buf_reserve(b, bytes.len), bytes.ptr, bytes.len);
    b->len += bytes.len;
}

void buf_putc(struct buf *b, char c)
{
    *buf_reserve(b, 1) = c;
    b->len++;
}

/* Most text fits into the room there is, and is formatted once. */
void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = b->cap - b->len;
    int len = vsnprintf(room ? b->ptr + b->len : NULL, room, format, args);
    assert(len >= 0);
    if ((size_t)len >= room)
        vsnprintf(buf_reserve(b, (size_t)len + 1), (size_t)len + 1, format, again);
    va_end(again);
    b->len += (size_t)len;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

void buf_put_u64(struct buf *b, uint64_t number)
{
    char digits[20];
    size_t first = sizeof(digits);
    do
        digits[--first] = (char)('0' + number % 10);
    while (number /= 10);
    buf_append(b, (struct span){ digits + first, sizeof(digits) - first });
}

void buf_consume(struct buf *b, size_t count)
{
    assert(count <= b->len);
    b->len -= count;
    if (b->len && count)
        memmove(b->ptr, b->ptr + count, b->len);
}

struct span buf_span(const struct buf *b)
{
    return (struct span){ b->ptr, b->len };
}

const char *buf_text(struct buf *b)
{
    *buf_reserve(b, 1) = '\0';
    return b->ptr;
}

char *buf_take(struct buf *b)
{
    (void)buf_text(b);
    char *text = b->ptr;
    *b = (struct buf){ 0 };
    return text;
}

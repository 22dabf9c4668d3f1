#include "core/utf8.h"

/* RFC 3629 section 4: which second octet may follow a first one. */
struct lead {
    unsigned char first, last; /* of the lead octet */
    unsigned char low, high;   /* of the second octet */
    unsigned char len;
};

/* clang-format off */
static const struct lead leads[] = {
    { 0xC2, 0xDF, 0x80, 0xBF, 2 },
    { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
    { 0xE1, 0xEC, 0x80, 0xBF, 3 },
    { 0xED, 0xED, 0x80, 0x9F, 3 },
    { 0xEE, 0xEF, 0x80, 0xBF, 3 },
    { 0xF0, 0xF0, 0x90, 0xBF, 4 },
    { 0xF1, 0xF3, 0x80, 0xBF, 4 },
    { 0xF4, 0xF4, 0x80, 0x8F, 4 },
};
/* clang-format on */

static const struct lead *find_lead(unsigned char c)
{
    for (size_t i = 0; i < ARRAY_LEN(leads); i++)
        if (c >= leads[i].first && c <= leads[i].last)
            return &leads[i];
    return NULL;
}

static bool is_tail(unsigned char c, unsigned char low, unsigned char high)
{
    return c >= low && c <= high;
}

size_t utf8_sequence(struct span s)
{
    if (s.len == 0)
        return UTF8_NOT;
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (p[0] < 0x80)
        return 1;
    const struct lead *lead = find_lead(p[0]);
    if (!lead || s.len < lead->len || !is_tail(p[1], lead->low, lead->high))
        return UTF8_NOT;
    for (size_t i = 2; i < lead->len; i++)
        if (!is_tail(p[i], 0x80, 0xBF))
            return UTF8_NOT;
    return lead->len;
}

bool utf8_is_valid(struct span s)
{
    while (s.len) {
        size_t len = utf8_sequence(s);
        if (len == UTF8_NOT)
            return false;
        s = span_slice(s, len, s.len);
    }
    return true;
}

void utf8_scrub(struct buf *out, struct span s)
{
    while (s.len) {
        size_t len = *s.ptr == '\0' ? UTF8_NOT : utf8_sequence(s);
        buf_append(out, len == UTF8_NOT ? SPAN("\xEF\xBF\xBD") : span_slice(s, 0, len));
        s = span_slice(s, len == UTF8_NOT ? 1 : len, s.len);
    }
}

struct span utf8_front(struct span s, size_t count)
{
    size_t at = 0;
    while (count-- && at < s.len) {
        size_t len = utf8_sequence(span_slice(s, at, s.len));
        at += len == UTF8_NOT ? 1 : len;
    }
    return span_slice(s, 0, at);
}

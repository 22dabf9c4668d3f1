#include "core/utf8.h"

#include <string.h>

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

size_t utf8_encode(uint32_t code, char *out)
{
    static const unsigned char firsts[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return UTF8_NOT;
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(firsts[len] | code);
    return len;
}

/* Whether the next eight octets are US-ASCII without NUL, as most are: an octet that is not has
 * its highest bit set, or gets it when 1 is subtracted. */
static bool is_plain_word(const char *octets)
{
    uint64_t word;
    memcpy(&word, octets, sizeof(word));
    return !((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080));
}

static size_t sound_step(struct span s)
{
    if (s.len >= sizeof(uint64_t) && is_plain_word(s.ptr))
        return sizeof(uint64_t);
    return *s.ptr == '\0' ? UTF8_NOT : utf8_sequence(s);
}

size_t utf8_sound_size(struct span s)
{
    struct span rest = s;
    size_t step;
    while (rest.len && (step = sound_step(rest)) != UTF8_NOT)
        rest = (struct span){ rest.ptr + step, rest.len - step };
    return s.len - rest.len;
}

bool utf8_is_valid(struct span s)
{
    return utf8_sound_size(s) == s.len;
}

void utf8_scrub(struct buf *out, struct span s)
{
    for (;;) {
        size_t sound = utf8_sound_size(s);
        buf_append(out, span_slice(s, 0, sound));
        if (sound == s.len)
            return;
        buf_append(out, SPAN("\xEF\xBF\xBD"));
        s = span_slice(s, sound + 1, s.len);
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

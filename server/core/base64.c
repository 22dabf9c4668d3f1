#include "core/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Up to three octets as four characters. */
static void encode_group(struct buf *out, struct span group)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; i++)
        bits = bits << 8 | (i < group.len ? (unsigned char)group.ptr[i] : 0U);
    for (size_t i = 0; i < 4; i++)
        buf_putc(out, i <= group.len ? alphabet[bits >> (18 - 6 * i) & 63] : '=');
}

void base64_encode(struct buf *out, struct span bytes)
{
    for (size_t at = 0; at < bytes.len; at += 3)
        encode_group(out, span_slice(bytes, at, at + 3));
}

/* -1 if `c` is none of the alphabet. */
static int digit_of(char c)
{
    const char *hit = memchr(alphabet, c, sizeof(alphabet) - 1);
    return hit ? (int)(hit - alphabet) : -1;
}

/* Four characters, `pads` of them padding, as 24 bits; false also if bits are set that padding
 * leaves without meaning. */
static bool decode_group(const char *group, size_t pads, uint32_t *out)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4 - pads; i++) {
        int digit = digit_of(group[i]);
        if (digit < 0)
            return false;
        bits |= (uint32_t)digit << (18 - 6 * i);
    }
    *out = bits;
    return (bits & ((1U << 8 * pads) - 1)) == 0;
}

static size_t count_pads(struct span text)
{
    size_t pads = 0;
    while (pads < 2 && pads < text.len && text.ptr[text.len - 1 - pads] == '=')
        pads++;
    return pads;
}

bool base64_decode(struct span text, char *out, size_t *len)
{
    if (text.len % 4)
        return false;
    size_t written = 0;
    for (size_t at = 0; at < text.len; at += 4) {
        size_t pads = at + 4 == text.len ? count_pads(text) : 0;
        uint32_t bits;
        if (!decode_group(text.ptr + at, pads, &bits))
            return false;
        for (size_t i = 0; i < 3 - pads; i++)
            out[written++] = (char)(bits >> (16 - 8 * i));
    }
    *len = written;
    return true;
}

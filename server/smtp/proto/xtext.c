#include "smtp/proto/xtext.h"

#include "core/utf8.h"

#include <string.h>

enum { MAX_HEX_DIGITS = 6 };

/* -1 if `c` is none. Lower case is none either: RFC 3461 4 and RFC 6533 3 want upper case. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* All of `digits`, at least two and no more than an octet or a code point needs. */
static bool parse_hex(struct span digits, uint32_t *out)
{
    uint32_t value = 0;
    if (digits.len < 2 || digits.len > MAX_HEX_DIGITS)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = hex_digit(digits.ptr[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return true;
}

static bool is_plain(char c)
{
    return c > ' ' && c <= '~' && c != '+' && c != '=';
}

bool smtp_xtext_decode(struct span text, char *out, size_t *len)
{
    size_t written = 0;
    while (text.len) {
        uint32_t octet = (unsigned char)*text.ptr;
        size_t used = 1;
        if (*text.ptr == '+') {
            used = 3;
            if (text.len < used || !parse_hex(span_slice(text, 1, used), &octet))
                return false;
        } else if (!is_plain(*text.ptr)) {
            return false;
        }
        out[written++] = (char)octet;
        text = span_slice(text, used, text.len);
    }
    *len = written;
    return true;
}

/* Takes "\x{FC}" off the front of *text; no more octets are written than were taken. */
static bool take_code_point(struct span *text, char *out, size_t *written)
{
    size_t end = span_find(*text, '}');
    uint32_t code;
    if (!span_starts_with(*text, SPAN("\\x{")) || end == text->len ||
        !parse_hex(span_slice(*text, 3, end), &code))
        return false;
    size_t len = utf8_encode(code, out + *written);
    *written += len;
    *text = span_slice(*text, end + 1, text->len);
    return len > 0;
}

bool smtp_unitext_decode(struct span text, bool allows_utf8, char *out, size_t *len)
{
    size_t written = 0;
    while (text.len) {
        size_t used = utf8_sequence(text);
        if (*text.ptr == '\\') {
            if (!take_code_point(&text, out, &written))
                return false;
            continue;
        }
        if (used == UTF8_NOT || (used == 1 ? !is_plain(*text.ptr) : !allows_utf8))
            return false;
        memcpy(out + written, text.ptr, used);
        written += used;
        text = span_slice(text, used, text.len);
    }
    *len = written;
    return true;
}

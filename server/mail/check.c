#include "mail/check.h"

#include "core/utf8.h"
#include "mail/charset.h"

#include <string.h>

enum { ENCODED_LINE_MAX = 76 };

/* Text that names no charset is US-ASCII (RFC 2046 section 4.1.2). Of other charsets than these,
 * nearly any octets are text. */
static enum check_text text_of(const struct mail_part *part)
{
    if (!span_starts_with(span_of(part->content_type), SPAN("text/")))
        return CHECK_NO_TEXT;
    if (!part->charset || span_ieq(span_of(part->charset), SPAN("us-ascii")))
        return CHECK_ASCII;
    const char *canonical = charset_canonical(span_of(part->charset));
    return canonical && strcmp(canonical, "UTF-8") == 0 ? CHECK_UTF8 : CHECK_NO_TEXT;
}

void check_init(struct check *c, const struct mail_part *part)
{
    *c = (struct check){ .encoding = part->encoding, .text = text_of(part) };
}

/* ---- encoded ---- */

/* Eight octets at a time. */
static bool is_ascii(struct span s)
{
    uint64_t seen = 0, eight;
    size_t i = 0;
    for (; i + sizeof(eight) <= s.len; i += sizeof(eight)) {
        memcpy(&eight, s.ptr + i, sizeof(eight));
        seen |= eight;
    }
    for (; i < s.len; i++)
        seen |= (unsigned char)s.ptr[i];
    return !(seen & UINT64_C(0x8080808080808080));
}

static void check_line(struct check *c, char octet)
{
    if (octet == '\n')
        c->column = 0;
    else if (octet != '\r' && ++c->column > ENCODED_LINE_MAX)
        c->faults |= MAIL_FAULT_ENCODED_LINE;
}

static bool is_base64_digit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

static void check_base64(struct check *c, struct span octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        char octet = octets.ptr[i];
        check_line(c, octet);
        if (is_base64_digit(octet)) {
            c->digits++;
            if (c->padding)
                c->faults |= MAIL_FAULT_BASE64;
        } else if (octet == '=') {
            c->padding++;
        } else if (octet != '\r' && octet != '\n') {
            c->faults |= MAIL_FAULT_BASE64;
        }
    }
}

static bool is_hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Behind "=": two digits, or blanks and a line end. */
static void check_behind_equals(struct check *c, char octet)
{
    bool is_digit = is_hex_digit(octet);
    bool is_line_end = octet == '\n';
    bool is_white = octet == ' ' || octet == '\t' || octet == '\r';
    if (is_line_end || (is_digit && c->is_hex)) {
        c->equals = 0;
        if (is_line_end && c->is_hex)
            c->faults |= MAIL_FAULT_QUOTED_PRINTABLE;
    } else if (is_digit && c->equals == 1) {
        c->is_hex = true;
    } else if (!is_white || c->is_hex) {
        c->faults |= MAIL_FAULT_QUOTED_PRINTABLE;
        c->equals = 0;
        return;
    }
    if (c->equals)
        c->equals++;
}

static void check_quoted_printable(struct check *c, struct span octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        char octet = octets.ptr[i];
        check_line(c, octet);
        if (c->equals) {
            check_behind_equals(c, octet);
        } else if (octet == '=') {
            c->equals = 1;
            c->is_hex = false;
        } else if ((unsigned char)octet > '~') {
            c->faults |= MAIL_FAULT_QUOTED_PRINTABLE;
        }
    }
}

void check_encoded(struct check *c, struct span octets)
{
    switch (c->encoding) {
    case MAIL_BASE64:
        check_base64(c, octets);
        base64_lines_push(&c->lines, octets);
        break;
    case MAIL_QUOTED_PRINTABLE: check_quoted_printable(c, octets); break;
    case MAIL_7BIT:
        if (!is_ascii(octets))
            c->faults |= MAIL_FAULT_EIGHT_BIT;
        break;
    case MAIL_8BIT:
    case MAIL_BINARY:
    case MAIL_UUENCODE: break;
    }
}

/* ---- decoded ---- */

/* Whether it could be the front of a character. */
static bool may_go_on(struct span s)
{
    return s.len > 0 && s.len < 4 && (unsigned char)*s.ptr >= 0xC2;
}

static void check_utf8(struct check *c, struct span octets)
{
    char joined[sizeof(c->held) + 4];
    while (c->held_len && octets.len) { /* the rest of the character comes octet by octet */
        memcpy(joined, c->held, c->held_len);
        joined[c->held_len] = *octets.ptr;
        octets = span_slice(octets, 1, octets.len);
        struct span front = { joined, c->held_len + 1 };
        size_t len = utf8_sequence(front);
        c->held_len = len == UTF8_NOT ? front.len : 0;
        memcpy(c->held, joined, c->held_len);
        if (len == UTF8_NOT && !may_go_on(front)) {
            c->faults |= MAIL_FAULT_NOT_IN_CHARSET;
            c->held_len = 0;
        }
    }
    struct span rest = span_slice(octets, utf8_sound_size(octets), octets.len);
    if (rest.len && !may_go_on(rest))
        c->faults |= MAIL_FAULT_NOT_IN_CHARSET;
    else if (rest.len)
        memcpy(c->held, rest.ptr, c->held_len = rest.len);
}

void check_decoded(struct check *c, struct span octets)
{
    if (c->text == CHECK_ASCII && !is_ascii(octets))
        c->faults |= MAIL_FAULT_NOT_IN_CHARSET;
    if (c->text == CHECK_UTF8 && !(c->faults & MAIL_FAULT_NOT_IN_CHARSET))
        check_utf8(c, octets);
}

/* ---- the end ---- */

unsigned check_finish(struct check *c)
{
    bool is_base64 = c->encoding == MAIL_BASE64;
    if (is_base64 && ((c->digits + c->padding) % 4 || c->padding > 2))
        c->faults |= MAIL_FAULT_BASE64;
    if (c->equals && c->is_hex)
        c->faults |= MAIL_FAULT_QUOTED_PRINTABLE;
    if (c->held_len)
        c->faults |= MAIL_FAULT_NOT_IN_CHARSET;
    return c->faults;
}

size_t check_line_length(const struct check *c)
{
    return c->faults & MAIL_FAULT_BASE64 ? 0 : base64_lines_length(&c->lines);
}

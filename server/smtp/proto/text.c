#include "smtp/proto/text.h"

#include <string.h>

static void note(struct smtp_text *t, unsigned bit, uint64_t *line)
{
    t->notes |= bit;
    if (*line == 0)
        *line = t->ended_lines + 1;
}

static bool is_8bit(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return true;
    return false;
}

/* Whether all octets are US-ASCII and none is NUL, eight at a time: an octet that is not has its
 * highest bit set, or gets it when 1 is subtracted. */
static bool is_plain(struct span s)
{
    size_t at = 0;
    uint64_t word, odd = 0;
    for (; at + sizeof(word) <= s.len; at += sizeof(word)) {
        memcpy(&word, s.ptr + at, sizeof(word));
        odd |= word | (word - UINT64_C(0x0101010101010101));
    }
    struct span rest = span_slice(s, at, s.len);
    return !(odd & UINT64_C(0x8080808080808080)) && span_find(rest, '\0') == rest.len &&
           !is_8bit(rest);
}

/* Up to and without LF; `part` may be the end of a line that came in pieces. */
static void look_at_part(struct smtp_text *t, struct span part, bool is_plain_part)
{
    if (part.len == 0)
        return;
    if (t->last == '\r' || span_find(part, '\r') < part.len - 1)
        note(t, SMTP_NOTE_BARE_CR_BODY, &t->lines.bare_cr);
    if (!is_plain_part && span_find(part, '\0') < part.len)
        note(t, SMTP_NOTE_NUL_BODY, &t->lines.nul);
    if (!is_plain_part && is_8bit(part))
        note(t, SMTP_NOTE_8BIT_BODY, &t->lines.eight_bit);
    t->line_bytes += part.len;
    t->last = part.ptr[part.len - 1];
}

static void end_line(struct smtp_text *t)
{
    bool is_crlf = t->last == '\r';
    if (!is_crlf)
        note(t, SMTP_NOTE_BARE_LF_BODY, &t->lines.bare_lf);
    if (t->line_bytes - (is_crlf ? 1 : 0) > SMTP_MAX_TEXT_LINE)
        note(t, SMTP_NOTE_LONG_BODY_LINE, &t->lines.long_line);
    t->ended_lines++;
    t->line_bytes = 0;
    t->last = '\n';
}

void smtp_text_look(struct smtp_text *t, struct span octets)
{
    bool is_plain_part = is_plain(octets);
    while (octets.len) {
        size_t lf = span_find(octets, '\n');
        look_at_part(t, span_slice(octets, 0, lf), is_plain_part);
        if (lf == octets.len)
            return;
        end_line(t);
        octets = span_slice(octets, lf + 1, octets.len);
    }
}

void smtp_text_end(struct smtp_text *t)
{
    if (t->last == '\r')
        note(t, SMTP_NOTE_BARE_CR_BODY, &t->lines.bare_cr);
    if (t->line_bytes > SMTP_MAX_TEXT_LINE)
        note(t, SMTP_NOTE_LONG_BODY_LINE, &t->lines.long_line);
    if (t->line_bytes)
        note(t, SMTP_NOTE_UNENDED_BODY, &t->lines.unended);
}

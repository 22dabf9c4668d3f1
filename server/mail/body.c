#include "mail/body.h"

#include "core/utf8.h"
#include "mail/html.h"
#include "mail/part.h"

#include <string.h>

enum { NO_PART = -1 };

static bool has_type(const struct mail_part *part, const char *type)
{
    return strcmp(part->content_type, type) == 0;
}

/* What an embedded message holds belongs to that, so the walk steps over it. */
static size_t next_part(const struct mail *m, size_t index)
{
    return part_is_message(&m->parts[index]) ? part_end(m, index) : index + 1;
}

/* ---- attachments ---- */

static bool is_sent_as_attachment(const struct mail_part *part)
{
    return part->disposition && strcmp(part->disposition, "attachment") == 0;
}

/* A message that is one text is read even if the text has a name. */
static bool is_attachment(const struct mail *m, const struct mail_part *part)
{
    if (part_is_multipart(part))
        return false;
    if (is_sent_as_attachment(part) ||
        !span_starts_with(span_of(part->content_type), SPAN("text/")))
        return true;
    return part->filename && m->part_count > 1;
}

/* ---- the text ---- */

static bool is_shown_as(const struct mail_part *part, const char *type)
{
    return has_type(part, type) && !part->is_attachment;
}

static int first_of_type(const struct mail *m, size_t from, size_t to, const char *type)
{
    for (size_t i = from; i < to; i = next_part(m, i))
        if (is_shown_as(&m->parts[i], type))
            return (int)i;
    return NO_PART;
}

/* The alternatives that come first are the body; text beside them may be the footer of a list. */
static void find_text(struct mail *m, const char *type, int *out)
{
    for (size_t i = 0; i < m->part_count && *out == NO_PART; i = next_part(m, i))
        if (has_type(&m->parts[i], "multipart/alternative"))
            *out = first_of_type(m, i, part_end(m, i), type);
    if (*out == NO_PART)
        *out = first_of_type(m, 0, m->part_count, type);
}

void body_find(struct mail *m)
{
    for (size_t i = 0; i < m->part_count; i = next_part(m, i))
        m->parts[i].is_attachment = is_attachment(m, &m->parts[i]);
    m->text_part = m->html_part = NO_PART;
    find_text(m, "text/plain", &m->text_part);
    find_text(m, "text/html", &m->html_part);
}

/* ---- text as a reader sees it ---- */

static int64_t append_some(struct mail_decoder *d, struct html *html, struct buf *out)
{
    char bytes[1024];
    int64_t got = mail_decoder_read(d, bytes, sizeof(bytes));
    struct span piece = { bytes, got > 0 ? (size_t)got : 0 };
    if (html)
        html_push(html, piece, out);
    else
        buf_append(out, piece);
    return got;
}

/* Stopping somewhere may have cut the last character. */
static void drop_cut_character(struct buf *text)
{
    if (text->len == 0)
        return;
    size_t lead = text->len;
    while (lead && text->len - lead < 4 && ((unsigned char)text->ptr[lead - 1] & 0xC0) == 0x80)
        lead--;
    struct span last = { text->ptr + (lead ? lead - 1 : 0), text->len - (lead ? lead - 1 : 0) };
    if (!utf8_is_valid(last))
        text->len -= last.len;
}

int mail_text(const struct source *raw, const struct mail_part *part, size_t max, struct buf *out)
{
    struct html reader = { 0 };
    struct html *html = has_type(part, "text/html") ? &reader : NULL;
    struct mail_decoder *d = mail_decoder_new(raw, part, true);
    size_t start = out->len;
    uint64_t done = 0;
    int64_t got;
    do {
        got = append_some(d, html, out);
        done += got > 0 ? (uint64_t)got : 0;
    } while (got > 0 && out->len - start < max && done / MAIL_TEXT_EFFORT < max);
    if (html && got == 0)
        html_end(html, out);
    drop_cut_character(out);
    mail_decoder_free(d);
    return got < 0 ? (int)got : 0;
}

/* ---- the preview ---- */

/* Octets: what is enough for the preview's characters, each as long as UTF-8 has them. */
enum { TEXT_ENOUGH = 2 * 4 * MAIL_PREVIEW_CHARACTERS };

/* How long the white space at the front is; a no-break space counts as such. */
static size_t white_size(struct span s)
{
    size_t at = 0;
    while (at < s.len) {
        if (s.ptr[at] == ' ' || (s.ptr[at] >= '\t' && s.ptr[at] <= '\r'))
            at++;
        else if (s.ptr[at] == '\xC2' && at + 1 < s.len && s.ptr[at + 1] == '\xA0')
            at += 2;
        else
            break;
    }
    return at;
}

static size_t word_size(struct span s)
{
    size_t at = 1;
    while (at < s.len && (unsigned char)s.ptr[at] > ' ' && s.ptr[at] != '\xC2')
        at++;
    return at;
}

/* Of well-formed UTF-8: the octets that are no tails. */
static size_t count_characters(struct span s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* As many words as the preview has characters for, and the one that goes beyond. */
static void fold_white(struct buf *out, struct span s)
{
    size_t count = 0;
    s = span_slice(s, white_size(s), s.len);
    while (s.len && count < MAIL_PREVIEW_CHARACTERS) {
        size_t word = word_size(s);
        buf_append(out, span_slice(s, 0, word));
        count += count_characters(span_slice(s, 0, word));
        size_t white = white_size(span_slice(s, word, s.len));
        if (white)
            buf_putc(out, ' ');
        count += white > 0;
        s = span_slice(s, word + white, s.len);
    }
}

static void read_folded(const struct source *raw, const struct mail *m, int part, struct buf *out)
{
    struct buf text AUTO(buf_done) = { 0 };
    if (part == NO_PART)
        return;
    (void)mail_text(raw, &m->parts[part], TEXT_ENOUGH, &text); /* what it read till it failed */
    fold_white(out, buf_span(&text));
}

const char *body_preview(const struct source *raw, const struct mail *m, struct arena *arena)
{
    struct buf folded AUTO(buf_done) = { 0 };
    read_folded(raw, m, m->text_part, &folded);
    if (folded.len == 0)
        read_folded(raw, m, m->html_part, &folded);
    return arena_copy(arena, span_trim(utf8_front(buf_span(&folded), MAIL_PREVIEW_CHARACTERS)));
}

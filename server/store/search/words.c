#include "store/search/words.h"

#include "store/search/fold.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- lines ---- */

static size_t begin_line(struct buf *out, const char *tag)
{
    size_t start = out->len;
    buf_append(out, span_of(tag));
    buf_putc(out, ' ');
    return start;
}

/* Takes a line without words away again. */
static void end_line(struct buf *out, size_t start, const char *tag)
{
    if (out->len == start + strlen(tag) + 1)
        out->len = start;
    else
        buf_putc(out, '\0');
}

static void put_words(struct buf *out, const char *tag, struct span text, size_t max)
{
    size_t start = begin_line(out, tag);
    fold_words(out, text, max);
    end_line(out, start, tag);
}

static void put_whole(struct buf *out, const char *tag, const char *text)
{
    size_t start = begin_line(out, tag);
    fold_whole(out, span_of(text));
    end_line(out, start, tag);
}

static void put_number(struct buf *out, const char *tag, int64_t number)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRId64, number);
    put_whole(out, tag, digits);
}

bool words_next(struct span *kept, struct words_line *out)
{
    size_t end = span_find(*kept, '\0');
    struct span line = span_slice(*kept, 0, end);
    size_t tag = span_find(line, ' ');
    if (end == kept->len || tag == line.len)
        return false;
    out->tag = span_slice(line, 0, tag);
    out->words = span_slice(line, tag, line.len);
    *kept = span_slice(*kept, end + 1, kept->len);
    return true;
}

/* ---- addresses ---- */

/* An address is found by its words, and by itself and its domain as a whole, "@shop.test". Those
 * follow no words, so they are in a line of their own. */
static void put_address(struct buf *out, const char *tag, const char *name, const char *address)
{
    const char *at = strrchr(address, '@');
    size_t start = begin_line(out, tag);
    fold_words(out, span_of(name), WORDS_MAX_OTHER);
    fold_words(out, span_of(address), WORDS_MAX_OTHER);
    end_line(out, start, tag);
    if (!at)
        return;
    start = begin_line(out, tag);
    fold_whole(out, span_of(address));
    fold_whole(out, span_of(at));
    end_line(out, start, tag);
}

static void put_addresses(struct buf *out, const char *tag, const struct mail_addresses *list,
                          size_t end)
{
    for (size_t i = 0; i < list->count && out->len < end; i++)
        put_address(out, tag, list->items[i].name, list->items[i].address);
}

static bool is_addressed_to(const struct mail_addresses *list, struct span address)
{
    for (size_t i = 0; i < list->count; i++)
        if (span_ieq(span_of(list->items[i].address), address))
            return true;
    return false;
}

/* As the API has it, who got the message without being named in it is a Bcc. */
static bool is_hidden(const struct mail *m, struct span address)
{
    return !is_addressed_to(&m->to, address) && !is_addressed_to(&m->cc, address) &&
           !is_addressed_to(&m->bcc, address);
}

static void put_recipients(struct buf *out, const struct store_message *m, size_t end)
{
    for (size_t i = 0; i < m->envelope.recipient_count && out->len < end; i++) {
        const char *address = m->envelope.recipients[i].address;
        put_address(out, WORDS_RCPT, "", address);
        if (is_hidden(&m->mail, span_of(address)))
            put_address(out, WORDS_BCC, "", address);
    }
}

static void put_all_addresses(struct buf *out, const struct store_message *m)
{
    size_t end = out->len + WORDS_MAX_ADDRESSES;
    put_addresses(out, WORDS_FROM, &m->mail.from, end);
    put_addresses(out, WORDS_REPLY_TO, &m->mail.reply_to, end);
    put_addresses(out, WORDS_TO, &m->mail.to, end);
    put_addresses(out, WORDS_CC, &m->mail.cc, end);
    put_addresses(out, WORDS_BCC, &m->mail.bcc, end);
    put_address(out, WORDS_ENVELOPE_FROM, "", m->envelope.from);
    put_recipients(out, m, end);
}

/* ---- header fields ---- */

/* Those that have lines of their own. */
static bool has_own_line(struct span name)
{
    static const char *const names[] = {
        "from", "reply-to", "to", "cc", "subject", "message-id",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (span_ieq(name, span_of(names[i])))
            return true;
    return false;
}

/* Stands there without words too: `header:Name` asks whether there is such a field. */
static void put_header(struct buf *out, const struct mail_header *h)
{
    buf_append(out, SPAN(WORDS_HEADER ":"));
    fold_whole(out, span_of(h->name));
    if (!has_own_line(span_of(h->name)))
        fold_words(out, span_of(h->value), WORDS_MAX_HEADER);
    buf_putc(out, '\0');
}

static void put_headers(struct buf *out, const struct mail_content *content)
{
    size_t end = out->len + WORDS_MAX_HEADERS;
    for (size_t i = 0; i < content->header_count && out->len < end; i++)
        put_header(out, &content->headers[i]);
}

/* ---- parts, warnings ---- */

static bool is_inline(const struct mail_part *part)
{
    return part->disposition ? strcmp(part->disposition, "inline") == 0 : part->content_id != NULL;
}

static void put_file_names(struct buf *out, const struct mail *m)
{
    size_t end = out->len + WORDS_MAX_OTHER;
    for (size_t i = 0; i < m->part_count && out->len < end; i++)
        if (m->parts[i].is_attachment && m->parts[i].filename)
            put_words(out, WORDS_FILENAME, span_of(m->parts[i].filename), WORDS_MAX_OTHER);
}

static void put_warnings(struct buf *out, const struct store_message *m)
{
    size_t end = out->len + WORDS_MAX_OTHER;
    for (size_t i = 0; i < m->warning_count && out->len < end; i++)
        put_whole(out, WORDS_WARNING, m->warnings[i].code);
}

static void put_facts(struct buf *out, const struct store_message *m)
{
    bool has_attachment = false;
    bool has_inline = false;
    for (size_t i = 0; i < m->mail.part_count; i++) {
        bool is_attachment = m->mail.parts[i].is_attachment;
        has_inline |= is_attachment && is_inline(&m->mail.parts[i]);
        has_attachment |= is_attachment && !is_inline(&m->mail.parts[i]);
    }
    const struct {
        const char *name;
        bool holds;
    } facts[] = {
        { WORDS_HAS_ANYTHING, true },
        { WORDS_HAS_ATTACHMENT, has_attachment },
        { WORDS_HAS_INLINE, has_inline },
        { WORDS_HAS_HTML, m->mail.html_part >= 0 },
        { WORDS_HAS_WARNING, m->warning_count > 0 },
    };
    size_t start = begin_line(out, WORDS_HAS);
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        if (facts[i].holds)
            fold_whole(out, span_of(facts[i].name));
    end_line(out, start, WORDS_HAS);
}

/* ---- the whole ---- */

void words_write(const struct store_message *m, const struct mail_content *content, struct buf *out)
{
    put_facts(out, m);
    if (m->session_id)
        put_number(out, WORDS_SESSION, m->session_id);
    put_whole(out, WORDS_IP, m->client.ip);
    put_whole(out, WORDS_HELO, m->client.helo);
    put_all_addresses(out, m);
    put_words(out, WORDS_SUBJECT, span_of(m->mail.subject), WORDS_MAX_OTHER);
    put_whole(out, WORDS_MESSAGE_ID, m->mail.message_id);
    put_file_names(out, &m->mail);
    put_warnings(out, m);
    put_headers(out, content);
    put_words(out, WORDS_TEXT, content->text, WORDS_MAX_TEXT);
    put_words(out, WORDS_TEXT, content->html, WORDS_MAX_TEXT);
}

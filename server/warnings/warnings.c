#include "warnings/warnings.h"

#include "core/clock.h"
#include "core/utf8.h"
#include "warnings/fields.h"
#include "warnings/syntax.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* The detail is put into `detail`, if there is more to say than the rule's own. */
typedef bool rule_test(const struct facts *f, struct buf *detail);

enum scope { OF_MESSAGE = 1 << 0, OF_SESSION = 1 << 1, OF_BOTH = OF_MESSAGE | OF_SESSION };

/* One of the three says when the rule applies. */
struct warning_rule {
    const char *code;
    enum scope scope;
    unsigned note;  /* enum smtp_note */
    unsigned fault; /* enum mail_fault, of some part */
    rule_test *test;
    const char *detail; /* what is wrong, where the test does not say it */
    const char *reference;
};

static bool has_field(const struct facts *f, enum known_field field)
{
    return f->fields[field].first != NULL;
}

static const char *value_of(const struct facts *f, enum known_field field)
{
    return has_field(f, field) ? f->fields[field].first->value : "";
}

static struct span raw_of(const struct facts *f, enum known_field field)
{
    return has_field(f, field) ? span_of(f->fields[field].first->raw) : SPAN("");
}

enum { QUOTED_MAX = 80 };

static void put_quoted(struct span text, struct buf *detail)
{
    buf_putc(detail, '"');
    for (size_t i = 0; i < text.len && i < QUOTED_MAX; i++)
        buf_putc(detail, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
    buf_putc(detail, '"');
}

static bool lacks(const struct facts *f, enum known_field field)
{
    return !has_field(f, field);
}

static bool is_repeated(const struct facts *f, enum known_field field, struct buf *detail)
{
    if (f->fields[field].count < 2)
        return false;
    buf_printf(detail, "%s stands there %zu times", field_name(field), f->fields[field].count);
    return true;
}

/* ---- Date ---- */

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static bool date_missing(const struct facts *f, struct buf *detail)
{
    (void)detail;
    return lacks(f, FIELD_DATE);
}

static bool date_repeated(const struct facts *f, struct buf *detail)
{
    return is_repeated(f, FIELD_DATE, detail);
}

static bool date_malformed(const struct facts *f, struct buf *detail)
{
    const char *fault = has_field(f, FIELD_DATE) ? syntax_date(raw_of(f, FIELD_DATE)) : NULL;
    if (!fault)
        return false;
    put_quoted(span_of(value_of(f, FIELD_DATE)), detail);
    buf_printf(detail, " %s", fault);
    return true;
}

static bool date_ahead(const struct facts *f, struct buf *detail)
{
    int64_t ahead_ms = f->message->mail.date_ms - f->message->received_at_ms;
    if (!f->message->mail.has_date || ahead_ms <= DAY_MS)
        return false;
    buf_printf(detail, "Date is %" PRId64 " days in the future", ahead_ms / DAY_MS);
    return true;
}

/* ---- From and Sender ---- */

static bool from_missing(const struct facts *f, struct buf *detail)
{
    (void)detail;
    return lacks(f, FIELD_FROM);
}

static bool from_repeated(const struct facts *f, struct buf *detail)
{
    return is_repeated(f, FIELD_FROM, detail);
}

static bool sender_missing(const struct facts *f, struct buf *detail)
{
    size_t authors = f->message->mail.from.count;
    if (f->fields[FIELD_FROM].count != 1 || authors < 2 || has_field(f, FIELD_SENDER))
        return false;
    buf_printf(detail, "From names %zu authors, and no Sender says who sent it", authors);
    return true;
}

/* ---- Message-ID ---- */

static bool id_missing(const struct facts *f, struct buf *detail)
{
    (void)detail;
    return lacks(f, FIELD_MESSAGE_ID);
}

static bool id_repeated(const struct facts *f, struct buf *detail)
{
    return is_repeated(f, FIELD_MESSAGE_ID, detail);
}

static bool id_malformed(const struct facts *f, struct buf *detail)
{
    if (!has_field(f, FIELD_MESSAGE_ID) || syntax_are_ids(raw_of(f, FIELD_MESSAGE_ID), 1))
        return false;
    put_quoted(raw_of(f, FIELD_MESSAGE_ID), detail);
    buf_printf(detail, " is not of the form <left@right>");
    return true;
}

static bool references_malformed(const struct facts *f, struct buf *detail)
{
    static const enum known_field fields[] = { FIELD_IN_REPLY_TO, FIELD_REFERENCES };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (!has_field(f, fields[i]) || syntax_are_ids(raw_of(f, fields[i]), SIZE_MAX))
            continue;
        buf_printf(detail, "%s: ", field_name(fields[i]));
        put_quoted(raw_of(f, fields[i]), detail);
        buf_printf(detail, " is no list of <left@right>");
        return true;
    }
    return false;
}

/* ---- other fields ---- */

static bool field_repeated(const struct facts *f, struct buf *detail)
{
    static const enum known_field once[] = {
        FIELD_SENDER,
        FIELD_REPLY_TO,
        FIELD_TO,
        FIELD_CC,
        FIELD_BCC,
        FIELD_IN_REPLY_TO,
        FIELD_REFERENCES,
        FIELD_SUBJECT,
        FIELD_MIME_VERSION,
        FIELD_CONTENT_TYPE,
        FIELD_CONTENT_TRANSFER_ENCODING,
    };
    for (size_t i = 0; i < ARRAY_LEN(once); i++)
        if (is_repeated(f, once[i], detail))
            return true;
    return false;
}

static bool destination_missing(const struct facts *f, struct buf *detail)
{
    (void)detail;
    return lacks(f, FIELD_TO) && lacks(f, FIELD_CC) && lacks(f, FIELD_BCC);
}

static bool bcc_left(const struct facts *f, struct buf *detail)
{
    if (f->message->mail.bcc.count == 0)
        return false;
    buf_printf(detail, "every recipient can read that %s got it too",
               f->message->mail.bcc.items[0].address);
    return true;
}

static bool return_path_given(const struct facts *f, struct buf *detail)
{
    (void)detail;
    return has_field(f, FIELD_RETURN_PATH);
}

static void put_fault(const struct syntax_fault *fault, struct buf *detail)
{
    if (fault->entry.len == 0) {
        buf_printf(detail, "an address is missing");
        return;
    }
    put_quoted(fault->entry, detail);
    buf_printf(detail, fault->rest.len ? " is no address" : " is no whole address");
    if (fault->rest.len == 0 || fault->rest.len == fault->entry.len)
        return;
    buf_printf(detail, ": it goes wrong at ");
    put_quoted(fault->rest, detail);
}

static bool address_malformed(const struct facts *f, struct buf *detail)
{
    static const enum known_field lists[] = { FIELD_FROM, FIELD_SENDER, FIELD_REPLY_TO, FIELD_TO,
                                              FIELD_CC };
    struct syntax_fault fault;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (!has_field(f, lists[i]) || syntax_is_list(raw_of(f, lists[i]), &fault))
            continue;
        buf_printf(detail, "%s: ", field_name(lists[i]));
        put_fault(&fault, detail);
        return true;
    }
    return false;
}

/* ---- what stands in fields ---- */

static bool field_malformed(const struct facts *f, struct buf *detail)
{
    if (!f->given->stray)
        return false;
    put_quoted(span_of(f->given->stray), detail);
    buf_printf(detail, " stands in the header, and is no field");
    return true;
}

typedef bool field_test(const struct facts *f, const struct mail_header *header);

static bool some_field(const struct facts *f, field_test *test, const char *what,
                       struct buf *detail)
{
    for (size_t i = 0; i < f->given->header_count; i++) {
        const struct mail_header *header = &f->given->headers[i];
        if (!test(f, header))
            continue;
        buf_printf(detail, "%.80s %s", header->name, what);
        return true;
    }
    return false;
}

static bool has_eight_bit(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text > 127)
            return true;
    return false;
}

static bool is_unencoded(const struct facts *f, const struct mail_header *header)
{
    return !f->message->envelope.smtputf8 && has_eight_bit(header->raw);
}

static bool header_unencoded(const struct facts *f, struct buf *detail)
{
    return some_field(f, is_unencoded, "holds text that is neither ASCII nor encoded", detail);
}

/* What cannot be decoded stays as it is. */
static bool holds_encoded_word(const struct facts *f, const struct mail_header *header)
{
    const char *word = strstr(header->value, "=?");
    (void)f;
    return word && strstr(word + 2, "?=");
}

static bool encoded_word_bad(const struct facts *f, struct buf *detail)
{
    return some_field(f, holds_encoded_word, "holds an encoded word that cannot be decoded",
                      detail);
}

static bool holds_control(const struct facts *f, const struct mail_header *header)
{
    (void)f;
    for (const char *c = header->raw; *c; c++)
        if (iscntrl((unsigned char)*c) && !strchr("\t\r\n", *c))
            return true;
    return false;
}

static bool header_control(const struct facts *f, struct buf *detail)
{
    return some_field(f, holds_control, "holds a control character", detail);
}

/* A continuation line of blanks alone. */
static bool has_blank_fold(const struct facts *f, const struct mail_header *header)
{
    (void)f;
    for (const char *line = strchr(header->raw, '\n'); line; line = strchr(line + 1, '\n')) {
        size_t blanks = strspn(line + 1, " \t");
        if (blanks && (line[1 + blanks] == '\r' || line[1 + blanks] == '\n'))
            return true;
    }
    return false;
}

static bool fold_blank(const struct facts *f, struct buf *detail)
{
    return some_field(f, has_blank_fold, "is folded with a line of nothing but blanks", detail);
}

/* ---- MIME ---- */

static bool mime_version_missing(const struct facts *f, struct buf *detail)
{
    (void)detail;
    return lacks(f, FIELD_MIME_VERSION) &&
           (has_field(f, FIELD_CONTENT_TYPE) || has_field(f, FIELD_CONTENT_TRANSFER_ENCODING));
}

static bool is_blocked_name(const char *name)
{
    static const char *const endings[] = {
        ".ade", ".apk", ".bat", ".cab", ".chm", ".cmd", ".com", ".cpl", ".dll", ".dmg",
        ".exe", ".hta", ".ins", ".iso", ".isp", ".jar", ".js",  ".jse", ".lib", ".lnk",
        ".mde", ".msc", ".msi", ".msp", ".mst", ".nsh", ".pif", ".ps1", ".scr", ".sct",
        ".shb", ".sys", ".vb",  ".vbe", ".vbs", ".vhd", ".wsc", ".wsf", ".wsh",
    };
    const char *ending = name ? strrchr(name, '.') : NULL;
    for (size_t i = 0; ending && i < ARRAY_LEN(endings); i++)
        if (strcasecmp(ending, endings[i]) == 0)
            return true;
    return false;
}

static bool attachment_blocked(const struct facts *f, struct buf *detail)
{
    const struct mail *m = &f->message->mail;
    for (size_t i = 0; i < m->part_count; i++) {
        if (!m->parts[i].is_attachment || !is_blocked_name(m->parts[i].filename))
            continue;
        buf_printf(detail, "large receivers refuse messages with files like \"%.80s\"",
                   m->parts[i].filename);
        return true;
    }
    return false;
}

/* ---- the envelope ---- */

static struct span domain_of(const char *address)
{
    const char *at = strrchr(address, '@');
    return span_of(at ? at + 1 : NULL);
}

/* Relaxed alignment, as near as it comes without a list of public suffixes. */
static bool is_within(struct span domain, struct span of)
{
    size_t front = domain.len - of.len;
    return domain.len >= of.len && span_ieq(span_slice(domain, front, domain.len), of) &&
           (front == 0 || domain.ptr[front - 1] == '.');
}

static bool sender_differs(const struct facts *f, struct buf *detail)
{
    struct span envelope = domain_of(f->message->envelope.from);
    if (f->message->mail.from.count != 1 || envelope.len == 0)
        return false;
    struct span header = domain_of(f->message->mail.from.items[0].address);
    if (header.len == 0 || is_within(envelope, header) || is_within(header, envelope))
        return false;
    buf_printf(detail, "MAIL FROM is of %.*s, From of %.*s", SPAN_ARG(envelope), SPAN_ARG(header));
    return true;
}

/* A name of one label, which nobody else can look up. */
static bool is_local_name(struct span domain)
{
    return domain.len && domain.ptr[0] != '[' && span_find(domain, '.') == domain.len;
}

static bool sender_not_qualified(const struct facts *f, struct buf *detail)
{
    const struct mail_addresses *from = &f->message->mail.from;
    const char *bad =
        is_local_name(domain_of(f->message->envelope.from)) ? f->message->envelope.from : NULL;
    for (size_t i = 0; i < from->count && !bad; i++)
        if (is_local_name(domain_of(from->items[i].address)))
            bad = from->items[i].address;
    if (!bad)
        return false;
    put_quoted(span_of(bad), detail);
    buf_printf(detail, " is of a domain without a dot, which nobody else knows");
    return true;
}

static bool is_listed(const char *address, const struct mail_addresses *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcasecmp(list->items[i].address, address) == 0)
            return true;
    return false;
}

static bool recipients_differ(const struct facts *f, struct buf *detail)
{
    const struct mail *m = &f->message->mail;
    const struct store_envelope *e = &f->message->envelope;
    (void)detail;
    if (m->to.count + m->cc.count == 0 || e->recipient_count == 0)
        return false;
    for (size_t i = 0; i < e->recipient_count; i++)
        if (is_listed(e->recipients[i].address, &m->to) ||
            is_listed(e->recipients[i].address, &m->cc) ||
            is_listed(e->recipients[i].address, &m->bcc))
            return false;
    return true;
}

enum { USUAL_RECIPIENTS = 100, USUAL_BYTES = 25 * 1000 * 1000 };

static bool many_recipients(const struct facts *f, struct buf *detail)
{
    size_t count = f->message->envelope.recipient_count;
    if (count <= USUAL_RECIPIENTS)
        return false;
    buf_printf(detail, "%zu recipients; servers need not take more than %d", count,
               USUAL_RECIPIENTS);
    return true;
}

static bool large_message(const struct facts *f, struct buf *detail)
{
    if (f->message->size <= USUAL_BYTES)
        return false;
    buf_printf(detail, "%" PRIu64 " octets; large receivers refuse more than 25 MB",
               f->message->size);
    return true;
}

static bool size_understated(const struct facts *f, struct buf *detail)
{
    if (f->given->declared_size == 0 || f->message->size <= f->given->declared_size)
        return false;
    buf_printf(detail, "SIZE=%" PRIu64 " was declared, %" PRIu64 " octets came",
               f->given->declared_size, f->message->size);
    return true;
}

/* ---- bulk mail ---- */

static bool unsubscribe_malformed(const struct facts *f, struct buf *detail)
{
    const char *value = value_of(f, FIELD_LIST_UNSUBSCRIBE);
    if (!has_field(f, FIELD_LIST_UNSUBSCRIBE) || (strchr(value, '<') && strchr(value, '>')))
        return false;
    buf_printf(detail, "\"%.80s\" has no address in angle brackets", value);
    return true;
}

static bool one_click_without_https(const struct facts *f, struct buf *detail)
{
    (void)detail;
    return has_field(f, FIELD_LIST_UNSUBSCRIBE_POST) &&
           !strstr(value_of(f, FIELD_LIST_UNSUBSCRIBE), "<https:");
}

/* ---- what is in lines ---- */

static uint64_t line_of(const struct smtp_note_lines *lines, unsigned note)
{
    switch (note) {
    case SMTP_NOTE_BARE_LF_BODY: return lines->bare_lf;
    case SMTP_NOTE_BARE_CR_BODY: return lines->bare_cr;
    case SMTP_NOTE_LONG_BODY_LINE: return lines->long_line;
    case SMTP_NOTE_NUL_BODY: return lines->nul;
    case SMTP_NOTE_8BIT_BODY: return lines->eight_bit;
    case SMTP_NOTE_UNENDED_BODY: return lines->unended;
    default: return 0; /* of commands */
    }
}

/* The first that is so, counted from the front of the header. */
static void put_line(const struct facts *f, unsigned note, struct buf *detail)
{
    uint64_t line = line_of(&f->given->lines, note);
    if (line)
        buf_printf(detail, " (line %" PRIu64 ")", line);
}

static bool eight_bit_undeclared(const struct facts *f, struct buf *detail)
{
    const char *body = f->message->envelope.body;
    if (!(f->given->notes & SMTP_NOTE_8BIT_BODY) || (body && strcmp(body, "7BIT") != 0))
        return false;
    buf_printf(detail, "MAIL was not given BODY=8BITMIME, and there are octets above 127");
    put_line(f, SMTP_NOTE_8BIT_BODY, detail);
    return true;
}

/* ---- the table ---- */

/* clang-format off */
static const struct warning_rule rules[] = {
    /* what came over the wire */
    { "bare-lf", OF_MESSAGE, .note = SMTP_NOTE_BARE_LF_BODY,
      .detail = "a line ends in LF without CR", .reference = "RFC 5321 2.3.8" },
    { "bare-cr", OF_MESSAGE, .note = SMTP_NOTE_BARE_CR_BODY,
      .detail = "there is a CR without LF behind it", .reference = "RFC 5321 2.3.8" },
    { "long-line", OF_MESSAGE, .note = SMTP_NOTE_LONG_BODY_LINE,
      .detail = "a line has more than 998 octets", .reference = "RFC 5322 2.1.1" },
    { "bare-lf-command", OF_BOTH, .note = SMTP_NOTE_BARE_LF_COMMAND,
      .detail = "a command ended in LF without CR", .reference = "RFC 5321 2.3.8" },
    { "early-data", OF_BOTH, .note = SMTP_NOTE_EARLY_DATA,
      .detail = "text was sent behind DATA before the reply 354", .reference = "RFC 2920 3.1" },
    { "space-in-path", OF_BOTH, .note = SMTP_NOTE_SPACE_IN_PATH,
      .detail = "there is a space between the colon and the address of MAIL or RCPT",
      .reference = "RFC 5321 3.3" },
    { "parameters-after-helo", OF_BOTH, .note = SMTP_NOTE_PARAMETERS_AFTER_HELO,
      .detail = "parameters were given to MAIL or RCPT without EHLO",
      .reference = "RFC 5321 2.2.1" },
    { "long-local-part", OF_BOTH, .note = SMTP_NOTE_LONG_LOCAL_PART,
      .detail = "the local part of an address has more than 64 octets",
      .reference = "RFC 5321 4.5.3.1.1" },
    { "text-behind-starttls", OF_SESSION, .note = SMTP_NOTE_TEXT_BEHIND_STARTTLS,
      .detail = "what was sent behind STARTTLS before the handshake was dropped",
      .reference = "RFC 3207 4.2" },
    { "plaintext-login", OF_SESSION, .note = SMTP_NOTE_CLEARTEXT_LOGIN,
      .detail = "a password was sent without TLS", .reference = "RFC 4954 4" },
    { "helo-no-name", OF_SESSION, .note = SMTP_NOTE_HELO_NO_NAME,
      .detail = "the client names itself by neither a domain nor an address in brackets",
      .reference = "RFC 5321 4.1.1.1" },
    { "helo-bare-address", OF_SESSION, .note = SMTP_NOTE_HELO_BARE_IP,
      .detail = "the client names itself by an address without brackets",
      .reference = "RFC 5321 4.1.3" },
    { "helo-not-qualified", OF_SESSION, .note = SMTP_NOTE_HELO_UNQUALIFIED,
      .detail = "the client names itself by a name without a dot",
      .reference = "RFC 5321 2.3.5" },
    { "long-command", OF_BOTH, .note = SMTP_NOTE_LONG_COMMAND,
      .detail = "a command is longer than every server takes",
      .reference = "RFC 5321 4.5.3.1.4" },
    { "source-route", OF_BOTH, .note = SMTP_NOTE_SOURCE_ROUTE,
      .detail = "an address has a route before it", .reference = "RFC 5321 C" },
    { "non-ascii-address", OF_BOTH, .note = SMTP_NOTE_NON_ASCII,
      .detail = "an address that is not ASCII was refused: SMTPUTF8 was not given to MAIL",
      .reference = "RFC 6531 3.4" },
    { "early-command", OF_SESSION, .note = SMTP_NOTE_EARLY_COMMAND,
      .detail = "a command was sent before the reply to the last, without PIPELINING",
      .reference = "RFC 5321 2.1" },
    { "pipelined-too-far", OF_SESSION, .note = SMTP_NOTE_BEYOND_GROUP,
      .detail = "a command was sent behind one whose reply must be awaited",
      .reference = "RFC 2920 3.1" },
    { "nul", OF_MESSAGE, .note = SMTP_NOTE_NUL_BODY,
      .detail = "there is an octet zero in it", .reference = "RFC 5322 3.5" },
    { "undeclared-eight-bit", OF_MESSAGE, .test = eight_bit_undeclared,
      .reference = "RFC 6152 3" },
    { "no-final-crlf", OF_MESSAGE, .note = SMTP_NOTE_UNENDED_BODY,
      .detail = "its last line does not end in CRLF", .reference = "RFC 5321 4.1.1.4" },

    /* the envelope */
    { "size-understated", OF_MESSAGE, .test = size_understated, .reference = "RFC 1870 5" },
    { "many-recipients", OF_MESSAGE, .test = many_recipients, .reference = "RFC 5321 4.5.3.1.8" },
    { "large-message", OF_MESSAGE, .test = large_message,
      .reference = "Gmail, Outlook.com: size limits" },
    { "sender-differs", OF_MESSAGE, .test = sender_differs, .reference = "RFC 7489 3.1.2" },
    { "sender-not-qualified", OF_MESSAGE, .test = sender_not_qualified,
      .reference = "RFC 5321 2.3.5" },
    { "recipients-differ", OF_MESSAGE, .test = recipients_differ,
      .detail = "no recipient of the envelope is in To, Cc or Bcc", .reference = "RFC 5321 7.2" },

    /* the header */
    { "malformed-field", OF_MESSAGE, .test = field_malformed, .reference = "RFC 5322 2.2" },
    { "missing-date", OF_MESSAGE, .test = date_missing,
      .detail = "there is no Date", .reference = "RFC 5322 3.6.1" },
    { "repeated-date", OF_MESSAGE, .test = date_repeated, .reference = "RFC 5322 3.6" },
    { "malformed-date", OF_MESSAGE, .test = date_malformed, .reference = "RFC 5322 3.3" },
    { "future-date", OF_MESSAGE, .test = date_ahead, .reference = "RFC 5322 3.6.1" },
    { "missing-from", OF_MESSAGE, .test = from_missing,
      .detail = "there is no From", .reference = "RFC 5322 3.6.2" },
    { "repeated-from", OF_MESSAGE, .test = from_repeated, .reference = "RFC 5322 3.6" },
    { "missing-sender", OF_MESSAGE, .test = sender_missing, .reference = "RFC 5322 3.6.2" },
    { "missing-message-id", OF_MESSAGE, .test = id_missing,
      .detail = "there is no Message-ID", .reference = "RFC 5322 3.6.4" },
    { "repeated-message-id", OF_MESSAGE, .test = id_repeated, .reference = "RFC 5322 3.6" },
    { "malformed-message-id", OF_MESSAGE, .test = id_malformed, .reference = "RFC 5322 3.6.4" },
    { "malformed-references", OF_MESSAGE, .test = references_malformed,
      .reference = "RFC 5322 3.6.4" },
    { "repeated-field", OF_MESSAGE, .test = field_repeated, .reference = "RFC 5322 3.6" },
    { "missing-recipients", OF_MESSAGE, .test = destination_missing,
      .detail = "there is no To, Cc or Bcc", .reference = "RFC 5322 3.6.3" },
    { "malformed-address", OF_MESSAGE, .test = address_malformed, .reference = "RFC 5322 3.4" },
    { "bcc-in-header", OF_MESSAGE, .test = bcc_left, .reference = "RFC 5322 3.6.3" },
    { "return-path", OF_MESSAGE, .test = return_path_given,
      .detail = "Return-Path is for the last server to add", .reference = "RFC 5321 4.4" },
    { "unencoded-header", OF_MESSAGE, .test = header_unencoded, .reference = "RFC 2047 1" },
    { "malformed-encoded-word", OF_MESSAGE, .test = encoded_word_bad, .reference = "RFC 2047 2" },
    { "control-in-header", OF_MESSAGE, .test = header_control, .reference = "RFC 5322 2.2" },
    { "blank-fold", OF_MESSAGE, .test = fold_blank, .reference = "RFC 5322 3.2.2" },
    { "malformed-unsubscribe", OF_MESSAGE, .test = unsubscribe_malformed,
      .reference = "RFC 2369 2" },
    { "unsubscribe-without-https", OF_MESSAGE, .test = one_click_without_https,
      .detail = "List-Unsubscribe-Post needs a List-Unsubscribe with an https address",
      .reference = "RFC 8058 3.1" },

    /* MIME */
    { "missing-mime-version", OF_MESSAGE, .test = mime_version_missing,
      .detail = "there are MIME fields, and no MIME-Version", .reference = "RFC 2045 4" },
    { "malformed-content-type", OF_MESSAGE, .fault = MAIL_FAULT_TYPE,
      .detail = "Content-Type is none", .reference = "RFC 2045 5.1" },
    { "unknown-encoding", OF_MESSAGE, .fault = MAIL_FAULT_ENCODING,
      .detail = "Content-Transfer-Encoding is none that exists", .reference = "RFC 2045 6.1" },
    { "encoded-multipart", OF_MESSAGE, .fault = MAIL_FAULT_ENCODED_CONTAINER,
      .detail = "a multipart or message may not be encoded", .reference = "RFC 2045 6.4" },
    { "unknown-charset", OF_MESSAGE, .fault = MAIL_FAULT_CHARSET,
      .detail = "nobody knows the charset", .reference = "RFC 2046 4.1.2" },
    { "text-not-in-charset", OF_MESSAGE, .fault = MAIL_FAULT_NOT_IN_CHARSET,
      .detail = "the text has octets that its charset does not have",
      .reference = "RFC 2046 4.1.2" },
    { "eight-bit-in-7bit", OF_MESSAGE, .fault = MAIL_FAULT_EIGHT_BIT,
      .detail = "it is said to be 7bit, and has octets above 127", .reference = "RFC 2045 6.2" },
    { "malformed-base64", OF_MESSAGE, .fault = MAIL_FAULT_BASE64,
      .detail = "its base64 has other characters, or padding that does not fit",
      .reference = "RFC 2045 6.8" },
    { "malformed-quoted-printable", OF_MESSAGE, .fault = MAIL_FAULT_QUOTED_PRINTABLE,
      .detail = "its quoted-printable has a \"=\" that stands for nothing, or other characters",
      .reference = "RFC 2045 6.7" },
    { "long-encoded-line", OF_MESSAGE, .fault = MAIL_FAULT_ENCODED_LINE,
      .detail = "an encoded line has more than 76 characters", .reference = "RFC 2045 6.7" },
    { "missing-boundary", OF_MESSAGE, .fault = MAIL_FAULT_NO_BOUNDARY,
      .detail = "a multipart has no boundary", .reference = "RFC 2046 5.1.1" },
    { "unused-boundary", OF_MESSAGE, .fault = MAIL_FAULT_BOUNDARY_UNUSED,
      .detail = "the boundary does not occur", .reference = "RFC 2046 5.1.1" },
    { "unclosed-multipart", OF_MESSAGE, .fault = MAIL_FAULT_NOT_CLOSED,
      .detail = "the closing boundary is missing", .reference = "RFC 2046 5.1.1" },
    { "encoded-parameter", OF_MESSAGE, .fault = MAIL_FAULT_ENCODED_PARAMETER,
      .detail = "an encoded word in a parameter: RFC 2231 is for those",
      .reference = "RFC 2047 5" },
    { "too-complex", OF_MESSAGE, .fault = MAIL_FAULT_BOUNDS,
      .detail = "too many parts, too deep or too long a header: it is shown as a whole",
      .reference = "Mailstop: limits" },
    { "blocked-attachment", OF_MESSAGE, .test = attachment_blocked,
      .reference = "Gmail: blocked file types" },
};
/* clang-format on */

size_t warning_rule_count(void)
{
    return ARRAY_LEN(rules);
}

const char *warning_rule_code(size_t index)
{
    return rules[index].code;
}

const char *warning_rule_reference(size_t index)
{
    return rules[index].reference;
}

/* ---- going through it ---- */

static bool has_fault(const struct facts *f, unsigned fault, struct buf *detail)
{
    const struct mail *m = &f->message->mail;
    for (size_t i = 0; i < m->part_count; i++) {
        if (!(m->parts[i].faults & fault))
            continue;
        if (m->part_count > 1)
            buf_printf(detail, "part %s: ", m->parts[i].number);
        return true;
    }
    return false;
}

/* `detail` is then all there is to say. */
static bool applies(const struct warning_rule *rule, const struct facts *f, struct buf *detail)
{
    bool is_so = rule->note    ? (f->given->notes & rule->note) != 0
                 : rule->fault ? has_fault(f, rule->fault, detail)
                               : rule->test(f, detail);
    if (is_so && rule->detail)
        buf_append(detail, span_of(rule->detail));
    if (is_so && rule->note)
        put_line(f, rule->note, detail);
    return is_so;
}

static const char *text_of(struct arena *arena, struct buf *detail)
{
    struct buf clean AUTO(buf_done) = { 0 };
    utf8_scrub(&clean, buf_span(detail)); /* it may be cut within a character */
    return arena_copy(arena, buf_span(&clean));
}

static struct warnings find(const struct warning_facts *given, enum scope scope,
                            struct arena *arena)
{
    struct facts f = { .given = given, .message = given->message };
    struct store_warning found[ARRAY_LEN(rules)];
    struct buf detail AUTO(buf_done) = { 0 };
    size_t count = 0;
    facts_find_fields(&f);
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        const struct warning_rule *rule = &rules[i];
        buf_clear(&detail);
        if ((rule->scope & scope) && applies(rule, &f, &detail))
            found[count++] =
                (struct store_warning){ rule->code, text_of(arena, &detail), rule->reference };
    }
    struct warnings out = { .count = count };
    if (count)
        out.items =
            memcpy(arena_alloc(arena, count * sizeof(*found)), found, count * sizeof(*found));
    return out;
}

struct warnings warnings_of_message(const struct warning_facts *facts, struct arena *arena)
{
    return find(facts, OF_MESSAGE, arena);
}

struct warnings warnings_of_session(const struct warning_facts *facts, struct arena *arena)
{
    return find(facts, OF_SESSION, arena);
}

bool warnings_take_note(unsigned *notes, struct store_warning *out)
{
    for (size_t i = 0; *notes && i < ARRAY_LEN(rules); i++) {
        if (!(rules[i].note & *notes))
            continue;
        *notes &= ~rules[i].note;
        *out = (struct store_warning){ rules[i].code, rules[i].detail, rules[i].reference };
        return true;
    }
    *notes = 0;
    return false;
}

#include "../mail/mail_test.h"

#include "core/buf.h"
#include "warnings/warnings.h"

#include <string.h>

/* ---- a message that nobody would refuse, and one thing wrong with it at a time ---- */

enum { RECEIVED_AT_S = 1764000000 }; /* Mon, 24 Nov 2025 16:00:00 +0000 */

#define DATE "Date: Mon, 24 Nov 2025 16:00:00 +0000\r\n"
#define FROM "From: App <app@shop.test>\r\n"
#define TO "To: ann@b.test\r\n"
#define ID "Message-ID: <1@shop.test>\r\n"
#define MIME "MIME-Version: 1.0\r\n"
#define FIELDS DATE FROM TO ID
#define BODY "\r\nHello\r\n"
#define TEXT(more) FIELDS MIME "Content-Type: text/plain; charset=utf-8\r\n" more "\r\n"
#define MULTI(type, rest) FIELDS MIME "Content-Type: multipart/mixed" type "\r\n\r\n" rest
#define LONG_LINE "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"

struct case_ {
    const char *code; /* NULL: no warning */
    const char *message;
    unsigned notes;
    struct smtp_note_lines lines;
    const char *says;      /* what the detail holds; NULL: whatever */
    const char *from, *to; /* of the envelope; NULL: as usual */
    const char *body;      /* of the envelope; NULL: not stated */
    uint64_t declared_size, size;
    size_t recipients;
    bool smtputf8;
};

static const struct case_ cases[] = {
    { NULL, FIELDS BODY, .notes = 0 },
    { NULL, FIELDS "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" BODY, .notes = 0 },
    { NULL, FIELDS "Subject: Gr\xC3\xBC\xC3\x9F\x65\r\n" BODY, .smtputf8 = true },
    { NULL, TEXT("Content-Transfer-Encoding: 8bit\r\n") "gr\xC3\xBC\xC3\x9F\r\n", .notes = 0 },
    { NULL, FIELDS BODY, .from = "bounce@mail.shop.test" },
    { NULL, FIELDS BODY, .from = "" },
    { NULL, DATE "From: app@[192.0.2.1]\r\n" TO ID BODY, .from = "app@[192.0.2.1]" },
    { NULL, DATE FROM ID "To: undisclosed-recipients:;\r\n" BODY, .notes = 0 },
    { NULL, FIELDS "Cc: \"a b\"@c.test, J. Doe <j@d.test>\r\n" BODY, .notes = 0 },
    { NULL, FIELDS "In-Reply-To: <0@shop.test>\r\nReferences: <a@b> <0@shop.test>\r\n" BODY,
      .notes = 0 },
    { NULL, FIELDS "X-Spaced : x\r\n" BODY, .notes = 0 },
    { NULL, DATE "From: a@x.test, b@x.test\r\nSender: a@x.test\r\n" TO ID BODY, .from = "" },
    { NULL,
      FIELDS "List-Unsubscribe: <https://shop.test/u>\r\n"
             "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" BODY,
      .notes = 0 },

    { "bare-lf", FIELDS BODY, .notes = SMTP_NOTE_BARE_LF_BODY },
    { "bare-cr", FIELDS BODY, .notes = SMTP_NOTE_BARE_CR_BODY },
    { "long-line", FIELDS BODY, .notes = SMTP_NOTE_LONG_BODY_LINE },
    { "bare-lf-command", FIELDS BODY, .notes = SMTP_NOTE_BARE_LF_COMMAND },
    { "early-data", FIELDS BODY, .notes = SMTP_NOTE_EARLY_DATA },
    { "space-in-path", FIELDS BODY, .notes = SMTP_NOTE_SPACE_IN_PATH },
    { "parameters-after-helo", FIELDS BODY, .notes = SMTP_NOTE_PARAMETERS_AFTER_HELO },
    { "long-local-part", FIELDS BODY, .notes = SMTP_NOTE_LONG_LOCAL_PART },
    { "long-command", FIELDS BODY, .notes = SMTP_NOTE_LONG_COMMAND },
    { "source-route", FIELDS BODY, .notes = SMTP_NOTE_SOURCE_ROUTE },
    { "non-ascii-address", FIELDS BODY, .notes = SMTP_NOTE_NON_ASCII },
    { "nul", FIELDS BODY, .notes = SMTP_NOTE_NUL_BODY },
    { "bare-lf", FIELDS BODY, .notes = SMTP_NOTE_BARE_LF_BODY, .lines = { .bare_lf = 11 },
      .says = "CR (line 11)" },
    { "bare-cr", FIELDS BODY, .notes = SMTP_NOTE_BARE_CR_BODY, .lines = { .bare_cr = 12 },
      .says = "it (line 12)" },
    { "long-line", FIELDS BODY, .notes = SMTP_NOTE_LONG_BODY_LINE, .lines = { .long_line = 13 },
      .says = "octets (line 13)" },
    { "nul", FIELDS BODY, .notes = SMTP_NOTE_NUL_BODY, .lines = { .nul = 14 },
      .says = "it (line 14)" },
    { "undeclared-eight-bit", FIELDS BODY, .notes = SMTP_NOTE_8BIT_BODY,
      .lines = { .eight_bit = 15 }, .says = "127 (line 15)" },
    { "no-final-crlf", FIELDS BODY, .notes = SMTP_NOTE_UNENDED_BODY, .lines = { .unended = 16 },
      .says = "CRLF (line 16)" },
    { "undeclared-eight-bit", FIELDS BODY, .notes = SMTP_NOTE_8BIT_BODY },
    { "undeclared-eight-bit", FIELDS BODY, .notes = SMTP_NOTE_8BIT_BODY, .body = "7BIT" },
    { NULL, FIELDS BODY, .notes = SMTP_NOTE_8BIT_BODY, .body = "8BITMIME" },
    { NULL, FIELDS BODY, .notes = SMTP_NOTE_8BIT_BODY, .body = "BINARYMIME" },
    { "no-final-crlf", FIELDS BODY, .notes = SMTP_NOTE_UNENDED_BODY },

    { "size-understated", FIELDS BODY, .declared_size = 10, .says = "SIZE=10" },
    { "many-recipients", FIELDS BODY, .recipients = 101, .says = "101" },
    { "large-message", FIELDS BODY, .size = 25000001, .says = "25 MB" },
    { "sender-differs", FIELDS BODY, .from = "x@ishop.test", .says = "ishop.test" },
    { "sender-not-qualified", DATE "From: root@shop\r\n" TO ID BODY, .from = "www-data@shop",
      .says = "www-data@shop" },
    { "sender-not-qualified", DATE "From: root@localhost\r\n" TO ID BODY, .from = "",
      .says = "root@localhost" },
    { "recipients-differ", FIELDS BODY, .to = "eve@b.test" },

    { "missing-date", FROM TO ID BODY, .notes = 0 },
    { "repeated-date", DATE FIELDS BODY, .says = "2 times" },
    { "malformed-date", "Date: soon\r\n" FROM TO ID BODY, .says = "soon" },
    { "malformed-date", "Date: 2025-11-24T16:00:00Z\r\n" FROM TO ID BODY, .says = "like" },
    { "malformed-date", "Date: Tue, 24 Nov 2025 16:00:00 +0000\r\n" FROM TO ID BODY,
      .says = "day of the week" },
    { "future-date", "Date: Thu, 27 Nov 2025 16:00:00 +0000\r\n" FROM TO ID BODY,
      .says = "3 days" },
    { "missing-from", DATE TO ID BODY, .notes = 0 },
    { "repeated-from", FROM FIELDS BODY, .notes = 0 },
    { "missing-sender", DATE "From: a@shop.test, b@shop.test\r\n" TO ID BODY, .says = "2 authors" },
    { "missing-message-id", DATE FROM TO BODY, .notes = 0 },
    { "repeated-message-id", FIELDS ID BODY, .notes = 0 },
    { "malformed-message-id", DATE FROM TO "Message-ID: 17\r\n" BODY, .says = "17" },
    { "malformed-message-id", DATE FROM TO "Message-ID: <17>\r\n" BODY, .notes = 0 },
    { "malformed-references", FIELDS "In-Reply-To: you\r\n" BODY, .says = "In-Reply-To: \"you\"" },
    { "malformed-references", FIELDS "References: <a@b>,\r\n <c@d>\r\n" BODY,
      .says = "\"<a@b>,   <c@d>\"" },
    { "malformed-field", FIELDS "no field\r\n" BODY, .says = "\"no field\"" },
    { "malformed-field", "From app@shop.test Mon Nov 24\r\n" FIELDS BODY, .says = "From app" },
    { "repeated-field", FIELDS "Subject: a\r\nsubject: b\r\n" BODY, .says = "Subject" },
    { "repeated-field", FIELDS TO BODY, .says = "To" },
    { "missing-recipients", DATE FROM ID BODY, .notes = 0 },
    { "malformed-address", FIELDS "Reply-To: nobody\r\n" BODY, .says = "nobody" },
    { "malformed-address", FIELDS "Cc: <>\r\n" BODY, .says = "Cc" },
    { "malformed-address", FIELDS "Cc: a@b@c.test\r\n" BODY, .says = "goes wrong at \"@c.test\"" },
    { "malformed-address", FIELDS "Cc: Doe, John <j@d.test>\r\n" BODY,
      .says = "\"Doe\" is no whole address" },
    { "malformed-address", FIELDS "Cc:\r\n" BODY, .says = "Cc: an address is missing" },
    { "bcc-in-header", FIELDS "Bcc: boss@shop.test\r\n" BODY, .says = "boss@shop.test" },
    { "return-path", "Return-Path: <a@b.test>\r\n" FIELDS BODY, .notes = 0 },
    { "unencoded-header", FIELDS "Subject: Gr\xC3\xBC\xC3\x9F\x65\r\n" BODY, .says = "Subject" },
    { "malformed-encoded-word", FIELDS "Subject: =?utf-8?x?abc?=\r\n" BODY, .says = "Subject" },
    { "control-in-header", FIELDS "X-Odd: a\x07z\r\n" BODY, .says = "X-Odd" },
    { "blank-fold", FIELDS "X-Odd: a\r\n \t\r\n b\r\n" BODY, .says = "X-Odd" },
    { "malformed-unsubscribe", FIELDS "List-Unsubscribe: https://shop.test/u\r\n" BODY,
      .notes = 0 },
    { "unsubscribe-without-https",
      FIELDS "List-Unsubscribe: <mailto:u@shop.test>\r\n"
             "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" BODY,
      .notes = 0 },

    { "missing-mime-version", FIELDS "Content-Type: text/plain\r\n" BODY, .notes = 0 },
    { "malformed-content-type", FIELDS MIME "Content-Type: text\r\n" BODY, .notes = 0 },
    { "unknown-encoding", TEXT("Content-Transfer-Encoding: quoted\r\n") "x\r\n", .notes = 0 },
    { "encoded-multipart",
      MULTI("; boundary=b\r\nContent-Transfer-Encoding: base64", "--b\r\n\r\nx\r\n--b--\r\n"),
      .notes = 0 },
    { "unknown-charset", FIELDS MIME "Content-Type: text/plain; charset=klingon\r\n" BODY,
      .notes = 0 },
    { "text-not-in-charset", TEXT("Content-Transfer-Encoding: 8bit\r\n") "gr\xFC\xDF\r\n",
      .notes = 0 },
    { "eight-bit-in-7bit", TEXT("") "gr\xC3\xBC\xC3\x9F\r\n", .notes = 0 },
    { "malformed-base64", TEXT("Content-Transfer-Encoding: base64\r\n") "a*b=\r\n", .notes = 0 },
    { "malformed-quoted-printable",
      TEXT("Content-Transfer-Encoding: quoted-printable\r\n") "a=b\r\n", .notes = 0 },
    { "long-encoded-line", TEXT("Content-Transfer-Encoding: base64\r\n") LONG_LINE "\r\n",
      .notes = 0 },
    { "missing-boundary", MULTI("", "x\r\n"), .notes = 0 },
    { "unused-boundary", MULTI("; boundary=b", "x\r\n"), .notes = 0 },
    { "unclosed-multipart", MULTI("; boundary=b", "--b\r\n\r\nx\r\n"), .notes = 0 },
    { "encoded-parameter",
      MULTI("; boundary=b", "--b\r\nContent-Disposition: attachment; "
                            "filename=\"=?utf-8?q?a?=\"\r\n\r\nx\r\n--b--\r\n"),
      .says = "part 1" },
    { "blocked-attachment",
      MULTI("; boundary=b", "--b\r\nContent-Disposition: attachment; filename=a.EXE\r\n\r\n"
                            "x\r\n--b--\r\n"),
      .says = "a.EXE" },
};

static struct warnings warnings_of(const struct case_ *c, struct arena *arena)
{
    struct store_recipient recipients[200];
    size_t count = c->recipients ? c->recipients : 1;
    struct span bytes = span_of(c->message);
    struct source raw = source_of_span(&bytes);
    struct store_message m = {
        .received_at_ms = RECEIVED_AT_S * INT64_C(1000),
        .size = c->size ? c->size : bytes.len,
        .envelope = { .from = c->from ? c->from : "app@shop.test",
                      .recipients = recipients,
                      .recipient_count = count,
                      .body = c->body,
                      .smtputf8 = c->smtputf8 },
        .client = { .helo = "app.shop.test" },
    };
    for (size_t i = 0; i < count; i++)
        recipients[i] = (struct store_recipient){ .address = c->to ? c->to : "ann@b.test" };
    mail_read(&raw, arena, &m.mail);
    struct mail_content content;
    mail_read_content(&raw, &m.mail, arena, &content);
    const struct warning_facts facts = {
        .message = &m,
        .headers = content.headers,
        .header_count = content.header_count,
        .stray = content.stray,
        .notes = c->notes,
        .lines = c->lines,
        .declared_size = c->declared_size,
    };
    return warnings_of_message(&facts, arena);
}

static void each_is_found_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct case_ *c = &cases[i];
        struct arena arena AUTO(arena_done) = { 0 };
        struct warnings found = warnings_of(c, &arena);
        struct buf text AUTO(buf_done) = { 0 };
        for (size_t n = 0; n < found.count; n++)
            buf_printf(&text, "%s (%s) ", found.items[n].code, found.items[n].detail);
        if (found.count != (c->code ? 1 : 0) ||
            (c->code && strcmp(found.items[0].code, c->code) != 0))
            fail_msg("%s: %s\n%s", c->code ? c->code : "none", buf_text(&text), c->message);
        if (c->code)
            assert_true(*found.items[0].detail && *found.items[0].reference);
        if (c->says && !strstr(found.items[0].detail, c->says))
            fail_msg("\"%s\" does not say \"%s\"", found.items[0].detail, c->says);
    }
}

/* More than the limits of mail.h: a message of its own size. */
static void too_complex_is_found_alone(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf message AUTO(buf_done) = { 0 };
    buf_append(&message, SPAN(MULTI("; boundary=b", "")));
    for (int i = 0; i <= MAIL_MAX_PARTS; i++)
        buf_append(&message, SPAN("--b\r\n\r\nx\r\n"));
    buf_append(&message, SPAN("--b--\r\n"));
    const struct case_ c = { .message = buf_text(&message) };
    struct warnings found = warnings_of(&c, &arena);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].code, "too-complex");
}

static const struct {
    const char *code;
    unsigned notes;
} sessions[] = {
    { NULL, 0 },
    { "helo-no-name", SMTP_NOTE_HELO_NO_NAME },
    { "helo-bare-address", SMTP_NOTE_HELO_BARE_IP },
    { "helo-not-qualified", SMTP_NOTE_HELO_UNQUALIFIED },
    { "early-command", SMTP_NOTE_EARLY_COMMAND },
    { "pipelined-too-far", SMTP_NOTE_BEYOND_GROUP },
    { "plaintext-login", SMTP_NOTE_CLEARTEXT_LOGIN },
    { "text-behind-starttls", SMTP_NOTE_TEXT_BEHIND_STARTTLS },
    { "bare-lf-command", SMTP_NOTE_BARE_LF_COMMAND },
    { NULL, SMTP_NOTE_BARE_LF_BODY }, /* the message says it */
};

static void sessions_are_told_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sessions); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        const struct store_message m = { 0 };
        const struct warning_facts facts = { .message = &m, .notes = sessions[i].notes };
        struct warnings found = warnings_of_session(&facts, &arena);
        assert_int_equal(found.count, sessions[i].code ? 1 : 0);
        if (sessions[i].code)
            assert_string_equal(found.items[0].code, sessions[i].code);
    }
}

static bool is_tested(const char *code)
{
    bool found = strcmp(code, "too-complex") == 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        found |= cases[i].code && strcmp(cases[i].code, code) == 0;
    for (size_t i = 0; i < ARRAY_LEN(sessions); i++)
        found |= sessions[i].code && strcmp(sessions[i].code, code) == 0;
    return found;
}

static void no_rule_goes_untested(void **state)
{
    (void)state;
    for (size_t i = 0; i < warning_rule_count(); i++) {
        if (!is_tested(warning_rule_code(i)))
            fail_msg("no test for %s", warning_rule_code(i));
        for (size_t n = 0; n < i; n++)
            assert_string_not_equal(warning_rule_code(n), warning_rule_code(i));
        assert_true(*warning_rule_reference(i));
    }
}

/* Each once, and those that no rule speaks of not at all. */
static void tells_of_notes(void **state)
{
    (void)state;
    struct store_warning w;
    unsigned notes = SMTP_NOTE_BARE_LF_COMMAND | SMTP_NOTE_CLEARTEXT_LOGIN | SMTP_NOTE_8BIT_BODY;
    assert_true(warnings_take_note(&notes, &w));
    assert_string_equal(w.code, "bare-lf-command");
    assert_string_equal(w.detail, "a command ended in LF without CR");
    assert_string_equal(w.reference, "RFC 5321 2.3.8");
    assert_true(warnings_take_note(&notes, &w));
    assert_string_equal(w.code, "plaintext-login");
    assert_false(warnings_take_note(&notes, &w));
    assert_int_equal(notes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_alone),
        cmocka_unit_test(too_complex_is_found_alone),
        cmocka_unit_test(sessions_are_told_their_own),
        cmocka_unit_test(no_rule_goes_untested),
        cmocka_unit_test(tells_of_notes),
    };
    return RUN_MAIL_TESTS(tests);
}

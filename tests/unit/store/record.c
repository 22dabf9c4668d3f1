#include "../test.h"

#include "core/mem.h"
#include "core/utf8.h"
#include "store/record.h"

#include <string.h>

static void read_back(const struct store_message *m, struct arena *arena, struct store_message *out)
{
    struct record r;
    record_write(m, arena, &r);
    *out = (struct store_message){ 0 };
    record_read(&r, arena, out);
}

static void keeps_addresses(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_address from[] = { { "Ada \"L\"", "ada@example.test" } };
    struct mail_address cc[] = { { "", "x@example.test" }, { "Łódź", "y@example.test" } };
    struct store_message m = { .mail = { .from = { from, 1 }, .cc = { cc, 2 } } }, got;
    read_back(&m, &arena, &got);
    assert_int_equal(got.mail.from.count, 1);
    assert_string_equal(got.mail.from.items[0].name, "Ada \"L\"");
    assert_string_equal(got.mail.from.items[0].address, "ada@example.test");
    assert_int_equal(got.mail.cc.count, 2);
    assert_string_equal(got.mail.cc.items[0].name, "");
    assert_string_equal(got.mail.cc.items[1].name, "Łódź");
    assert_int_equal(got.mail.to.count, 0);
    assert_int_equal(got.mail.bcc.count, 0);
}

static void keeps_the_envelope(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_recipient to[] = {
        { .address = "a@example.test", .notify = "SUCCESS,DELAY", .orcpt = "rfc822;a b@x" },
        { .address = "" },
        { .address = "ö@example.test", .notify = "NEVER" },
    };
    const char *tags[] = { "a \"tag\"", "ö" };
    struct store_warning warnings[] = { { "bare-lf", "line 3 ends in LF", "RFC 5321 2.3.8" } };
    struct store_message m = {
        .envelope = { .from = "",
                      .recipients = to,
                      .recipient_count = 3,
                      .body = "8BITMIME",
                      .ret = "HDRS",
                      .envid = "x 1" },
        .client = { .ip = "127.0.0.1",
                    .helo = "app",
                    .tls = "TLS1.3",
                    .cipher = "C",
                    .username = "u" },
        .tags = tags,
        .tag_count = 2,
        .warnings = warnings,
        .warning_count = 1,
        .mail = { .subject = "Hello", .message_id = "1@x", .preview = "Hi" },
    };
    struct store_message got;
    read_back(&m, &arena, &got);
    assert_string_equal(got.envelope.from, "");
    assert_int_equal(got.envelope.recipient_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(got.envelope.recipients[i].address, to[i].address);
    assert_string_equal(got.envelope.recipients[0].notify, "SUCCESS,DELAY");
    assert_string_equal(got.envelope.recipients[0].orcpt, "rfc822;a b@x");
    assert_null(got.envelope.recipients[1].notify);
    assert_null(got.envelope.recipients[1].orcpt);
    assert_string_equal(got.envelope.recipients[2].notify, "NEVER");
    assert_string_equal(got.envelope.body, "8BITMIME");
    assert_string_equal(got.envelope.ret, "HDRS");
    assert_string_equal(got.envelope.envid, "x 1");
    assert_string_equal(got.client.tls, "TLS1.3");
    assert_string_equal(got.client.cipher, "C");
    assert_string_equal(got.client.username, "u");
    assert_int_equal(got.tag_count, 2);
    assert_string_equal(got.tags[0], tags[0]);
    assert_string_equal(got.tags[1], tags[1]);
    assert_int_equal(got.warning_count, 1);
    assert_string_equal(got.warnings[0].code, "bare-lf");
    assert_string_equal(got.warnings[0].detail, "line 3 ends in LF");
    assert_string_equal(got.warnings[0].reference, "RFC 5321 2.3.8");
    assert_string_equal(got.client.ip, "127.0.0.1");
    assert_string_equal(got.client.helo, "app");
    assert_string_equal(got.mail.subject, "Hello");
    assert_string_equal(got.mail.message_id, "1@x");
    assert_string_equal(got.mail.preview, "Hi");
}

static void keeps_the_part_tree(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_part parts[] = {
        { .number = "0", .content_type = "multipart/mixed", .end = 900 },
        {
            .number = "1",
            .content_type = "text/plain",
            .charset = "utf-8",
            .encoding = MAIL_QUOTED_PRINTABLE,
            .depth = 1,
            .start = 10,
            .end = 20,
            .size = 9,
            .line_length = 76,
        },
        {
            .number = "2",
            .content_type = "image/png",
            .encoding = MAIL_BASE64,
            .filename = "a\"b.png",
            .content_id = "c@d",
            .disposition = "attachment",
            .depth = 1,
            .start = UINT64_C(1) << 40,
            .end = INT64_MAX,
            .size = INT64_MAX,
            .is_attachment = true,
        },
    };
    memset(parts[2].sha256, 'f', 64);
    struct store_message m = { .mail = { .parts = parts, .part_count = 3 } }, got;
    read_back(&m, &arena, &got);
    assert_int_equal(got.mail.part_count, 3);
    const struct mail_part *p = got.mail.parts;
    assert_string_equal(p[0].number, "0");
    assert_null(p[0].charset);
    assert_null(p[0].filename);
    assert_string_equal(p[0].sha256, "");
    assert_string_equal(p[1].charset, "utf-8");
    assert_int_equal(p[1].encoding, MAIL_QUOTED_PRINTABLE);
    assert_int_equal(p[1].depth, 1);
    assert_int_equal(p[1].start, 10);
    assert_int_equal(p[1].end, 20);
    assert_int_equal(p[1].size, 9);
    assert_int_equal(p[1].line_length, 76);
    assert_false(p[1].is_attachment);
    assert_string_equal(p[2].content_type, "image/png");
    assert_int_equal(p[2].encoding, MAIL_BASE64);
    assert_string_equal(p[2].filename, "a\"b.png");
    assert_string_equal(p[2].content_id, "c@d");
    assert_string_equal(p[2].disposition, "attachment");
    assert_int_equal(p[2].start, UINT64_C(1) << 40);
    assert_int_equal(p[2].end, INT64_MAX);
    assert_int_equal(p[2].size, INT64_MAX);
    assert_string_equal(p[2].sha256, parts[2].sha256);
    assert_true(p[2].is_attachment);
}

static void keeps_every_encoding(void **state)
{
    (void)state;
    for (int e = MAIL_7BIT; e <= MAIL_UUENCODE; e++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct mail_part part = { .number = "1", .encoding = (enum mail_encoding)e };
        struct store_message m = { .mail = { .parts = &part, .part_count = 1 } }, got;
        read_back(&m, &arena, &got);
        assert_int_equal(got.mail.parts[0].encoding, e);
    }
}

/* An envelope may hold any octets; nothing of it is dropped for that. */
static void makes_text_of_any_octets(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_recipient to[] = { { .address = "\xff@example.test" },
                                    { .address = "good@example.test" } };
    struct store_message m = {
        .envelope = { .from = "\xc3@x", .recipients = to, .recipient_count = 2 },
        .client = { .ip = NULL, .helo = "a\x80z" },
    };
    struct store_message got;
    read_back(&m, &arena, &got);
    assert_string_equal(got.envelope.from, "\xEF\xBF\xBD@x");
    assert_int_equal(got.envelope.recipient_count, 2);
    assert_string_equal(got.envelope.recipients[0].address, "\xEF\xBF\xBD@example.test");
    assert_string_equal(got.envelope.recipients[1].address, "good@example.test");
    assert_string_equal(got.client.helo, "a\xEF\xBF\xBDz");
    assert_string_equal(got.client.ip, "");
    assert_null(got.envelope.body);
    assert_null(got.envelope.ret);
    assert_null(got.envelope.envid);
    assert_null(got.client.tls);
    assert_null(got.client.username);
    assert_int_equal(got.tag_count, 0);
    assert_int_equal(got.warning_count, 0);
}

/* What someone wrote into the database by hand must not bring the reader down. */
static void reads_what_is_not_ours_as_empty(void **state)
{
    (void)state;
    static const char *const strange[] = { NULL,
                                           "",
                                           "{",
                                           "7",
                                           "null",
                                           "[1,[],null]",
                                           "{\"from\":3}",
                                           "[{\"depth\":\"x\",\"sha256\":7,\"encoding\":\"?\"}]" };
    for (size_t i = 0; i < ARRAY_LEN(strange); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct record r = { .recipients = strange[i],
                            .addresses = strange[i],
                            .parts = strange[i] };
        struct store_message m = { .mail = { .text_part = 1000, .html_part = -7 } };
        record_read(&r, &arena, &m);
        assert_int_equal(m.mail.from.count, 0);
        assert_string_equal(m.envelope.from, "");
        assert_int_equal(m.mail.text_part, -1);
        assert_int_equal(m.mail.html_part, -1);
        for (size_t p = 0; p < m.mail.part_count; p++) {
            assert_int_equal(m.mail.parts[p].depth, 0);
            assert_string_equal(m.mail.parts[p].number, "");
            assert_string_equal(m.mail.parts[p].content_type, "text/plain");
        }
        for (size_t to = 0; to < m.envelope.recipient_count; to++)
            assert_string_equal(m.envelope.recipients[to].address, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_addresses),
        cmocka_unit_test(keeps_the_envelope),
        cmocka_unit_test(keeps_the_part_tree),
        cmocka_unit_test(keeps_every_encoding),
        cmocka_unit_test(makes_text_of_any_octets),
        cmocka_unit_test(reads_what_is_not_ours_as_empty),
    };
    return RUN_TESTS(tests);
}

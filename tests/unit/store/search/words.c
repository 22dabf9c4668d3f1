#include "../../test.h"

#include "store/search/query.h"
#include "store/search/words.h"

#include <string.h>

static struct mail_address ann = { "Ann Lee", "Ann@B.test" };
static struct mail_address root = { "", "root" };

/* The lines with "|" for each NUL. */
static const char *write_words(struct buf *out, const struct store_message *m,
                               const struct mail_content *content)
{
    words_write(m, content, out);
    for (size_t i = 0; i < out->len; i++)
        if (out->ptr[i] == '\0')
            out->ptr[i] = '|';
    return buf_text(out);
}

static void a_message_without_anything_has_facts(void **state)
{
    (void)state;
    struct buf out AUTO(buf_done) = { 0 };
    const struct store_message m = {
        .inbox_id = 7,
        .envelope.from = "",
        .mail = { .subject = "", .message_id = "", .text_part = -1, .html_part = -1 },
    };
    assert_string_equal(write_words(&out, &m, &(struct mail_content){ 0 }), "k message |");
}

static void everything_has_a_line(void **state)
{
    (void)state;
    static struct mail_part parts[] = {
        { .content_type = "multipart/mixed" },
        { .content_type = "text/plain" },
        { .content_type = "application/pdf", .filename = "Invoice-7.pdf", .is_attachment = true },
        { .content_type = "image/png", .content_id = "a", .is_attachment = true },
    };
    static struct store_recipient recipients[] = { { .address = "ann@b.test" },
                                                   { .address = "bob@c.test" } };
    static struct store_warning warnings[] = { { "bare-lf", "", "" } };
    static struct mail_header headers[] = {
        { "From", "Ann Lee <Ann@B.test>", "" },
        { "X-Tenant", "42 (test)", "" },
        { "X-Empty", "", "" },
        { "Bcc", "root", "" },
    };
    struct buf out AUTO(buf_done) = { 0 };
    const struct store_message m = {
        .inbox_id = 1,
        .session_id = 17,
        .client = { .ip = "127.0.0.1", .helo = "App.Local" },
        .envelope = { .from = "app@shop.test", .recipients = recipients, .recipient_count = 2 },
        .warnings = warnings,
        .warning_count = 1,
        .mail = {
            .from = { &ann, 1 },
            .to = { &ann, 1 },
            .bcc = { &root, 1 },
            .subject = "Your Größe",
            .message_id = "1.A@shop.test",
            .parts = parts,
            .part_count = ARRAY_LEN(parts),
            .text_part = 1,
            .html_part = 1,
        },
    };
    const struct mail_content content = { .headers = headers,
                                          .header_count = ARRAY_LEN(headers),
                                          .text = SPAN("Some text."),
                                          .html = SPAN("Some HTML.") };
    assert_string_equal(write_words(&out, &m, &content),
                        "k message attachment inline html warning |"
                        "z 17 |a 127.0.0.1 |l app.local |"
                        "f ann lee ann b test |f ann@b.test @b.test |"
                        "t ann lee ann b test |t ann@b.test @b.test |"
                        "b root |"
                        "v app shop test |v app@shop.test @shop.test |"
                        "p ann b test |p ann@b.test @b.test |"
                        "p bob c test |p bob@c.test @c.test |"
                        "b bob c test |b bob@c.test @c.test |"
                        "s your grosse |m 1.a@shop.test |n invoice 7 pdf |w bare-lf |"
                        "h:from |h:x-tenant 42 test |h:x-empty |h:bcc root |"
                        "x some text |x some html |");
}

static void what_is_kept_is_bounded(void **state)
{
    (void)state;
    struct buf text AUTO(buf_done) = { 0 };
    struct buf out AUTO(buf_done) = { 0 };
    struct arena arena AUTO(arena_done) = { 0 };
    while (text.len < 4 * 1024 * 1024)
        buf_append(&text, SPAN("東 word ½ "));
    const char *many = buf_text(&text);
    enum { COUNT = 2000 };
    struct mail_header *headers = arena_alloc(&arena, COUNT * sizeof(*headers));
    struct mail_address *addresses = arena_alloc(&arena, COUNT * sizeof(*addresses));
    struct store_recipient *recipients = arena_alloc(&arena, COUNT * sizeof(*recipients));
    struct mail_part *parts = arena_alloc(&arena, COUNT * sizeof(*parts));
    for (size_t i = 0; i < COUNT; i++) {
        headers[i] = (struct mail_header){ "X-Long", many, many };
        addresses[i] = (struct mail_address){ many, "long@example.test" };
        recipients[i].address = arena_printf(&arena, "recipient%zu@example.test", i);
        parts[i] = (struct mail_part){ .filename = many, .is_attachment = true };
    }
    const struct store_message m = {
        .inbox_id = 1,
        .client = { .ip = "127.0.0.1", .helo = many },
        .envelope = { .from = many, .recipients = recipients, .recipient_count = COUNT },
        .mail = {
            .from = { addresses, COUNT },
            .cc = { addresses, COUNT },
            .subject = many,
            .message_id = many,
            .parts = parts,
            .part_count = COUNT,
            .text_part = -1,
            .html_part = -1,
        },
    };
    const struct mail_content content = {
        .headers = headers, .header_count = COUNT, .text = buf_span(&text), .html = buf_span(&text)
    };
    words_write(&m, &content, &out);
    assert_true(out.len > 2 * (size_t)WORDS_MAX_TEXT);
    assert_true(out.len < WORDS_MAX);
}

/* ---- matching ---- */

#define KEPT "s reset your password \0x click here \0h:x-tenant 42 \0h:x-empty \0f ann@b.test \0"

static bool matches(const char *query)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_fault fault;
    const struct store_query *q = store_query_parse(span_of(query), 0, &arena, &fault);
    assert_non_null(q);
    return search_words_match(q->root, SPAN(KEPT));
}

static void patterns_match_lines(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        bool matches;
    } cases[] = {
        { "reset", true },
        { "subject:reset", true },
        { "text:reset", false },
        { "rese", false },
        { "rese*", true },
        { "eset*", false },
        { "~eset", true },
        { "~\"t your p\"", true },
        { "\"reset your\"", true },
        { "\"your reset\"", false },
        { "\"reset password\"", false },
        { "\"password click\"", false },
        { "\"your pass\"", false },
        { "your-pass*", true },
        { "from:ann@b.test", true },
        { "from:nn@b.test", false },
        { "from:~nn@b", true },
        { "header:X-Tenant", true },
        { "header:X-Tenant=42", true },
        { "header:X-Tenant=4", false },
        { "header:X-Empty", true },
        { "header:X-Ten", false },
        { "header:X-Other", false },
        { "header:Subject=reset", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (matches(cases[i].query) != cases[i].matches)
            fail_msg("%s", cases[i].query);
}

/* Nothing is read beyond the end. */
static void damaged_words_match_nothing(void **state)
{
    (void)state;
    static const struct span kept[] = {
        { "", 0 }, { "s", 1 }, { "s reset", 7 }, { "s\0 reset ", 9 }, { "\0\0\0", 3 },
    };
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        struct span rest = kept[i];
        struct words_line line;
        assert_false(words_next(&rest, &line));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_without_anything_has_facts),
        cmocka_unit_test(everything_has_a_line),
        cmocka_unit_test(what_is_kept_is_bounded),
        cmocka_unit_test(patterns_match_lines),
        cmocka_unit_test(damaged_words_match_nothing),
    };
    return RUN_TESTS(tests);
}

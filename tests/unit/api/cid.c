#include "../test.h"

#include "api/cid.h"

#include <string.h>

static struct mail_part parts[] = {
    { .number = "1" },
    { .number = "2", .content_id = "logo@shop.test" },
    { .number = "3.1", .content_id = "a+b" },
    { .number = "4", .content_id = "%" },
};
static const struct mail mail = { .parts = parts, .part_count = ARRAY_LEN(parts) };

/* The text goes in `step` octets at a time. */
static void link_all(struct span text, size_t step, struct buf *out)
{
    struct arena arena = { 0 };
    struct cid_links *links = cid_links_new(&mail, "", &arena);
    for (size_t at = 0; at < text.len; at += step)
        cid_links_push(links, span_slice(text, at, at + step), out);
    cid_links_finish(links, out);
    cid_links_free(links);
    arena_done(&arena);
}

static void names_become_addresses_however_the_text_is_cut(void **state)
{
    (void)state;
    static const struct {
        const char *html, *linked;
    } cases[] = {
        { "<img src=\"cid:logo@shop.test\">", "<img src=\"parts/2\">" },
        { "<img src='CID:logo@shop.test'>", "<img src='parts/2'>" },
        { "<img src=cid:logo@shop.test>", "<img src=parts/2>" },
        { "<img src=cid:logo@shop.test alt=x>", "<img src=parts/2 alt=x>" },
        { "<img src=\"cid:logo%40shop.test\">", "<img src=\"parts/2\">" },
        { "<img src=\"cid:a%2Bb\">", "<img src=\"parts/3.1\">" },
        { "<img src=\"cid:a+b\">", "<img src=\"parts/3.1\">" },
        { "<img src=\"cid:%\">", "<img src=\"parts/4\">" },
        { "<p style=\"background: url(cid:logo@shop.test)\">",
          "<p style=\"background: url(parts/2)\">" },
        { "<p style=\"background: url(&quot;cid:logo@shop.test&quot;)\">",
          "<p style=\"background: url(&quot;parts/2&quot;)\">" },
        { "\"cid:a+b\" \"cid:a+b\" cid:a+b", "\"parts/3.1\" \"parts/3.1\" cid:a+b" },
        { "=cid:=cid:a+b", "=cid:=parts/3.1" },
        { "=cid:a+b", "=parts/3.1" },
        /* What names no part stays. */
        { "<img src=\"cid:other@shop.test\">", "<img src=\"cid:other@shop.test\">" },
        { "<img src=\"cid:LOGO@shop.test\">", "<img src=\"cid:LOGO@shop.test\">" },
        { "<img src=\"cid:logo@shop.test.evil\">", "<img src=\"cid:logo@shop.test.evil\">" },
        { "<img src=\"cid:\">", "<img src=\"cid:\">" },
        { "<img src=\"cid:%00logo@shop.test\">", "<img src=\"cid:%00logo@shop.test\">" },
        { "placid:a+b lucid:a+b cid:a+b", "placid:a+b lucid:a+b cid:a+b" },
        { "", "" },
        { "=c", "=c" },
        { "=cid", "=cid" },
        { "=cid:", "=cid:" },
        { "=ccid:a+b", "=ccid:a+b" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t step = 1; step <= strlen(cases[i].html) + 1; step++) {
            struct buf out = { 0 };
            link_all(span_of(cases[i].html), step, &out);
            assert_span(buf_span(&out), cases[i].linked);
            buf_done(&out);
        }
    }
}

static void little_is_held_back(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct buf out = { 0 };
    struct cid_links *links = cid_links_new(&mail, "", &arena);
    size_t given = 0;
    cid_links_push(links, SPAN("\"cid:"), &out);
    for (; given < 1000000; given += 10)
        cid_links_push(links, SPAN("aaaaaaaaaa"), &out);
    assert_true(out.len > given - 1000);
    cid_links_finish(links, &out);
    assert_int_equal(out.len, given + 5);
    cid_links_free(links);
    buf_done(&out);
    arena_done(&arena);
}

/* As long as a name can be, and one longer that begins the same. */
static void names_have_a_limit(void **state)
{
    (void)state;
    char id[251] = { 0 };
    memset(id, 'x', 250);
    struct mail_part part = { .number = "7", .content_id = id };
    const struct mail one = { .parts = &part, .part_count = 1 };
    struct arena arena = { 0 };
    struct buf html = { 0 };
    struct buf out = { 0 };
    struct cid_links *links = cid_links_new(&one, "", &arena);
    buf_printf(&html, "\"cid:%s\" \"cid:%sx\"", id, id);
    cid_links_push(links, buf_span(&html), &out);
    cid_links_finish(links, &out);
    buf_clear(&html);
    buf_printf(&html, "\"parts/7\" \"cid:%sx\"", id);
    assert_span(buf_span(&out), buf_text(&html));
    cid_links_free(links);
    buf_done(&html);
    buf_done(&out);
    arena_done(&arena);
}

static void a_message_without_ids_passes(void **state)
{
    (void)state;
    static const struct mail none = { 0 };
    struct arena arena = { 0 };
    struct buf out = { 0 };
    struct cid_links *links = cid_links_new(&none, "", &arena);
    cid_links_push(links, SPAN("<img src=\"cid:a+b\">"), &out);
    cid_links_finish(links, &out);
    assert_span(buf_span(&out), "<img src=\"cid:a+b\">");
    cid_links_free(links);
    buf_done(&out);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_addresses_however_the_text_is_cut),
        cmocka_unit_test(little_is_held_back),
        cmocka_unit_test(names_have_a_limit),
        cmocka_unit_test(a_message_without_ids_passes),
    };
    return RUN_TESTS(tests);
}

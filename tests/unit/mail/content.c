#include "mail_test.h"

#include <string.h>

static void read_content(const char *raw, struct arena *arena, struct mail_content *out)
{
    const struct span bytes = span_of(raw);
    const struct source source = source_of_span(&bytes);
    struct mail mail;
    mail_read(&source, arena, &mail);
    mail_read_content(&source, &mail, arena, out);
}

static void fields_and_both_texts_are_there(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_content c;
    read_content("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Tenant: 42\r\n"
                 "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
                 "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xFC\xDF\r\n"
                 "--b\r\nContent-Type: text/html\r\n\r\n<style>p {}</style>"
                 "<p>Hello, whole <b>world</b>\r\n--b--\r\n",
                 &arena, &c);
    assert_int_equal(c.header_count, 3);
    assert_string_equal(c.headers[0].name, "Subject");
    assert_string_equal(c.headers[0].value, "Grüße");
    assert_string_equal(c.headers[1].value, "42");
    assert_span(span_trim(c.text), "Grüß");
    assert_span(span_trim(c.html), "Hello, whole world");
}

static void html_that_says_the_same_is_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *text, *html;
        bool is_there;
    } cases[] = {
        { "", "Hello", true },
        { "Hello", "Hello", false },
        { "Hello", "Hello again", true },
        { "Hello", "<div><p class=long>Hello</p></div>", false },
        { "Hello", "Hello, you", true },
        { "Hello", "Hello you", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct mail_content c;
        read_content(arena_printf(&arena,
                                  "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
                                  "--b\r\n\r\n%s\r\n"
                                  "--b\r\nContent-Type: text/html\r\n\r\n%s\r\n--b--\r\n",
                                  cases[i].text, cases[i].html),
                     &arena, &c);
        assert_span(c.text, cases[i].text);
        assert_int_equal(c.html.len > 0, cases[i].is_there);
    }
}

static void lines_that_are_no_fields_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        const char *stray;
    } cases[] = {
        { "Subject: a\r\nTo : b\r\n\r\nno field\r\n", NULL },
        { "Subject: a\r\n folded\r\n\r\n", NULL },
        { "\r\nno field\r\n", NULL },
        { "", NULL },
        { "Subject: a\r\nno field \r\n more\r\nTo: b\r\n\r\n", "no field" },
        { "Subject: a\r\nno field\r\n\r\n", "no field" },
        { "no field\r\nSubject: a\r\n\r\n", "no field" },
        { "From a@b Mon\r\nSubject: a\r\n\r\n", "From a@b Mon" },
        { "Gr\xFC\xDF: a\r\n\r\n", "Grüß: a" },
        { "no header at all", "no header at all" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct mail_content c;
        read_content(cases[i].raw, &arena, &c);
        if (cases[i].stray)
            assert_string_equal(c.stray, cases[i].stray);
        else
            assert_null(c.stray);
    }
}

static void what_is_not_there_is_empty(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_content c;
    read_content("Content-Type: application/pdf\r\n\r\n%PDF", &arena, &c);
    assert_int_equal(c.header_count, 1);
    assert_int_equal(c.text.len, 0);
    assert_int_equal(c.html.len, 0);
}

static void text_is_bounded(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf raw AUTO(buf_done) = { 0 };
    struct mail_content c;
    buf_append(&raw, SPAN("\r\n"));
    while (raw.len < 4 * MAIL_CONTENT_TEXT)
        buf_append(&raw, SPAN("some words "));
    read_content(buf_text(&raw), &arena, &c);
    assert_true(c.text.len >= MAIL_CONTENT_TEXT);
    assert_true(c.text.len < MAIL_CONTENT_TEXT + 8192);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_that_says_the_same_is_left_out),
        cmocka_unit_test(fields_and_both_texts_are_there),
        cmocka_unit_test(lines_that_are_no_fields_are_told),
        cmocka_unit_test(what_is_not_there_is_empty),
        cmocka_unit_test(text_is_bounded),
    };
    return RUN_MAIL_TESTS(tests);
}

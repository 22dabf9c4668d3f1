#include "mail_test.h"

#include "mail/plain_type.h"
#include "mail/value.h"

#include <string.h>

/* NULL is text that is not there. */
static void assert_text(const char *actual, const char *expected)
{
    assert_int_equal(actual == NULL, expected == NULL);
    if (actual)
        assert_string_equal(actual, expected);
}

static void reads_what_is_plain(void **state)
{
    (void)state;
    static const struct {
        const char *value, *type, *charset, *boundary, *name;
    } cases[] = {
        { "text/plain", "text/plain", NULL, NULL, NULL },
        { "Text/HTML; charset=UTF-8", "text/html", "UTF-8", NULL, NULL },
        { "text/plain;charset=\"utf-8\";", "text/plain", "utf-8", NULL, NULL },
        { "multipart/mixed;\r\n\tBoundary=\"--=_a b;c\" ; x=y", "multipart/mixed", NULL,
          "--=_a b;c", NULL },
        { "image/svg+xml; name=\"a'b.svg\"", "image/svg+xml", NULL, NULL, "a'b.svg" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct plain_type t;
        assert_true(plain_type_read(span_of(cases[i].value), &arena, &t));
        assert_string_equal(t.type, cases[i].type);
        assert_text(t.charset, cases[i].charset);
        assert_text(t.boundary, cases[i].boundary);
        assert_text(t.name, cases[i].name);
    }
}

static void leaves_the_rest_alone(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "text",
        "text/",
        "/plain",
        "text /plain",
        "text/plain charset=utf-8",
        "text/plain; charset",
        "text/plain; charset=",
        "text/plain; charset = utf-8",
        "text/plain; charset=\"utf-8",
        "text/plain; charset=\"\"",
        "text/plain; charset=a; charset=b",
        "text/plain (comment)",
        "text/plain; charset=utf-8 (comment)",
        "text/plain;; charset=utf-8",
        "a/b; name=\"=?utf-8?q?c?=\"",
        "a/b; name=\"c\\\"d\"",
        "a/b; name*=utf-8''c",
        "a/b; name*0=c",
        "a/b; name=\xC3\xA9",
        "a/b; name=\"\xC3\xA9\"",
        "a/b; name=\"c\r\n d\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct plain_type t;
        if (plain_type_read(span_of(cases[i]), &arena, &t))
            fail_msg("taken for plain: %s", cases[i]);
    }
}

static void bounds_what_it_reads(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf value AUTO(buf_done) = { 0 };
    struct plain_type t;
    buf_append(&value, SPAN("a/b; name="));
    while (value.len < 1001)
        buf_putc(&value, 'x');
    assert_false(plain_type_read(buf_span(&value), &arena, &t));
    value.len--;
    assert_true(plain_type_read(buf_span(&value), &arena, &t));
}

/* Puts pieces of parameters together, sound or not. */
static void make_value(uint32_t seed, struct buf *out)
{
    static const char *const pieces[][8] = {
        { "; charset=", "; boundary=", ";\r\n name=", ";NAME=", "; x=", " ; y=", ";z*=", ";" },
        { "a", "\"c\"", "\"d e;f\"", "\"/\"", "\"=_\"", "\"?='\"", "utf-8", "B9" },
        { "", "", "", " ", "-_.", "+", "\"", "=()" },
    };
    buf_append(out, SPAN("text/x"));
    for (int i = 0; i < 9; i++) {
        seed = seed * 1664525 + 1013904223;
        buf_append(out, span_of(pieces[i % 3][seed >> 29]));
    }
}

/* What it reads, it reads as GMime does. */
static void agrees_with_gmime(void **state)
{
    (void)state;
    int plain = 0;
    for (uint32_t seed = 0; seed < 50000; seed++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct buf value AUTO(buf_done) = { 0 };
        struct plain_type t;
        make_value(seed * 2654435761U, &value);
        if (!plain_type_read(buf_span(&value), &arena, &t))
            continue;
        plain++;
        char *flat AUTO(free_ptr) = value_parameters(buf_span(&value));
        GMimeContentType *type = g_mime_content_type_parse(value_options(), flat);
        const char *slash = strchr(t.type, '/');
        assert_int_equal(g_ascii_strcasecmp(slash + 1, g_mime_content_type_get_media_subtype(type)),
                         0);
        assert_text(t.charset, g_mime_content_type_get_parameter(type, "charset"));
        assert_text(t.boundary, g_mime_content_type_get_parameter(type, "boundary"));
        assert_text(t.name, g_mime_content_type_get_parameter(type, "name"));
        g_object_unref(type);
    }
    assert_in_range(plain, 1000, 49000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_plain),
        cmocka_unit_test(leaves_the_rest_alone),
        cmocka_unit_test(bounds_what_it_reads),
        cmocka_unit_test(agrees_with_gmime),
    };
    return RUN_MAIL_TESTS(tests);
}

#include "../test.h"

#include "core/mem.h"
#include "core/utf8.h"
#include "mail/charset.h"

#define REPLACED "\xEF\xBF\xBD"

static void convert(const char *name, struct span in, size_t step, struct buf *out)
{
    struct charset c AUTO(charset_done);
    charset_init(&c, name);
    while (in.len > step) {
        charset_push(&c, span_slice(in, 0, step), false, out);
        in = span_slice(in, step, in.len);
    }
    charset_push(&c, in, false, out);
    charset_push(&c, (struct span){ 0 }, true, out);
}

#define OCTETS(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct {
    const char *name;
    struct span in;
    const char *out;
} cases[] = {
    { "utf-8", OCTETS(""), "" },
    { "UTF-8", OCTETS("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"),
      "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80" },
    { "utf8", OCTETS("a\xE4z"), "a" REPLACED "z" },
    { "utf-8", OCTETS("\xE2\x82"), REPLACED REPLACED },
    { "utf-8", OCTETS("\xE2\x41"), REPLACED "A" },
    { "utf-8", OCTETS("\xED\xA0\x80"), REPLACED REPLACED REPLACED },
    { "utf-8", OCTETS("a\0b"), "a" REPLACED "b" },
    /* not known: UTF-8 where it is, windows-1252 elsewhere */
    { NULL, OCTETS("\xC3\xA4 \xE4 \x80 \x81"), "\xC3\xA4 \xC3\xA4 \xE2\x82\xAC " REPLACED },
    { "", OCTETS("\xE4"), "\xC3\xA4" },
    { "us-ascii", OCTETS("\xE4\xC3"), "\xC3\xA4\xC3\x83" },
    { "no-such-charset", OCTETS("\xE2\x82"), "\xC3\xA2\xE2\x80\x9A" },
    { "a-name-that-is-longer-than-that-of-any-charset", OCTETS("\xE4"), "\xC3\xA4" },
    /* iconv's */
    { "iso-8859-1", OCTETS("\xE4\x80"), "\xC3\xA4\xE2\x82\xAC" },
    { "ISO_8859-1", OCTETS("\x93"), "\xE2\x80\x9C" },
    { "latin1", OCTETS("\x93"), "\xE2\x80\x9C" },
    { "iso-8859-15 (a comment)", OCTETS("\xA4"), "\xE2\x82\xAC" },
    { "windows-1252", OCTETS("a\x81z"), "a" REPLACED "z" },
    { "koi8-r", OCTETS("\xCD\xC9\xD2"), "\xD0\xBC\xD0\xB8\xD1\x80" },
    { "shift_jis", OCTETS("\x93\xFA\x96\x7B"), "\xE6\x97\xA5\xE6\x9C\xAC" },
    { "x-sjis", OCTETS("\x93\xFA"), "\xE6\x97\xA5" },
    { "shift_jis", OCTETS("a\x93"), "a" REPLACED },
    { "iso-2022-jp", OCTETS("\x1B$BF|K\\\x1B(Ba"),
      "\xE6\x97\xA5\xE6\x9C\xAC"
      "a" },
    { "ks_c_5601-1987", OCTETS("\xBD\xBA"), "\xEC\x8A\xA4" },
    { "utf-16be", OCTETS("\0a\xD8\x3D\xDE\x00\0\0"), "a\xF0\x9F\x98\x80" REPLACED },
    { "utf-16le", OCTETS("a\0b"), "a" REPLACED },
    { "utf-7", OCTETS("+AOQ-b"),
      "\xC3\xA4"
      "b" },
};

/* Wherever the text is cut. */
static void makes_utf8_of_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step <= cases[i].in.len + 1; step++) {
            struct buf out AUTO(buf_done) = { 0 };
            convert(cases[i].name, cases[i].in, step, &out);
            assert_span(buf_span(&out), cases[i].out);
        }
}

/* All octets, in each charset, long enough that the converter's output must grow. */
static void whatever_comes_it_is_utf8(void **state)
{
    (void)state;
    static const char *const names[] = { NULL,     "utf-8",   "iso-8859-2", "big5",       "euc-kr",
                                         "utf-16", "gb18030", "utf-7",      "iso-2022-kr" };
    char octets[4096];
    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (char)(i * 7 + i / 256);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (size_t step = 1; step < sizeof(octets); step = step * 3 + 1) {
            struct buf out AUTO(buf_done) = { 0 };
            convert(names[i], (struct span){ octets, sizeof(octets) }, step, &out);
            assert_true(utf8_is_valid(buf_span(&out)));
            assert_int_equal(span_find(buf_span(&out), '\0'), out.len);
        }
}

static void holds_no_more_than_a_character(void **state)
{
    (void)state;
    static const char *const names[] = { "utf-8", NULL, "shift_jis" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct buf out AUTO(buf_done) = { 0 };
        struct charset c AUTO(charset_done);
        charset_init(&c, names[i]);
        charset_push(&c, SPAN("\xE2"), false, &out);
        assert_int_equal(c.held.len, 1);
        for (int n = 0; n < 100; n++)
            charset_push(&c, SPAN("\xE2 plain text"), false, &out);
        assert_true(c.held.len < 4);
    }
}

static void puts_code_points(void **state)
{
    (void)state;
    struct buf out AUTO(buf_done) = { 0 };
    charset_put(&out, 'a');
    charset_put(&out, 0x20AC);
    charset_put(&out, 0x10FFFF);
    charset_put(&out, 0x110000);
    charset_put(&out, 0xDFFF);
    charset_put(&out, 0);
    assert_span(buf_span(&out), "a\xE2\x82\xAC\xF4\x8F\xBF\xBF" REPLACED REPLACED REPLACED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_utf8_of_it),
        cmocka_unit_test(whatever_comes_it_is_utf8),
        cmocka_unit_test(holds_no_more_than_a_character),
        cmocka_unit_test(puts_code_points),
    };
    return RUN_TESTS(tests);
}

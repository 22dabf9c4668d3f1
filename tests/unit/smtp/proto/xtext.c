#include "../../test.h"

#include "smtp/proto/xtext.h"

#include "core/mem.h"

#include <string.h>

/* What `text` decodes to, or "no". The room is just as much as is promised to be enough. */
static void assert_decodes(const char *text, const char *expected, bool is_unitext, bool utf8)
{
    size_t room = strlen(text), len = 99;
    char *out AUTO(free_ptr) = xmalloc(room);
    bool ok = is_unitext ? smtp_unitext_decode(span_of(text), utf8, out, &len)
                         : smtp_xtext_decode(span_of(text), out, &len);
    if (ok)
        assert_span(((struct span){ out, len }), expected);
    else {
        assert_string_equal(expected, "no");
        assert_int_equal(len, 99);
    }
}

static void xtext(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "", "" },           { "a", "a" },          { "!~", "!~" },
        { "+2B+3D", "+=" },   { "a+FFz", "a\xFFz" }, { "+41+42", "AB" },
        { "+", "no" },        { "+4", "no" },        { "a+4", "no" },
        { "+4g", "no" },      { "+fF", "no" },       { "++4", "no" },
        { "=", "no" },        { "a b", "no" },       { "\x7F", "no" },
        { "\xC3\xBC", "no" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_decodes(cases[i][0], cases[i][1], false, false);
    char out[9];
    size_t len;
    assert_true(smtp_xtext_decode(SPAN("+00+FF+0A"), out, &len));
    assert_int_equal(len, 3);
    assert_memory_equal(out, "\0\xFF\n", 3);
}

static void unitext(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "", "" },
        { "a@b", "a@b" },
        { "j\\x{FC}rgen", "j\xC3\xBCrgen" },
        { "\\x{20AC}\\x{1F600}\\x{10FFFF}", "\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF" },
        { "\\x{5C}\\x{2B}", "\\+" },
        { "\\", "no" },
        { "\\x", "no" },
        { "\\x{", "no" },
        { "\\x{}", "no" },
        { "\\x{F}", "no" },
        { "\\x{fc}", "no" },
        { "\\x{FC", "no" },
        { "\\x{00000FC}", "no" },
        { "\\x{D800}", "no" },
        { "\\x{110000}", "no" },
        { "\\u{FC}", "no" },
        { "+2B", "no" },
        { "a=b", "no" },
        { "a b", "no" },
        { "\xFC", "no" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int utf8 = 0; utf8 < 2; utf8++)
            assert_decodes(cases[i][0], cases[i][1], true, utf8);
    assert_decodes("j\xC3\xBCrgen", "no", true, false);
    assert_decodes("j\xC3\xBCrgen\\x{FC}", "j\xC3\xBCrgen\xC3\xBC", true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xtext),
        cmocka_unit_test(unitext),
    };
    return RUN_TESTS(tests);
}

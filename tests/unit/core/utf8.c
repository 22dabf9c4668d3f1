#include "../test.h"

#include "core/utf8.h"

#include <string.h>

static void knows_well_formed_sequences(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        { "", true },
        { "plain", true },
        { "\xC3\xA9", true },
        { "\xE2\x82\xAC", true },
        { "\xF0\x9F\x98\x80", true },
        { "\xF4\x8F\xBF\xBF", true },
        { "\x80", false }, /* a tail alone */
        { "\xC3", false }, /* cut short */
        { "\xE2\x82", false },
        { "\xC0\xAF", false }, /* overlong */
        { "\xE0\x80\xAF", false },
        { "\xF0\x80\x80\xAF", false },
        { "\xED\xA0\x80", false },     /* a surrogate */
        { "\xF4\x90\x80\x80", false }, /* beyond U+10FFFF */
        { "\xFF", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(utf8_is_valid(span_of(cases[i].text)), cases[i].ok);
    assert_false(utf8_is_valid(SPAN("\0")));
}

static void encodes_what_it_knows(void **state)
{
    (void)state;
    static const struct {
        uint32_t code;
        const char *octets; /* empty: none */
    } cases[] = {
        { 'a', "a" },
        { 0x7F, "\x7F" },
        { 0x80, "\xC2\x80" },
        { 0x7FF, "\xDF\xBF" },
        { 0x800, "\xE0\xA0\x80" },
        { 0xD7FF, "\xED\x9F\xBF" },
        { 0xD800, "" },
        { 0xDFFF, "" },
        { 0xE000, "\xEE\x80\x80" },
        { 0xFFFF, "\xEF\xBF\xBF" },
        { 0x10000, "\xF0\x90\x80\x80" },
        { 0x10FFFF, "\xF4\x8F\xBF\xBF" },
        { 0x110000, "" },
        { UINT32_MAX, "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char octets[4];
        size_t len = utf8_encode(cases[i].code, octets);
        assert_span(((struct span){ octets, len }), cases[i].octets);
    }
}

/* Octets are looked at eight at a time where that is possible. */
static void finds_what_is_unsound_wherever_it_stands(void **state)
{
    (void)state;
    static const char bad[] = { '\0', '\x80', '\xC3', '\xFF' };
    char text[24];
    for (size_t len = 1; len <= sizeof(text); len++)
        for (size_t at = 0; at < len; at++)
            for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                memset(text, at % 2 ? '\x01' : '\x7F', sizeof(text));
                text[at] = bad[i];
                assert_int_equal(utf8_sound_size((struct span){ text, len }), at);
            }
}

static void scrubbing_replaces_what_is_broken(void **state)
{
    (void)state;
    struct buf out AUTO(buf_done) = { 0 };
    utf8_scrub(&out, SPAN("a\xFF\xC3\xA9\0z\xE2\x82"));
    assert_span(buf_span(&out), "a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_true(utf8_is_valid(buf_span(&out)));
}

static void a_front_splits_no_character(void **state)
{
    (void)state;
    assert_span(utf8_front(SPAN("\xC3\xA9\xE2\x82\xACx"), 2), "\xC3\xA9\xE2\x82\xAC");
    assert_span(utf8_front(SPAN("ab"), 5), "ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_well_formed_sequences),
        cmocka_unit_test(encodes_what_it_knows),
        cmocka_unit_test(finds_what_is_unsound_wherever_it_stands),
        cmocka_unit_test(scrubbing_replaces_what_is_broken),
        cmocka_unit_test(a_front_splits_no_character),
    };
    return RUN_TESTS(tests);
}

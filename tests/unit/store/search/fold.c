#include "../../test.h"

#include "core/mem.h"
#include "store/search/fold.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *text, *words;
} cases[] = {
    /* ASCII */
    { "", "" },
    { " ,.-", "" },
    { "Reset your password", "reset your password " },
    { "foo_bar-baz/qux don't", "foo bar baz qux don t " },
    { "a\tb\r\nc\x01" "d", "a b c d " },
    { "Order #12,345.60", "order 12 345 60 " },
    { "trailing", "trailing " },

    /* letters with accents, however they are written */
    { "Café CAFÉ cafe\u0301", "cafe cafe cafe " },
    { "Größe GRÖSSE Straße ẞ", "grosse grosse strasse ss " },
    { "Ångström Škoda naïve Łódź", "angstrom skoda naive łodz " },
    { "Việt Nam", "viet nam " },
    { "İstanbul ISTANBUL", "istanbul istanbul " },
    { "ﬁne ﬃ Ⅷ ² ½", "fine ffi viii 2 1 2 " },
    { "Ｆｕｌｌ　ｗｉｄｔｈ", "full width " },
    { "\U0001D400\U0001D7D9", "a1 " },

    /* other scripts */
    { "ΣΊΣΥΦΟΣ σίσυφος ᾳ", "σισυφοσ σισυφοσ αι " },
    { "ЗАКАЗ Ёлка й", "заказ елка и " },
    { "שָׁלוֹם", "שלום " },
    { "مُحَمَّد", "محمد " },
    { "हिन्दी में", "हिन्दी में " },
    { "한국어 메일", "한국어 메일 " },
    { "\u1112\u1161\u11AB\u1100\u116E\u11A8", "한국 " },

    /* characters that are words of their own */
    { "東京", "東 京 " },
    { "これはABCです。", "こ れ は abc で す " },
    { "データ", "デ ー タ " },
    { "か\u3099", "が " },
    { "ｶﾞﾗｽ", "ガ ラ ス " },
    { "豈\uF900", "豈 豈 " },
    { "Sale🎉now ☎ ©2026", "sale 🎉 now ☎ © 2026 " },
    { "❤️", "❤ " },

    /* what is in a word without being seen, and what separates without being ASCII */
    { "Ver\u00ADsand zero\u200Bwidth join\u200Der", "versand zero width joiner " },
    { "no\u00A0break „quoted“ it’s…end", "no break quoted it s end " },
    { "a\u2028b—c", "a b c " },

    /* no UTF-8: what it is made of is gone */
    { "a\xFF" "b \xC3 \xE2\x82", "ab " },
};

static const struct {
    const char *text, *word;
} wholes[] = {
    { "", "" },
    { "App@Shop.Test", "app@shop.test " },
    { "\"John Doe\"@b.test", "\"john_doe\"@b.test " },
    { "Jérôme@Müller.test", "jerome@muller.test " },
    { "a\r\nb\u00A0c", "a__b_c " },
    { "東京@例え.jp", "東京@例え.jp " },
    { "um–laut", "um–laut " },
};
/* clang-format on */

static const char *fold(struct buf *out, const char *text)
{
    buf_clear(out);
    fold_words(out, span_of(text), 1000);
    return buf_text(out);
}

static void words_are_folded(void **state)
{
    (void)state;
    struct buf out AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(fold(&out, cases[i].text), cases[i].words);
}

static void wholes_are_folded(void **state)
{
    (void)state;
    struct buf out AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(wholes); i++) {
        buf_clear(&out);
        fold_whole(&out, span_of(wholes[i].text));
        assert_string_equal(buf_text(&out), wholes[i].word);
    }
}

/* What was folded is folded to itself, so that words taken from a result are found again. */
static void folding_again_changes_nothing(void **state)
{
    (void)state;
    struct buf once AUTO(buf_done) = { 0 };
    struct buf twice AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        fold(&once, cases[i].text);
        assert_string_equal(fold(&twice, buf_text(&once)), buf_text(&once));
    }
}

static void long_words_are_cut(void **state)
{
    (void)state;
    char text[400] = { 0 };
    struct buf out AUTO(buf_done) = { 0 };
    memset(text, 'A', 300);
    strcat(text, " ä x");
    fold_words(&out, span_of(text), 1000);
    assert_int_equal(strspn(buf_text(&out), "a"), FOLD_WORD_MAX);
    assert_string_equal(buf_text(&out) + FOLD_WORD_MAX, " a x ");

    /* Not within a character. */
    buf_clear(&out);
    struct buf umlauts AUTO(buf_done) = { 0 };
    buf_putc(&umlauts, 'x');
    for (int i = 0; i < 100; i++)
        buf_append(&umlauts, SPAN("ж"));
    fold_words(&out, buf_span(&umlauts), 1000);
    assert_int_equal(out.len, 1 + (FOLD_WORD_MAX - 1) / 2 * 2 + 1);

    buf_clear(&out);
    fold_whole(&out, buf_span(&umlauts));
    assert_int_equal(out.len, 1 + 200 + 1);
    buf_clear(&out);
    memset(text, 'A', 300);
    fold_whole(&out, span_of(text));
    assert_int_equal(out.len, FOLD_WHOLE_MAX + 1);
}

static void it_stops_where_it_is_told_to(void **state)
{
    (void)state;
    static const char *const pieces[] = { "word ", "слово ", "東", "ｶﾞ", "\xFF", "½" };
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct buf text AUTO(buf_done) = { 0 };
        struct buf out AUTO(buf_done) = { 0 };
        while (text.len < 100000)
            buf_append(&text, span_of(pieces[i]));
        fold_words(&out, buf_span(&text), 1000);
        assert_true(out.len < 2500);
    }
}

/* Pieces of any length give the same words: a limit within is for the work, not for the result. */
static void long_runs_are_folded_as_short_ones(void **state)
{
    (void)state;
    struct buf text AUTO(buf_done) = { 0 };
    struct buf out AUTO(buf_done) = { 0 };
    struct buf expected AUTO(buf_done) = { 0 };
    for (int i = 0; i < 2000; i++) {
        buf_append(&text, SPAN("ｶﾞ豈"));
        buf_append(&expected, SPAN("ガ 豈 "));
    }
    fold_words(&out, buf_span(&text), 1000000);
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.ptr, expected.ptr, expected.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_folded),
        cmocka_unit_test(wholes_are_folded),
        cmocka_unit_test(folding_again_changes_nothing),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(it_stops_where_it_is_told_to),
        cmocka_unit_test(long_runs_are_folded_as_short_ones),
    };
    return RUN_TESTS(tests);
}

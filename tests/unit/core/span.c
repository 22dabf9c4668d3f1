#include "../test.h"

#include "core/mem.h"

static void cuts_at_the_first_separator(void **state)
{
    (void)state;
    struct span s = SPAN("a,b,,c");
    assert_span(span_cut(&s, ','), "a");
    assert_span(span_cut(&s, ','), "b");
    assert_span(span_cut(&s, ','), "");
    assert_span(span_cut(&s, ','), "c");
    assert_int_equal(s.len, 0);
    assert_span(span_cut(&s, ','), "");
}

static void trims_blanks_only(void **state)
{
    (void)state;
    assert_span(span_trim(SPAN(" \t a b \t")), "a b");
    assert_span(span_trim(SPAN(" \t ")), "");
    assert_span(span_trim(SPAN("\r\n")), "\r\n");
}

static void compares_letters_without_case(void **state)
{
    (void)state;
    assert_true(span_ieq(SPAN("EhLo"), SPAN("ehlo")));
    assert_false(span_ieq(SPAN("ehlo"), SPAN("ehl")));
    assert_false(span_ieq(SPAN("[a"), SPAN("{a")));
    assert_true(span_istarts_with(SPAN("FROM:<a>"), SPAN("from:")));
    assert_false(span_istarts_with(SPAN("FRO"), SPAN("from:")));
    assert_true(span_eq((struct span){ 0 }, SPAN("")));
}

static void slices_stay_inside(void **state)
{
    (void)state;
    assert_span(span_slice(SPAN("abc"), 1, 99), "bc");
    assert_span(span_slice(SPAN("abc"), 9, 99), "");
    assert_int_equal(span_slice((struct span){ 0 }, 1, 2).len, 0);
}

static void numbers_are_digits_without_overflow(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } cases[] = {
        { "0", true, 0 },
        { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 },
        { "99999999999999999999", false, 0 },
        { "", false, 0 },
        { "-1", false, 0 },
        { "+1", false, 0 },
        { " 1", false, 0 },
        { "1a", false, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t value = 7;
        assert_int_equal(parse_u64(span_of(cases[i].text), &value), cases[i].ok);
        assert_int_equal(value, cases[i].ok ? cases[i].value : 7);
    }
}

static void ids_are_positive_and_63_bits(void **state)
{
    (void)state;
    int64_t id;
    assert_true(parse_id(SPAN("9223372036854775807"), &id));
    assert_int_equal(id, INT64_MAX);
    assert_false(parse_id(SPAN("9223372036854775808"), &id));
    assert_false(parse_id(SPAN("0"), &id));
}

static void take_takes_what_is_in_front(void **state)
{
    (void)state;
    struct span s = SPAN("a\xFF");
    assert_false(span_take(&s, 'b'));
    assert_true(span_take(&s, 'a'));
    assert_int_equal(span_front(s), 0xFF);
    assert_true(span_take(&s, '\xFF'));
    assert_int_equal(span_front(s), 0);
    assert_false(span_take(&s, '\0'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take_takes_what_is_in_front),
        cmocka_unit_test(cuts_at_the_first_separator),
        cmocka_unit_test(trims_blanks_only),
        cmocka_unit_test(compares_letters_without_case),
        cmocka_unit_test(slices_stay_inside),
        cmocka_unit_test(numbers_are_digits_without_overflow),
        cmocka_unit_test(ids_are_positive_and_63_bits),
    };
    return RUN_TESTS(tests);
}

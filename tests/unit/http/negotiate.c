#include "../test.h"

#include "core/mem.h"
#include "http/negotiate.h"

static void media_types_have_parameters_and_no_case(void **state)
{
    (void)state;
    assert_true(is_media_type(SPAN("application/json"), SPAN("application/json")));
    assert_true(is_media_type(SPAN("Application/JSON ; charset=utf-8"), SPAN("application/json")));
    assert_false(is_media_type(SPAN("application/json5"), SPAN("application/json")));
    assert_false(is_media_type(SPAN("text/plain; application/json"), SPAN("application/json")));
    assert_false(is_media_type((struct span){ 0 }, SPAN("application/json")));
}

static void accepts_what_is_named_and_not_refused(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        bool yes;
    } cases[] = {
        { "gzip", true },
        { "deflate, gzip;q=0.5, br", true },
        { "GZIP;Q=1", true },
        { "gzip; q=0", false },
        { "gzip;q=0.000", false },
        { "gzip;q=0.001", true },
        { "deflate", false },
        { "x-gzip", false },
        { "*", false },
        { "", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(accepts(span_of(cases[i].list), SPAN("gzip")), cases[i].yes);
}

static void tags_compare_weakly(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        bool yes;
    } cases[] = {
        { "\"a-1\"", true }, { "W/\"a-1\"", true }, { "\"x\", \"a-1\"", true },
        { "*", true },       { "\"a-11\"", false }, { "a-1", false },
        { "", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(etag_listed(span_of(cases[i].list), SPAN("\"a-1\"")), cases[i].yes);
}

static void ranges_are_cut_to_what_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        uint64_t size;
        enum range range;
        uint64_t start, length;
    } cases[] = {
        { "bytes=0-0", 10, RANGE_ONE, 0, 1 },
        { "bytes=2-5", 10, RANGE_ONE, 2, 4 },
        { "bytes=2-", 10, RANGE_ONE, 2, 8 },
        { "bytes=9-", 10, RANGE_ONE, 9, 1 },
        { "bytes=0-99", 10, RANGE_ONE, 0, 10 },
        { "bytes=-3", 10, RANGE_ONE, 7, 3 },
        { "bytes=-99", 10, RANGE_ONE, 0, 10 },
        { "Bytes=1-1", 10, RANGE_ONE, 1, 1 },
        { "bytes=0-18446744073709551615", 10, RANGE_ONE, 0, 10 },
        { "bytes=10-", 10, RANGE_OUTSIDE, 0, 0 },
        { "bytes=10-20", 10, RANGE_OUTSIDE, 0, 0 },
        { "bytes=0-", 0, RANGE_OUTSIDE, 0, 0 },
        { "bytes=-0", 10, RANGE_OUTSIDE, 0, 0 },
        { "bytes=-5", 0, RANGE_OUTSIDE, 0, 0 },
        { "bytes=5-2", 10, RANGE_NONE, 0, 0 },
        { "bytes=0-1,3-4", 10, RANGE_NONE, 0, 0 },
        { "bytes=", 10, RANGE_NONE, 0, 0 },
        { "bytes=-", 10, RANGE_NONE, 0, 0 },
        { "bytes=5", 10, RANGE_NONE, 0, 0 },
        { "bytes=a-b", 10, RANGE_NONE, 0, 0 },
        { "bytes=--3", 10, RANGE_NONE, 0, 0 },
        { "bytes=0-18446744073709551616", 10, RANGE_NONE, 0, 0 },
        { "items=0-1", 10, RANGE_NONE, 0, 0 },
        { "", 10, RANGE_NONE, 0, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t start = 0;
        uint64_t length = 0;
        assert_int_equal(range_parse(span_of(cases[i].field), cases[i].size, &start, &length),
                         cases[i].range);
        assert_int_equal(start, cases[i].start);
        assert_int_equal(length, cases[i].length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(media_types_have_parameters_and_no_case),
        cmocka_unit_test(accepts_what_is_named_and_not_refused),
        cmocka_unit_test(tags_compare_weakly),
        cmocka_unit_test(ranges_are_cut_to_what_is_there),
    };
    return RUN_TESTS(tests);
}

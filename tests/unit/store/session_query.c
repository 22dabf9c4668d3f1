#include "../test.h"

#include "core/mem.h"
#include "store/session_query.h"

#include <string.h>

static const struct store_session_query *parse(const char *text, struct arena *arena,
                                               struct store_query_fault *fault)
{
    return store_session_query_parse(span_of(text), arena, fault);
}

static void says_where_the_fault_is(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        size_t position;
        const char *says;
    } cases[] = {
        { "", 0, "expected" },
        { "  ", 0, "expected" },
        { "one ip:", 7, "expected" },
        { "ip: one", 3, "expected" },
        { "-", 1, "expected" },
        { "one \"\"", 4, "expected" },
        { "one \"two", 4, "not closed" },
        { "gr\xC3\xBC\xC3\x9F\x65 subject:x", 6, "'subject' is not one of" },
        { "one is:open", 7, "'failed' alone" },
        { "http://x", 0, "'http' is not one of" },
        { "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 "
          "33",
          87, "more than 32" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_query_fault fault = { 99, "" };
        assert_null(parse(cases[i].query, &arena, &fault));
        assert_int_equal(fault.position, cases[i].position);
        if (!strstr(fault.detail, cases[i].says))
            fail_msg("%s: %s", cases[i].query, fault.detail);
    }
}

static void knows_when_it_is_of_failed_ones(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        bool is_of_failed;
    } cases[] = {
        { "is:failed", true },      { "ip:1 IS:Failed two", true }, { "-is:failed", false },
        { "\"is:failed\"", false }, { "outcome:dropped", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_query_fault fault;
        const struct store_session_query *q = parse(cases[i].query, &arena, &fault);
        assert_int_equal(session_query_is_of_failed(q), cases[i].is_of_failed);
    }
}

static void reads_terms(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_fault fault;
    const struct store_session_query *q =
        parse(" one  HELO:two !ip:\"th ree\" -\"a:b\"\tfour\"five\" -rcpt:a:b", &arena, &fault);
    assert_non_null(q);
    static const struct {
        const char *value;
        bool is_negated, is_of_facts;
    } expected[] = {
        { "one", false, false }, { "two", false, true },   { "th ree", true, true },
        { "a:b", true, false },  { "four", false, false }, { "five", false, false },
        { "a:b", true, false },
    };
    assert_int_equal(q->count, ARRAY_LEN(expected));
    for (size_t i = 0; i < q->count; i++) {
        assert_span(q->terms[i].value, expected[i].value);
        assert_int_equal(q->terms[i].is_negated, expected[i].is_negated);
        assert_int_equal(session_term_is_of_facts(&q->terms[i]), expected[i].is_of_facts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_the_fault_is),
        cmocka_unit_test(reads_terms),
        cmocka_unit_test(knows_when_it_is_of_failed_ones),
    };
    return RUN_TESTS(tests);
}

#include "../test.h"

#include "core/json_text.h"

static void strings_are_escaped_and_well_formed(void **state)
{
    (void)state;
    const struct {
        struct span text;
        const char *json;
    } cases[] = {
        { { "", 0 }, "\"\"" },
        { { NULL, 0 }, "\"\"" },
        { SPAN("plain \xC3\xA9 \xF0\x9F\x98\x80"), "\"plain \xC3\xA9 \xF0\x9F\x98\x80\"" },
        { SPAN("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"" },
        { SPAN("\x01\n\x1F \x7F"), "\"\\u0001\\u000a\\u001f \\u007f\"" },
        { SPAN("a\0b\xFF"), "\"a\xEF\xBF\xBD"
                            "b\xEF\xBF\xBD\"" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out AUTO(buf_done) = { 0 };
        json_text_put(&out, cases[i].text);
        assert_span(buf_span(&out), cases[i].json);
    }
}

static void commas_stand_between(void **state)
{
    (void)state;
    struct buf out AUTO(buf_done) = { 0 };
    buf_append(&out, SPAN("{"));
    json_text_key(&out, "a");
    buf_append(&out, SPAN("["));
    for (uint64_t i = 1; i <= 3; i++) {
        json_text_next(&out);
        buf_put_u64(&out, i);
    }
    buf_append(&out, SPAN("]"));
    json_text_key(&out, "b");
    buf_append(&out, SPAN("{}"));
    json_text_key(&out, "c");
    json_text_put(&out, SPAN("{"));
    json_text_key(&out, "d");
    buf_append(&out, SPAN("[]}"));
    assert_span(buf_span(&out), "{\"a\":[1,2,3],\"b\":{},\"c\":\"{\",\"d\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped_and_well_formed),
        cmocka_unit_test(commas_stand_between),
    };
    return RUN_TESTS(tests);
}

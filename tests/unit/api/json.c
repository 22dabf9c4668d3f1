#include "../test.h"

#include "api/json.h"

static void check_text(const char *text, const char *wanted)
{
    json_auto_t *json = json_text(&text);
    assert_string_equal(json_string_value(json), wanted);
}

static void text_is_always_utf_8(void **state)
{
    (void)state;
    check_text("", "");
    check_text("gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F");
    check_text("a\xFF\xC3", "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void text_that_is_not_there_is_null(void **state)
{
    (void)state;
    const char *none = NULL;
    json_auto_t *json = json_text(&none);
    assert_true(json_is_null(json));
}

static void a_table_writes_what_it_points_at(void **state)
{
    (void)state;
    const struct thing {
        int64_t at, number;
        uint64_t size;
        bool is_new;
        struct mail_addresses who;
    } thing = {
        .at = 1,
        .number = -5,
        .size = 7,
        .is_new = true,
        .who = { (struct mail_address[]){ { "Ann", "ann@b.test" } }, 1 },
    };
    const struct json_column columns[] = {
        { "at", json_time, offsetof(struct thing, at) },
        { "number", json_number, offsetof(struct thing, number) },
        { "size", json_size, offsetof(struct thing, size) },
        { "is_new", json_bool, offsetof(struct thing, is_new) },
        { "who", json_addresses, offsetof(struct thing, who) },
        { "items", json_no_items, 0 },
        { 0 },
    };
    json_auto_t *json = json_write(columns, &thing);
    char *text AUTO(free_ptr) = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text, "{\"at\":\"1970-01-01T00:00:00.001Z\",\"number\":-5,\"size\":7,"
                              "\"is_new\":true,"
                              "\"who\":[{\"name\":\"Ann\",\"address\":\"ann@b.test\"}],"
                              "\"items\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_always_utf_8),
        cmocka_unit_test(text_that_is_not_there_is_null),
        cmocka_unit_test(a_table_writes_what_it_points_at),
    };
    return RUN_TESTS(tests);
}

#include "../test.h"

#include "core/mem.h"
#include "store/names.h"

#include <string.h>

#define LETTERS_16 "abcdefghijklmnop"
#define LETTERS_64 LETTERS_16 LETTERS_16 LETTERS_16 LETTERS_16

/* clang-format off */
static void names_have_a_rule(void **state)
{
    static const struct {
        const char *name;
        bool is_valid;
    } cases[] = {
        { "default", true },
        { "Sign.Up_4-2", true },
        { "4.2", true },
        { "-", true },
        { "...", true },
        { LETTERS_64, true },
        { "a42", true },
        { "", false },
        { "42", false },
        { ".", false },
        { "..", false },
        { "a b", false },
        { "app@shop.test", false },
        { "a/b", false },
        { "a%b", false },
        { "a\nb", false },
        { LETTERS_64 "a", false },
        { "\xC3\xA4", false },
        { "a:b", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (store_inbox_name_is_valid(span_of(cases[i].name)) != cases[i].is_valid)
            fail_msg("%s", cases[i].name);
    assert_false(store_inbox_name_is_valid(SPAN("a\0b")));
}

static void usernames_have_a_rule(void **state)
{
    (void)state;
    assert_true(store_username_is_valid(SPAN("app@shop.test")));
    assert_true(store_username_is_valid(SPAN("42")));
    assert_true(store_username_is_valid(SPAN("J\xC3\xB6rg M")));
    assert_true(store_username_is_valid(SPAN(LETTERS_64 LETTERS_64)));
    assert_false(store_username_is_valid(SPAN(LETTERS_64 LETTERS_64 "a")));
    assert_false(store_username_is_valid(SPAN("")));
    assert_false(store_username_is_valid(SPAN("a\0b")));
    assert_false(store_username_is_valid(SPAN("a\r\nb")));
    assert_false(store_username_is_valid(SPAN("a\x7F")));
    assert_false(store_username_is_valid(SPAN("\xFF")));
}

static void usernames_become_names(void **state)
{
    static const struct {
        const char *username;
        unsigned attempt;
        const char *name;
    } cases[] = {
        { "app", 0, "app" },
        { "App.1", 0, "App.1" },
        { "app", 1, "app-2" },
        { "app", 4294967294u, "app-4294967295" },
        { "app@shop.test", 0, "app-shop.test" },
        { "app@shop.test", 2, "app-shop.test-3" },
        { " <app> @ shop ", 0, "app-shop" },
        { "42", 0, "inbox-42" },
        { "42", 1, "inbox-42-2" },
        { "@", 0, "inbox" },
        { "@", 1, "inbox-2" },
        { "..", 0, "inbox-.." },
        { "\xC3\xA4"
          "b",
          0, "b" },
        { LETTERS_64, 0, LETTERS_64 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char name[NAME_SIZE];
        name_of_username(span_of(cases[i].username), cases[i].attempt, name);
        assert_string_equal(name, cases[i].name);
    }
}

static void what_becomes_of_any_username_is_a_name(void **state)
{
    (void)state;
    for (size_t len = 1; len <= STORE_USERNAME_MAX; len++)
        for (unsigned char c = 1; c; c++) {
            char username[STORE_USERNAME_MAX], name[NAME_SIZE];
            memset(username, c, len);
            struct span s = { username, len };
            name_of_username(s, 0, name);
            assert_true(store_inbox_name_is_valid(span_of(name)));
            name_of_username(s, 4294967294u, name);
            assert_true(store_inbox_name_is_valid(span_of(name)));
        }
}

static void made_up_names_are_names_and_differ(void **state)
{
    enum { COUNT = 50 };
    char names[COUNT][NAME_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        name_make(names[i]);
        assert_true(store_inbox_name_is_valid(span_of(names[i])));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(names[i], names[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_have_a_rule),
        cmocka_unit_test(usernames_have_a_rule),
        cmocka_unit_test(usernames_become_names),
        cmocka_unit_test(what_becomes_of_any_username_is_a_name),
        cmocka_unit_test(made_up_names_are_names_and_differ),
    };
    return RUN_TESTS(tests);
}

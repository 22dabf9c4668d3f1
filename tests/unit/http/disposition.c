#include "../test.h"

#include "http/http.h"

#include <string.h>

static void names_are_encoded_for_old_and_new_readers(void **state)
{
    (void)state;
    static const struct {
        const char *filename, *value;
    } cases[] = {
        { NULL, "attachment" },
        { "", "attachment" },
        { "a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf" },
        { "a b;c=d.pdf",
          "attachment; filename=\"a b;c=d.pdf\"; filename*=UTF-8''a%20b%3Bc%3Dd.pdf" },
        { "\xC3\xA4\xE2\x82\xAC.txt",
          "attachment; filename=\"__.txt\"; filename*=UTF-8''%C3%A4%E2%82%AC.txt" },
        { "a\"b%41", "attachment; filename=\"a_b_41\"; filename*=UTF-8''a%22b%2541" },
        { "../../etc/passwd",
          "attachment; filename=\".._.._etc_passwd\"; filename*=UTF-8''.._.._etc_passwd" },
        { "..\\x", "attachment; filename=\".._x\"; filename*=UTF-8''.._x" },
        { "a\r\nSet-Cookie: x",
          "attachment; filename=\"a__Set-Cookie: x\"; filename*=UTF-8''a__Set-Cookie%3A%20x" },
        { "\xFF", "attachment; filename=\"_\"; filename*=UTF-8''%EF%BF%BD" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena = { 0 };
        assert_string_equal(http_disposition(&arena, "attachment", cases[i].filename),
                            cases[i].value);
        arena_done(&arena);
    }
}

static void long_names_are_cut(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    char *name = arena_alloc(&arena, 100001);
    memset(name, 'x', 100000);
    assert_true(strlen(http_disposition(&arena, "inline", name)) < 600);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_encoded_for_old_and_new_readers),
        cmocka_unit_test(long_names_are_cut),
    };
    return RUN_TESTS(tests);
}

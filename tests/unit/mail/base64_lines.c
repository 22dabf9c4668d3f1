#include "../test.h"

#include "core/mem.h"
#include "mail/base64_lines.h"

static const struct {
    const char *body;
    size_t length;
} cases[] = {
    { "", 0 },
    { "abcd", 4 },
    { "abc", 0 },
    { "abcd\r\n", 4 },
    { "abcd\r\nefgh", 4 },
    { "abcd\r\nefgh\r\nij", 4 },
    { "abcd\r\nefgh\r\nij\r\n", 4 },
    { "abcd\r\n\r\n\r\n", 4 },
    { "abcdefgh\r\nabcd\r\n\r\n", 8 },
    { "abcdefgh\r\nabcd\r\nabcd\r\n", 0 },
    { "abcdefgh\r\n\r\nabcdefgh\r\n", 0 },
    { "abcd\r\nabcdefgh\r\n", 0 },
    { "abcd\r\nabcdefgh", 0 },
    { "\r\nabcd\r\n", 0 },
    { "abcd\nefgh\n", 0 },
    { "abcd\r\nefgh\nijkl\r\n", 0 },
    { "abcd\r\nefgh\r\n\n", 0 },
    { "abcdef\r\nabcdef\r\n", 0 },
    { "abcd\r\r\nabcd\r\r\n", 0 },
};

static void knows_lines_of_one_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step < 12; step++) {
            struct base64_lines l = { 0 };
            struct span body = span_of(cases[i].body);
            for (size_t at = 0; at < body.len; at += step)
                base64_lines_push(&l, span_slice(body, at, at + step));
            if (base64_lines_length(&l) != cases[i].length)
                fail_msg("%s in steps of %zu", cases[i].body, step);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_lines_of_one_length),
    };
    return RUN_TESTS(tests);
}

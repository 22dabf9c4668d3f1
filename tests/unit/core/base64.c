#include "../test.h"

#include "core/base64.h"

#include <string.h>

static const struct {
    struct span bytes;
    const char *text;
} pairs[] = {
    /* RFC 4648 section 10 */
    { { "", 0 }, "" },
    { { "f", 1 }, "Zg==" },
    { { "fo", 2 }, "Zm8=" },
    { { "foo", 3 }, "Zm9v" },
    { { "foob", 4 }, "Zm9vYg==" },
    { { "fooba", 5 }, "Zm9vYmE=" },
    { { "foobar", 6 }, "Zm9vYmFy" },
    { { "\0tim\0pw", 7 }, "AHRpbQBwdw==" },
    { { "\xFF\xEF\xBE", 3 }, "/+++" },
    { { "\x00\x10\x83", 3 }, "ABCD" },
};

static void encodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct buf out AUTO(buf_done) = { 0 };
        base64_encode(&out, pairs[i].bytes);
        assert_span(buf_span(&out), pairs[i].text);
    }
}

static void decodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct span text = span_of(pairs[i].text);
        char *out AUTO(free_ptr) = xmalloc(BASE64_ROOM(text.len)); /* so that a sanitizer watches */
        size_t len = 99;
        assert_true(base64_decode(text, out, &len));
        assert_true(span_eq((struct span){ out, len }, pairs[i].bytes));
    }
}

static void refuses_what_is_not_base64(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "=",    "Z",    "Zg",         "Zg=",   "Zm8",   "Zm9vY",      "====",   "Z===",
        "Zg=v", "=Zm8", "Zg==Zg==",   "Zm9v ", " Zm9v", "Zm 9",       "Zm9v\n", "Zm9v\r\n",
        "Zm9-", "Zm9_", "Zm\xC3\xBC", "Zh==",  "Zm9=",  "Zm9vZg==\n", "!!!!",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct span text = span_of(cases[i]);
        char out[64];
        size_t len = 99;
        assert_false(base64_decode(text, out, &len));
        assert_int_equal(len, 99);
    }
}

static void nul_is_no_digit(void **state)
{
    (void)state;
    char out[8];
    size_t len = 99;
    assert_false(base64_decode(SPAN("Zm9\0"), out, &len));
    assert_int_equal(len, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes),
        cmocka_unit_test(decodes),
        cmocka_unit_test(refuses_what_is_not_base64),
        cmocka_unit_test(nul_is_no_digit),
    };
    return RUN_TESTS(tests);
}

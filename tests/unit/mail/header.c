#include "../test.h"

#include "core/buf.h"
#include "core/mem.h"
#include "mail/header.h"

static const struct {
    const char *block;
    const char *fields; /* name=value| of each */
    const char *rest;   /* behind the last field */
} cases[] = {
    { "", "", "" },
    { "A: b\r\n", "A=b|", "" },
    { "A: b", "A=b|", "" },
    { "A:b\nC:\td \n", "A=b|C=d|", "" },
    { "A:\r\n b\r\n\tc\r\nD: e\r\n", "A=b\r\n\tc|D=e|", "" },
    { "A:\r\nB: \r\n", "A=|B=|", "" },
    { "A : b\nB\t:c\n", "A=b|B=c|", "" },
    { "A: b: c\n", "A=b: c|", "" },
    /* lines that are no fields */
    { "A: b\nnonsense\nC: d\n", "A=b|C=d|", "" },
    { "A: b\nnonsense\n goes on: x\nC: d\n", "A=b|C=d|", "" },
    { "A: b\nX Y: z\n: z\n\xC3\xA4: z\nD\x7F: z\nC: d\n", "A=b|C=d|", "" },
    { "A: b\nText.\nMore.\n", "A=b|", "Text.\nMore.\n" },
    { "A: b\nText.\n more", "A=b|", "Text.\n more" },
    /* no header at all */
    { "Text.\nA: b\n", "", "Text.\nA: b\n" },
    { "two words: x\n", "", "two words: x\n" },
    { " A: b\n", "A=b|", "" },
    /* mbox */
    { "From a@b Mon Nov 23 12:04:31 2026\nA: b\n", "A=b|", "" },
    { ">From a@b Mon Nov 23 12:04:31 2026\r\nA: b\r\n", "A=b|", "" },
    { "From a@b\nText.\n", "", "Text.\n" },
    { "From : a@b\n", "From=a@b|", "" },
    { "From a@b", "", "" },
};

static void finds_the_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf found AUTO(buf_done) = { 0 };
        struct span block = span_of(cases[i].block);
        struct span fields = header_fields(block);
        struct span rest = { fields.ptr + fields.len, 0 };
        rest.len = (size_t)(block.ptr + block.len - rest.ptr);
        struct field field;
        while (header_next(&fields, &field))
            buf_printf(&found, "%.*s=%.*s|", SPAN_ARG(field.name), SPAN_ARG(field.value));
        assert_string_equal(buf_text(&found), cases[i].fields);
        assert_span(rest, cases[i].rest);
    }
}

static void the_end_is_left_alone(void **state)
{
    (void)state;
    struct span fields = SPAN("nonsense\n");
    struct field field;
    assert_false(header_next(&fields, &field));
    assert_span(fields, "nonsense\n");
    struct span none = header_fields((struct span){ 0 });
    assert_int_equal(none.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_fields),
        cmocka_unit_test(the_end_is_left_alone),
    };
    return RUN_TESTS(tests);
}

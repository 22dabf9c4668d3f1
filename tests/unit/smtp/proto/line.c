#include "../../test.h"

#include "smtp/proto/line.h"

#include "core/mem.h"

#include <string.h>

enum { MAX_BYTES = 10 };

static void lines_read_the_same_however_cut(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *text;
        bool bare, too_long;
    } cases[] = {
        { "NOOP\r\n", "NOOP", false, false },
        { "NOOP\n", "NOOP", true, false },
        { "\r\n", "", false, false },
        { "\n", "", true, false },
        { "a\rb\r\n", "a\rb", false, false },
        { "a\r\r\n", "a\r", false, false },
        { "a \t \r\n", "a", false, false },
        { "  \n", "", true, false },
        { " a\r\n", " a", false, false },
        { "12345678\r\n", "12345678", false, false },
        { "123456789\n", "123456789", true, false },
        { "123456789\r\n", "123456789", false, true },
        { "1234567890\n", "1234567890", true, true },
        { "1234567890123456789012345\r\n", "1234567890", false, true },
        { "1234567890123456789012345\n", "1234567890", true, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step <= strlen(cases[i].in); step++) {
            struct smtp_line line AUTO(smtp_line_wipe) = { 0 };
            enum smtp_line_result result = SMTP_LINE_NEED_INPUT;
            for (size_t at = 0; at < strlen(cases[i].in); at += step) {
                assert_int_equal(result, SMTP_LINE_NEED_INPUT);
                struct span in = span_slice(span_of(cases[i].in), at, at + step);
                result = smtp_line_read(&line, &in, MAX_BYTES);
                assert_int_equal(in.len, 0);
            }
            assert_int_equal(result, cases[i].too_long ? SMTP_LINE_TOO_LONG : SMTP_LINE_READY);
            assert_span(smtp_line_text(&line), cases[i].text);
            assert_int_equal(smtp_line_ends_bare(&line), cases[i].bare);
        }
}

static void the_next_line_starts_anew(void **state)
{
    (void)state;
    struct smtp_line line AUTO(smtp_line_wipe) = { 0 };
    struct span in = SPAN("NOOP\r\nthis one is too long\r\nRSET\r\nQU");
    assert_int_equal(smtp_line_read(&line, &in, MAX_BYTES), SMTP_LINE_READY);
    assert_span(smtp_line_text(&line), "NOOP");
    assert_int_equal(smtp_line_read(&line, &in, MAX_BYTES), SMTP_LINE_TOO_LONG);
    assert_int_equal(smtp_line_read(&line, &in, MAX_BYTES), SMTP_LINE_READY);
    assert_span(smtp_line_text(&line), "RSET");
    assert_int_equal(smtp_line_read(&line, &in, MAX_BYTES), SMTP_LINE_NEED_INPUT);
    assert_int_equal(in.len, 0);
}

static void an_endless_line_takes_no_memory(void **state)
{
    (void)state;
    struct smtp_line line AUTO(smtp_line_wipe) = { 0 };
    for (int i = 0; i < 100000; i++) {
        struct span in = SPAN("xxxxxxx");
        assert_int_equal(smtp_line_read(&line, &in, MAX_BYTES), SMTP_LINE_NEED_INPUT);
    }
    assert_true(line.bytes.cap < 1000);
}

static void a_long_line_leaves_no_memory_behind(void **state)
{
    (void)state;
    struct smtp_line line AUTO(smtp_line_wipe) = { 0 };
    for (int i = 0; i < 1000; i++) {
        struct span in = SPAN("xxxxxxxxxx");
        assert_int_equal(smtp_line_read(&line, &in, 10000), SMTP_LINE_NEED_INPUT);
    }
    assert_true(line.bytes.cap >= 10000);
    struct span in = SPAN("\nNOOP\r\n");
    assert_int_equal(smtp_line_read(&line, &in, 10000), SMTP_LINE_TOO_LONG);
    assert_int_equal(smtp_line_read(&line, &in, 10000), SMTP_LINE_READY);
    assert_span(smtp_line_text(&line), "NOOP");
    assert_true(line.bytes.cap <= SMTP_USUAL_LINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_read_the_same_however_cut),
        cmocka_unit_test(the_next_line_starts_anew),
        cmocka_unit_test(an_endless_line_takes_no_memory),
        cmocka_unit_test(a_long_line_leaves_no_memory_behind),
    };
    return RUN_TESTS(tests);
}

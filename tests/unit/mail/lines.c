#include "../test.h"

#include "core/buf.h"
#include "core/mem.h"
#include "mail/lines.h"

#include <errno.h>
#include <string.h>

/* Collects what the lines say of themselves, joined by "|". */
static void all_lines(const struct source *source, struct buf *out)
{
    struct lines lines;
    struct line line;
    uint64_t at = 0;
    lines_init(&lines, source);
    while (lines_next(&lines, &line)) {
        assert_int_equal(line.at, at);
        assert_true(line.text.len > 0);
        at += line.text.len;
        buf_append(out, line.text);
        buf_putc(out, '|');
    }
    assert_int_equal(at, source->size);
    assert_false(lines_next(&lines, &line));
}

static void splits_behind_each_lf(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        const char *lines;
    } cases[] = {
        { { "", 0 }, "" },
        { { "\n", 1 }, "\n|" },
        { { "a", 1 }, "a|" },
        { { "a\r\nb\n\nc", 7 }, "a\r\n|b\n|\n|c|" },
        { { "a\rb\r\n", 5 }, "a\rb\r\n|" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct source source = source_of_span(&cases[i].bytes);
        struct buf out AUTO(buf_done) = { 0 };
        all_lines(&source, &out);
        assert_span(buf_span(&out), cases[i].lines);
    }
}

/* Around the size of the window, a line is whole as long as it fits, and only its first piece is
 * a start. */
static void a_line_may_be_longer_than_the_window(void **state)
{
    (void)state;
    for (size_t len = LINES_WINDOW - 2; len < LINES_WINDOW + 3; len++)
        for (size_t before = 0; before < 4; before++) {
            struct buf bytes AUTO(buf_done) = { 0 };
            buf_append(&bytes, span_slice(SPAN("a\nb"), 0, before));
            size_t start = before < 2 ? 0 : 2;
            memset(buf_reserve(&bytes, len), 'x', len);
            bytes.len += len;
            buf_append(&bytes, SPAN("\nlast"));
            struct span span = buf_span(&bytes);
            struct source source = source_of_span(&span);
            struct lines lines;
            struct line line;
            size_t starts = 0;
            lines_init(&lines, &source);
            while (lines_next(&lines, &line)) {
                starts += line.is_start;
                if (line.is_start && line.at == start)
                    assert_true(line.text.len >= LINES_WINDOW || line.text.len > len);
                assert_int_equal(line_is_dashed(&line) || line_is_empty(&line), 0);
            }
            assert_int_equal(starts, before < 2 ? 2 : 3);
        }
}

static void what_stands_in_a_long_line_is_only_that(void **state)
{
    (void)state;
    static char bytes[2 * LINES_WINDOW + 3];
    memset(bytes, 'x', sizeof(bytes));
    bytes[LINES_WINDOW] = bytes[LINES_WINDOW + 1] = '-';
    bytes[2 * LINES_WINDOW] = '\n';
    bytes[2 * LINES_WINDOW + 1] = '\r';
    bytes[2 * LINES_WINDOW + 2] = '\n';
    struct span span = { bytes, sizeof(bytes) };
    struct source source = source_of_span(&span);
    struct lines lines;
    struct line line;
    lines_init(&lines, &source);
    assert_true(lines_next(&lines, &line));
    assert_true(lines_next(&lines, &line));
    assert_true(span_starts_with(line.text, SPAN("--x")));
    assert_false(line_is_dashed(&line));
    assert_true(lines_next(&lines, &line));
    assert_span(line.text, "\n");
    assert_false(line_is_empty(&line));
    assert_true(lines_next(&lines, &line));
    assert_true(line_is_empty(&line));
}

static void knows_line_ends(void **state)
{
    (void)state;
    assert_int_equal(line_end_size(SPAN("a\r\n")), 2);
    assert_int_equal(line_end_size(SPAN("a\n")), 1);
    assert_int_equal(line_end_size(SPAN("\n")), 1);
    assert_int_equal(line_end_size(SPAN("a\r")), 0);
    assert_int_equal(line_end_size(SPAN("")), 0);
}

static int64_t fail_behind_four(void *arg, uint64_t at, void *out, size_t len)
{
    (void)arg;
    if (at >= 4)
        return -EIO;
    struct span piece = span_slice(SPAN("ab\nc"), (size_t)at, (size_t)at + len);
    memcpy(out, piece.ptr, piece.len);
    return (int64_t)piece.len;
}

/* What was read before is lost with the rest of its window; nothing else is. */
static void a_source_that_fails_has_ended(void **state)
{
    (void)state;
    struct source source = { .size = 100, .read = fail_behind_four };
    struct lines lines;
    struct line line;
    lines_init(&lines, &source);
    assert_false(lines_next(&lines, &line));
    assert_false(lines_next(&lines, &line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_behind_each_lf),
        cmocka_unit_test(a_line_may_be_longer_than_the_window),
        cmocka_unit_test(what_stands_in_a_long_line_is_only_that),
        cmocka_unit_test(knows_line_ends),
        cmocka_unit_test(a_source_that_fails_has_ended),
    };
    return RUN_TESTS(tests);
}

#include "../../test.h"

#include "smtp/proto/text.h"

#include "core/buf.h"

#include <string.h>

#define BARE_LF SMTP_NOTE_BARE_LF_BODY
#define BARE_CR SMTP_NOTE_BARE_CR_BODY
#define LONG SMTP_NOTE_LONG_BODY_LINE
#define NUL SMTP_NOTE_NUL_BODY
#define EIGHT_BIT SMTP_NOTE_8BIT_BODY
#define UNENDED SMTP_NOTE_UNENDED_BODY

static struct smtp_text look(struct span octets, size_t step)
{
    struct smtp_text t = { 0 };
    for (size_t at = 0; at < octets.len; at += step)
        smtp_text_look(&t, span_slice(octets, at, at + step));
    smtp_text_end(&t);
    return t;
}

static void assert_same(struct smtp_note_lines a, struct smtp_note_lines b)
{
    assert_int_equal(a.bare_lf, b.bare_lf);
    assert_int_equal(a.bare_cr, b.bare_cr);
    assert_int_equal(a.long_line, b.long_line);
    assert_int_equal(a.nul, b.nul);
    assert_int_equal(a.eight_bit, b.eight_bit);
    assert_int_equal(a.unended, b.unended);
}

static void sins_are_noted_with_their_first_line(void **state)
{
    (void)state;
    static const struct {
        struct span octets;
        unsigned notes;
        struct smtp_note_lines lines;
    } cases[] = {
        { { "", 0 }, 0, { 0 } },
        { { "a\r\n", 3 }, 0, { 0 } },
        { { "a\r\n\r\nb\r\n", 8 }, 0, { 0 } },
        { { "a\n", 2 }, BARE_LF, { .bare_lf = 1 } },
        { { "\n", 1 }, BARE_LF, { .bare_lf = 1 } },
        { { "a\r\nb\nc\n", 7 }, BARE_LF, { .bare_lf = 2 } },
        { { "a\nb\r\n\n", 6 }, BARE_LF, { .bare_lf = 1 } },
        { { "a\rb\r\n", 5 }, BARE_CR, { .bare_cr = 1 } },
        { { "a\r\r\n", 4 }, BARE_CR, { .bare_cr = 1 } }, /* the second is one of CRLF */
        { { "a\r\n\rb\r\n", 7 }, BARE_CR, { .bare_cr = 2 } },
        { { "a\n\r\n", 4 }, BARE_LF, { .bare_lf = 1 } },
        { { "a\n\rb\r\n", 6 }, BARE_LF | BARE_CR, { .bare_lf = 1, .bare_cr = 2 } },
        { { "a\r\n\0\r\n", 6 }, NUL, { .nul = 2 } },
        { { "a\r\nb\r\n\xFC\r\n", 9 }, EIGHT_BIT, { .eight_bit = 3 } },
        { { "\x80\r\n\0\r\n", 6 }, EIGHT_BIT | NUL, { .eight_bit = 1, .nul = 2 } },
        { { "twelve chars\x80\r\n", 15 }, EIGHT_BIT, { .eight_bit = 1 } },
        { { "\x7F\x01\t\r\n", 5 }, 0, { 0 } },
        { { "a", 1 }, UNENDED, { .unended = 1 } },
        { { "a\r\nb", 4 }, UNENDED, { .unended = 2 } },
        { { "a\r\nb\r", 5 }, UNENDED | BARE_CR, { .unended = 2, .bare_cr = 2 } },
        { { "\r", 1 }, UNENDED | BARE_CR, { .unended = 1, .bare_cr = 1 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step <= cases[i].octets.len; step++) {
            struct smtp_text t = look(cases[i].octets, step);
            assert_int_equal(t.notes, cases[i].notes);
            assert_same(t.lines, cases[i].lines);
        }
}

static void lines_over_998_octets_are_noted(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        size_t len;
        const char *after;
        unsigned notes;
        uint64_t line;
    } cases[] = {
        { "", 998, "\r\n", 0, 0 },          { "", 999, "\r\n", LONG, 1 },
        { "first\r\n", 998, "\r\n", 0, 0 }, { "first\r\n", 999, "\r\n", LONG, 2 },
        { "", 997, "\r\r\n", BARE_CR, 0 },  { "", 998, "\r\r\n", BARE_CR | LONG, 1 },
        { "", 998, "\n\r\n", BARE_LF, 0 },  { "", 999, "\n\r\n", BARE_LF | LONG, 1 },
        { "x\n", 998, "\r\n", BARE_LF, 0 }, /* LF alone begins a line for this purpose */
        { "", 998, "", UNENDED, 0 },        { "", 999, "", UNENDED | LONG, 1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf octets AUTO(buf_done) = { 0 };
        buf_append(&octets, span_of(cases[i].before));
        for (size_t n = 0; n < cases[i].len; n++)
            buf_putc(&octets, 'x');
        buf_append(&octets, span_of(cases[i].after));
        for (size_t step = 1; step <= octets.len; step += step < 20 ? 1 : 97) {
            struct smtp_text t = look(buf_span(&octets), step);
            assert_int_equal(t.notes, cases[i].notes);
            assert_int_equal(t.lines.long_line, cases[i].line);
        }
    }
}

/* Octets are looked at eight at a time where that is possible. */
static void odd_octets_are_found_wherever_they_stand(void **state)
{
    (void)state;
    for (size_t len = 1; len < 40; len++)
        for (size_t at = 0; at < len; at++)
            for (int eight_bit = 0; eight_bit < 2; eight_bit++) {
                char text[40];
                memset(text, at % 2 ? '\x01' : '\x7F', len);
                text[at] = eight_bit ? '\x80' : '\0';
                struct smtp_text t = look((struct span){ text, len }, len);
                assert_int_equal(t.notes & ~(unsigned)UNENDED, eight_bit ? EIGHT_BIT : NUL);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sins_are_noted_with_their_first_line),
        cmocka_unit_test(lines_over_998_octets_are_noted),
        cmocka_unit_test(odd_octets_are_found_wherever_they_stand),
    };
    return RUN_TESTS(tests);
}

#include "../../test.h"

#include "smtp/proto/dot.h"

#include "core/buf.h"
#include "smtp/proto/engine.h"

#include <string.h>

struct result {
    struct buf text;
    bool ended;
    size_t rest; /* octets behind the end */
    unsigned notes;
};

static void result_done(struct result *r)
{
    buf_done(&r->text);
}

/* Reads `in`, `step` octets at a time, each piece in memory of its own. */
static struct result read_cut(struct span in, size_t step)
{
    struct smtp_dot dot = { 0 };
    struct result r = { 0 };
    for (size_t at = 0; at < in.len && !r.ended; at += step) {
        struct span piece = span_slice(in, at, at + step);
        char *copy AUTO(free_ptr) = xmalloc(piece.len);
        memcpy(copy, piece.ptr, piece.len);
        struct span left = { copy, piece.len };
        struct span out;
        enum smtp_dot_result result;
        while ((result = smtp_dot_read(&dot, &left, &out)) == SMTP_DOT_OCTETS) {
            assert_true(out.len > 0);
            buf_append(&r.text, out);
        }
        r.ended = result == SMTP_DOT_END;
        if (!r.ended)
            assert_int_equal(left.len, 0);
        r.rest = in.len - at - piece.len + left.len;
    }
    r.notes = dot.notes;
    return r;
}

#define BARE_LF SMTP_NOTE_BARE_LF_BODY
#define BARE_CR SMTP_NOTE_BARE_CR_BODY

static void only_crlf_dot_crlf_ends_a_message(void **state)
{
    (void)state;
    static const struct {
        const char *in, *text;
        bool ends;
        unsigned notes;
    } cases[] = {
        { ".\r\n", "", true, 0 },
        { "a\r\n.\r\n", "a\r\n", true, 0 },
        { "\r\n.\r\n", "\r\n", true, 0 },
        { "..\r\n.\r\n", ".\r\n", true, 0 },
        { "...\r\n.\r\n", "..\r\n", true, 0 },
        { ".a\r\n.\r\n", "a\r\n", true, 0 },
        { "a.\r\nb\r\n.\r\n", "a.\r\nb\r\n", true, 0 },
        { "a\r\n..\r\n.\r\n", "a\r\n.\r\n", true, 0 },
        { "a\r\r\n.\r\n", "a\r\r\n", true, BARE_CR }, /* the second CR is one of CRLF */
        { "a\r\n.\r\n.\r\n", "a\r\n", true, 0 },
        { "a", "a", false, 0 },
        { "a\r\n.", "a\r\n", false, 0 },
        { "a\r\n.\r", "a\r\n", false, 0 },
        /* What servers have been tricked with. */
        { "a\n.\n", "a\n.\n", false, BARE_LF },
        { "a\n.\r\n", "a\n.\r\n", false, BARE_LF },
        { "a\r\n.\n", "a\r\n\n", false, BARE_LF },
        { "a\r.\r", "a\r.\r", false, BARE_CR },
        { "a\r.\r\n", "a\r.\r\n", false, BARE_CR },
        { "a\r\n.\rX", "a\r\n\rX", false, BARE_CR },
        { "a\r\n.\r.\r\n", "a\r\n\r.\r\n", false, BARE_CR },
        { "a\r\n.\r\r\nb", "a\r\n\r\r\nb", false, BARE_CR },
        { "a\n\r.\r\n", "a\n\r.\r\n", false, BARE_LF | BARE_CR },
        { "a\r\n\n.\r\n", "a\r\n\n.\r\n", false, BARE_LF },
        { "a\r\n. \r\n", "a\r\n \r\n", false, 0 },
        { "a\r\n.\t\r\n", "a\r\n\t\r\n", false, 0 },
        { ".\n", "\n", false, BARE_LF },
        { "..\n.\n", ".\n.\n", false, BARE_LF },
        { "\n.\r\n", "\n.\r\n", false, BARE_LF },
        { "\r.\r\n", "\r.\r\n", false, BARE_CR },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step <= strlen(cases[i].in); step++) {
            struct result r AUTO(result_done) = read_cut(span_of(cases[i].in), step);
            assert_span(buf_span(&r.text), cases[i].text);
            assert_int_equal(r.ended, cases[i].ends);
            assert_int_equal(r.notes, cases[i].notes);
        }
}

static void nul_is_text(void **state)
{
    (void)state;
    struct result r AUTO(result_done) = read_cut(SPAN("\0\r\n.\0\r\n.\r\n"), 1);
    assert_true(r.ended);
    assert_int_equal(r.text.len, 6);
    assert_memory_equal(r.text.ptr, "\0\r\n\0\r\n", 6);
}

static void what_follows_the_end_is_left(void **state)
{
    (void)state;
    struct span in = SPAN("a\r\n.\r\nMAIL");
    for (size_t step = 1; step <= in.len; step++) {
        struct result r AUTO(result_done) = read_cut(in, step);
        assert_true(r.ended);
        assert_int_equal(r.rest, strlen("MAIL"));
    }
}

/* What passes lies in the input: nothing is copied. */
static void spans_lie_in_the_input(void **state)
{
    (void)state;
    struct span in = SPAN("one\r\ntwo\r\n..three\r\n.\r\n");
    const char *start = in.ptr;
    struct smtp_dot dot = { 0 };
    struct span out;
    assert_int_equal(smtp_dot_read(&dot, &in, &out), SMTP_DOT_OCTETS);
    assert_ptr_equal(out.ptr, start);
    assert_span(out, "one\r\ntwo\r\n");
    assert_int_equal(smtp_dot_read(&dot, &in, &out), SMTP_DOT_OCTETS);
    assert_ptr_equal(out.ptr, start + strlen("one\r\ntwo\r\n."));
    assert_span(out, ".three\r\n");
    assert_int_equal(smtp_dot_read(&dot, &in, &out), SMTP_DOT_END);
    assert_span(out, ".three\r\n"); /* untouched */
}

/* Builds one line of `len` octets between `before` and `after`, and the end. */
static unsigned notes_of_line(const char *before, size_t len, const char *after)
{
    struct buf in AUTO(buf_done) = { 0 };
    buf_append(&in, span_of(before));
    for (size_t i = 0; i < len; i++)
        buf_putc(&in, 'x');
    buf_append(&in, span_of(after));
    buf_append(&in, SPAN("\r\n.\r\n"));
    struct result whole AUTO(result_done) = read_cut(buf_span(&in), in.len);
    struct result cut AUTO(result_done) = read_cut(buf_span(&in), 7);
    assert_int_equal(whole.notes, cut.notes);
    assert_true(whole.ended);
    return whole.notes;
}

static void lines_over_998_octets_are_noted(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        size_t len;
        const char *after;
        unsigned notes;
    } cases[] = {
        { "", 998, "", 0 },
        { "", 999, "", SMTP_NOTE_LONG_BODY_LINE },
        { "first\r\n", 998, "", 0 },
        { "first\r\n", 999, "", SMTP_NOTE_LONG_BODY_LINE },
        { "..", 997, "", 0 }, /* the stuffed dot does not count, the other does */
        { "..", 998, "", SMTP_NOTE_LONG_BODY_LINE },
        { ".\r", 997, "", BARE_CR },
        { ".\r", 998, "", BARE_CR | SMTP_NOTE_LONG_BODY_LINE },
        { "", 997, "\r", BARE_CR },
        { "", 998, "\r", BARE_CR | SMTP_NOTE_LONG_BODY_LINE },
        { "", 998, "\n", BARE_LF },
        { "", 999, "\n", BARE_LF | SMTP_NOTE_LONG_BODY_LINE },
        { "x\n", 998, "", BARE_LF }, /* LF alone begins a line for this purpose */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(notes_of_line(cases[i].before, cases[i].len, cases[i].after),
                         cases[i].notes);
}

/* ---- what a client stuffs comes back as it was ---- */

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 16;
}

/* As RFC 5321 4.5.2 tells the client. The last line gets its CRLF if it has none. */
static void stuff(struct buf *out, struct buf *body)
{
    if (body->len && !(body->len >= 2 && memcmp(body->ptr + body->len - 2, "\r\n", 2) == 0))
        buf_append(body, SPAN("\r\n"));
    for (size_t i = 0; i < body->len; i++) {
        bool at_start = i == 0 || (i >= 2 && memcmp(body->ptr + i - 2, "\r\n", 2) == 0);
        if (at_start && body->ptr[i] == '.')
            buf_putc(out, '.');
        buf_putc(out, body->ptr[i]);
    }
    buf_append(out, SPAN(".\r\n"));
}

static void stuffed_bodies_come_back(void **state)
{
    (void)state;
    static const char alphabet[] = "\r\n\r\n..a";
    uint32_t random = 20261123;
    for (int round = 0; round < 400; round++) {
        struct buf body AUTO(buf_done) = { 0 };
        struct buf sent AUTO(buf_done) = { 0 };
        for (size_t len = next_random(&random) % 60; len; len--)
            buf_putc(&body, alphabet[next_random(&random) % strlen(alphabet)]);
        stuff(&sent, &body);
        for (size_t step = 1; step <= sent.len; step++) {
            struct result r AUTO(result_done) = read_cut(buf_span(&sent), step);
            assert_true(r.ended);
            assert_int_equal(r.rest, 0);
            assert_true(span_eq(buf_span(&r.text), buf_span(&body)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_crlf_dot_crlf_ends_a_message),
        cmocka_unit_test(nul_is_text),
        cmocka_unit_test(what_follows_the_end_is_left),
        cmocka_unit_test(spans_lie_in_the_input),
        cmocka_unit_test(lines_over_998_octets_are_noted),
        cmocka_unit_test(stuffed_bodies_come_back),
    };
    return RUN_TESTS(tests);
}

#include "../../test.h"

#include "smtp/proto/dot.h"

#include "core/buf.h"

#include <string.h>

struct result {
    struct buf text;
    bool ended;
    size_t rest; /* octets behind the end */
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
    return r;
}

static void only_crlf_dot_crlf_ends_a_message(void **state)
{
    (void)state;
    static const struct {
        const char *in, *text;
        bool ends;
    } cases[] = {
        { ".\r\n", "", true },
        { "a\r\n.\r\n", "a\r\n", true },
        { "\r\n.\r\n", "\r\n", true },
        { "..\r\n.\r\n", ".\r\n", true },
        { "...\r\n.\r\n", "..\r\n", true },
        { ".a\r\n.\r\n", "a\r\n", true },
        { "a.\r\nb\r\n.\r\n", "a.\r\nb\r\n", true },
        { "a\r\n..\r\n.\r\n", "a\r\n.\r\n", true },
        { "a\r\r\n.\r\n", "a\r\r\n", true }, /* the second CR is one of CRLF */
        { "a\r\n.\r\n.\r\n", "a\r\n", true },
        { "a", "a", false },
        { "a\r\n.", "a\r\n", false },
        { "a\r\n.\r", "a\r\n", false },
        /* What servers have been tricked with. */
        { "a\n.\n", "a\n.\n", false },
        { "a\n.\r\n", "a\n.\r\n", false },
        { "a\r\n.\n", "a\r\n\n", false },
        { "a\r.\r", "a\r.\r", false },
        { "a\r.\r\n", "a\r.\r\n", false },
        { "a\r\n.\rX", "a\r\n\rX", false },
        { "a\r\n.\r.\r\n", "a\r\n\r.\r\n", false },
        { "a\r\n.\r\r\nb", "a\r\n\r\r\nb", false },
        { "a\n\r.\r\n", "a\n\r.\r\n", false },
        { "a\r\n\n.\r\n", "a\r\n\n.\r\n", false },
        { "a\r\n. \r\n", "a\r\n \r\n", false },
        { "a\r\n.\t\r\n", "a\r\n\t\r\n", false },
        { ".\n", "\n", false },
        { "..\n.\n", ".\n.\n", false },
        { "\n.\r\n", "\n.\r\n", false },
        { "\r.\r\n", "\r.\r\n", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step <= strlen(cases[i].in); step++) {
            struct result r AUTO(result_done) = read_cut(span_of(cases[i].in), step);
            assert_span(buf_span(&r.text), cases[i].text);
            assert_int_equal(r.ended, cases[i].ends);
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
        cmocka_unit_test(stuffed_bodies_come_back),
    };
    return RUN_TESTS(tests);
}

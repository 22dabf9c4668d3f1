#include "../test.h"

#include "core/mem.h"
#include "smtp/transcript.h"

#include <stdio.h>
#include <string.h>

struct take {
    struct transcript t;
    size_t held;
    uint64_t now_us;
};

static struct take *start(void)
{
    struct take *k = xcalloc(1, sizeof(*k));
    k->now_us = 1000000;
    transcript_start(&k->t, &k->held, k->now_us);
    return k;
}

static void finish(struct take *k)
{
    transcript_done(&k->t);
    assert_int_equal(k->held, 0);
    free(k);
}

/* Each a tenth of a millisecond after the one before. */
static void client(struct take *k, const char *line)
{
    transcript_client(&k->t, k->now_us += 100, span_of(line));
}

static void server(struct take *k, const char *lines)
{
    transcript_server(&k->t, k->now_us += 100, span_of(lines));
}

/* "1C:EHLO x|2S:250 Ok|3D:5" with times in tenths. */
static char *told(struct span entries)
{
    struct buf out = { 0 };
    struct store_entry e;
    while (entries_next(&entries, &e)) {
        buf_printf(&out, "%s%d%c:%.*s", out.len ? "|" : "", (int)e.at, "CSNDF"[e.kind],
                   SPAN_ARG(e.text));
        if (e.kind == STORE_ENTRY_DATA)
            buf_printf(&out, "%d", (int)e.octets);
    }
    assert_int_equal(entries.len, 0);
    return buf_take(&out);
}

static void assert_told(const struct take *k, const char *opening, const char *rest)
{
    struct buf first AUTO(buf_done) = { 0 }, second AUTO(buf_done) = { 0 };
    transcript_copy_opening(&k->t, &first);
    transcript_copy_rest(&k->t, &second);
    char *first_text AUTO(free_ptr) = told(buf_span(&first));
    char *second_text AUTO(free_ptr) = told(buf_span(&second));
    assert_string_equal(first_text, opening);
    assert_string_equal(second_text, rest);
}

static void takes_down_what_is_said(void **state)
{
    (void)state;
    struct take *k = start();
    server(k, "220 mx.test\r\n");
    client(k, "EHLO x");
    server(k, "250-mx.test\r\n250 HELP\r\n");
    client(k, "mail FROM:<a@b>");
    assert_int_equal(k->t.last_code, 250);
    server(k, "421 4.4.2 Bye\r\n");
    transcript_note(&k->t, k->now_us += 50, "Gone");
    transcript_fault(&k->t, k->now_us, "rule 1");
    assert_int_equal(k->t.last_code, 421);
    assert_told(k, "1S:220 mx.test|2C:EHLO x|3S:250-mx.test|3S:250 HELP",
                "4C:mail FROM:<a@b>|5S:421 4.4.2 Bye|5N:Gone|5F:rule 1");
    assert_false(k->t.is_truncated);
    finish(k);
}

/* Whatever the pieces they came in. */
static void octets_of_a_message_are_counted(void **state)
{
    (void)state;
    struct take *k = start();
    client(k, "MAIL");
    transcript_data(&k->t, 5000);
    transcript_data(&k->t, 120);
    server(k, "552 Too much\r\n");
    transcript_data(&k->t, 7);
    transcript_data_end(&k->t, k->now_us += 1000);
    transcript_data_end(&k->t, k->now_us); /* an empty message */
    server(k, "250 Ok\r\n");
    assert_told(k, "", "1C:MAIL|2D:5120|2S:552 Too much|12D:7|12D:0|13S:250 Ok");
    finish(k);
}

static void what_is_stored_goes(void **state)
{
    (void)state;
    struct take *k = start();
    client(k, "EHLO");
    client(k, "MAIL");
    transcript_drop_rest(&k->t);
    client(k, "RSET");
    assert_told(k, "1C:EHLO", "3C:RSET");
    transcript_restart(&k->t);
    client(k, "EHLO");
    assert_told(k, "4C:EHLO", "");
    finish(k);
}

/* Lines "00000000 ..." of 100 octets, numbered from 0. */
static void say_much(struct take *k, int count)
{
    for (int i = 0; i < count; i++) {
        char line[101];
        snprintf(line, sizeof(line), "%08d%92s", i, "");
        client(k, line);
    }
}

static int number_of(struct span text)
{
    uint64_t number;
    return parse_u64(span_slice(text, 0, 8), &number) ? (int)number : -1;
}

/* The front and the end are there, all lines are there or counted, and times go on. */
static void assert_gap(struct span entries, int count, size_t max)
{
    struct store_entry e;
    int next = 0, left_out = 0;
    uint64_t at = 0;
    assert_in_range(entries.len, max / 4 * 3, max + 128);
    while (entries_next(&entries, &e)) {
        assert_true(e.at >= at);
        at = e.at;
        if (e.kind == STORE_ENTRY_NOTE) {
            assert_int_equal(left_out, 0);
            assert_int_equal(sscanf(e.text.ptr, "%d lines are left out here", &left_out), 1);
            assert_in_range(next, max / 4 * 3 / 104, max / 4 * 3 / 102);
            next += left_out;
        } else {
            assert_int_equal(number_of(e.text), next++);
        }
    }
    assert_int_equal(next, count);
    assert_true(left_out > 0);
}

static void is_bounded(void **state)
{
    (void)state;
    struct take *k = start();
    struct buf opening AUTO(buf_done) = { 0 }, rest AUTO(buf_done) = { 0 };
    say_much(k, 100000);
    assert_true(k->held <= TRANSCRIPT_OPENING_MAX);
    client(k, "MAIL");
    say_much(k, 0);
    transcript_copy_opening(&k->t, &opening);
    assert_gap(buf_span(&opening), 100000, TRANSCRIPT_OPENING_MAX);
    assert_true(k->t.is_truncated);
    transcript_drop_rest(&k->t);
    say_much(k, 100000);
    assert_true(k->held <= TRANSCRIPT_OPENING_MAX + TRANSCRIPT_REST_MAX);
    transcript_copy_rest(&k->t, &rest);
    assert_gap(buf_span(&rest), 100000, TRANSCRIPT_REST_MAX);
    transcript_drop_rest(&k->t); /* the next message has nothing to do with the gap */
    buf_clear(&rest);
    say_much(k, 3);
    transcript_copy_rest(&k->t, &rest);
    assert_true(rest.len < 400);
    finish(k);
}

/* Ten thousand clients that chat do not fill the memory. */
static void all_together_are_bounded(void **state)
{
    (void)state;
    struct take *k = start();
    size_t before = k->held = TRANSCRIPTS_ENOUGH;
    struct buf opening AUTO(buf_done) = { 0 };
    say_much(k, 1000);
    assert_in_range(k->held - before, TRANSCRIPT_SMALL_MAX / 4 * 3, TRANSCRIPT_SMALL_MAX);
    transcript_copy_opening(&k->t, &opening);
    assert_gap(buf_span(&opening), 1000, TRANSCRIPT_SMALL_MAX);
    k->held -= before;
    say_much(k, 1000); /* there is room again */
    assert_in_range(k->held, TRANSCRIPT_SMALL_MAX, TRANSCRIPT_OPENING_MAX);
    finish(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_down_what_is_said),
        cmocka_unit_test(octets_of_a_message_are_counted),
        cmocka_unit_test(what_is_stored_goes),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(all_together_are_bounded),
    };
    return RUN_TESTS(tests);
}

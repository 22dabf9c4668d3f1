#include "../../test.h"

#include "smtp/proto/engine.h"

#include "core/mem.h"

#include <stdio.h>
#include <string.h>

/* What transcripts cannot say: how the host and the engine deal with each other. */

static const struct smtp_config config = {
    .hostname = "mx.test",
    .caps = SMTP_CAP_PIPELINING | SMTP_CAP_SIZE | SMTP_CAP_8BITMIME | SMTP_CAP_ENHANCEDSTATUSCODES |
            SMTP_CAP_SMTPUTF8 | SMTP_CAP_STARTTLS,
    .limits = { .message_bytes = 100, .recipients = 100, .command_line_bytes = 512, .errors = 10 },
};

#define HELLO "HELO client.test\r\n"
#define MAIL "MAIL FROM:<a@b.test>\r\n"
#define RCPT "RCPT TO:<c@d.test>\r\n"

static int setup(void **state)
{
    struct smtp_engine *e = smtp_engine_new(&config, 0);
    buf_clear(smtp_engine_output(e));
    *state = e;
    return 0;
}

static int teardown(void **state)
{
    smtp_engine_free(*state);
    return 0;
}

static enum smtp_event next(struct smtp_engine *e, const char *text)
{
    struct span in = span_of(text);
    return smtp_engine_next(e, &in);
}

/* Plays the octets, says yes to all and drops the replies. */
static void run(struct smtp_engine *e, const char *text)
{
    struct span in = span_of(text);
    enum smtp_event event;
    while ((event = smtp_engine_next(e, &in)) != SMTP_NEED_INPUT)
        if (event == SMTP_ASK_MAIL || event == SMTP_ASK_RCPT || event == SMTP_ASK_MESSAGE)
            smtp_engine_answer(e, NULL);
    buf_clear(smtp_engine_output(e));
}

static void assert_output(struct smtp_engine *e, const char *expected)
{
    assert_span(buf_span(smtp_engine_output(e)), expected);
    buf_clear(smtp_engine_output(e));
}

static void the_greeting_is_there_from_the_start(void **state)
{
    (void)state;
    struct smtp_engine *e = smtp_engine_new(&config, 0);
    assert_output(e, "220 mx.test ESMTP Mailstop\r\n");
    assert_int_equal(next(e, ""), SMTP_NEED_INPUT);
    assert_output(e, "");
    smtp_engine_free(e);
    smtp_engine_free(NULL);
}

static void a_question_stops_it_until_answered(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO);
    struct span in = SPAN(MAIL RCPT "NOOP\r\n");
    assert_int_equal(smtp_engine_next(e, &in), SMTP_ASK_MAIL);
    assert_output(e, "");
    assert_span(in, RCPT "NOOP\r\n");
    smtp_engine_answer(e, NULL);
    assert_output(e, "250 2.1.0 Ok\r\n");
    assert_int_equal(smtp_engine_next(e, &in), SMTP_ASK_RCPT);
    assert_span(in, "NOOP\r\n");
    smtp_engine_answer(e, NULL);
    assert_int_equal(smtp_engine_next(e, &in), SMTP_NEED_INPUT);
    assert_output(e, "250 2.1.5 Ok\r\n250 2.0.0 Ok\r\n");
}

static void the_envelope_outlives_the_input(void **state)
{
    struct smtp_engine *e = *state;
    char line[64];
    snprintf(line, sizeof(line), "EHLO client.test\r\n");
    run(e, line);
    snprintf(line, sizeof(line), "MAIL FROM:<a@b.test> SIZE=7 BODY=7BIT SMTPUTF8\r\n");
    run(e, line);
    for (int i = 0; i < 20; i++) {
        snprintf(line, sizeof(line), "RCPT TO:<%d@d.test>\r\n", i);
        run(e, line);
    }
    memset(line, 'x', sizeof(line));
    const struct smtp_envelope *v = smtp_engine_envelope(e);
    assert_span(v->helo, "client.test");
    assert_true(v->is_esmtp);
    assert_span(v->from, "a@b.test");
    assert_int_equal(v->size, 7);
    assert_int_equal(v->body, SMTP_BODY_7BIT);
    assert_true(v->smtputf8);
    assert_int_equal(v->rcpt_count, 20);
    assert_null(v->asked.address.ptr);
    for (int i = 0; i < 20; i++) {
        snprintf(line, sizeof(line), "%d@d.test", i);
        assert_span(v->rcpts[i].address, line);
    }
}

static void a_transaction_leaves_helo_and_nothing_else(void **state)
{
    static const char *const endings[] = {
        "RSET\r\n",
        "DATA\r\nx\r\n.\r\n",
        "HELO client.test\r\n",
    };
    struct smtp_engine *e = *state;
    run(e, HELLO);
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        run(e, "MAIL FROM: <a@b.test> SIZE=7 BODY=7BIT SMTPUTF8\r\n" RCPT);
        assert_int_equal(smtp_engine_envelope(e)->rcpt_count, 1);
        run(e, endings[i]);
        const struct smtp_envelope *v = smtp_engine_envelope(e);
        const struct smtp_envelope expected = { .helo = v->helo };
        assert_span(v->helo, "client.test");
        assert_int_equal(v->rcpt_count, expected.rcpt_count);
        assert_int_equal(v->from.len, 0);
        assert_int_equal(v->size, 0);
        assert_int_equal(v->body, SMTP_BODY_UNSTATED);
        assert_false(v->smtputf8);
        assert_int_equal(v->notes, 0);
    }
}

static void a_refused_sender_leaves_nothing(void **state)
{
    struct smtp_engine *e = *state;
    const struct smtp_reply refusal = { 550, "5.7.1", "No" };
    run(e, "EHLO client.test\r\n");
    assert_int_equal(next(e, "MAIL FROM:<a@b.test> SIZE=7 SMTPUTF8\r\n"), SMTP_ASK_MAIL);
    smtp_engine_answer(e, &refusal);
    assert_output(e, "550 5.7.1 No\r\n");
    assert_int_equal(smtp_engine_envelope(e)->from.len, 0);
    assert_int_equal(smtp_engine_envelope(e)->size, 0);
    assert_int_equal(next(e, RCPT), SMTP_NEED_INPUT);
    assert_output(e, "503 5.5.1 Send MAIL FROM first\r\n");
    /* A MAIL that fails half way leaves nothing either. */
    run(e, "MAIL FROM:<a@b.test> SIZE=7 SMTPUTF8 FOO\r\n");
    assert_int_equal(smtp_engine_envelope(e)->size, 0);
    assert_false(smtp_engine_envelope(e)->smtputf8);
}

static void a_refused_recipient_leaves_nothing(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO MAIL);
    assert_int_equal(next(e, RCPT), SMTP_ASK_RCPT);
    assert_span(smtp_engine_envelope(e)->asked.address, "c@d.test");
    smtp_engine_answer(e, &(struct smtp_reply){ 550, "5.1.1", "No" });
    assert_int_equal(smtp_engine_envelope(e)->asked.address.len, 0);
    assert_int_equal(smtp_engine_envelope(e)->rcpt_count, 0);
}

static void a_reply_needs_no_enhanced_code(void **state)
{
    struct smtp_engine *e = *state;
    const struct smtp_reply refusal = { 450, NULL, "Wait" };
    run(e, HELLO);
    assert_int_equal(next(e, MAIL), SMTP_ASK_MAIL);
    smtp_engine_answer(e, &refusal);
    assert_output(e, "450 Wait\r\n");
}

static void ask_for_message(struct smtp_engine *e)
{
    run(e, HELLO MAIL RCPT "DATA\r\nx\r\n");
    assert_int_equal(next(e, ".\r\n"), SMTP_ASK_MESSAGE);
}

static void a_message_is_stored_under_its_id(void **state)
{
    struct smtp_engine *e = *state;
    ask_for_message(e);
    assert_output(e, "");
    smtp_engine_stored(e, INT64_MAX);
    assert_output(e, "250 2.0.0 Ok: stored as 9223372036854775807\r\n");
    ask_for_message(e);
    smtp_engine_answer(e, NULL);
    assert_output(e, "250 2.0.0 Ok\r\n");
}

static void ending_from_outside_is_final(void **state)
{
    struct smtp_engine *e = *state;
    const struct smtp_reply reply = { 421, "4.4.2", "mx.test Idle for too long" };
    ask_for_message(e);
    smtp_engine_end(e, &reply);
    assert_output(e, "421 4.4.2 mx.test Idle for too long\r\n");
    assert_int_equal(next(e, "NOOP\r\n"), SMTP_NEED_INPUT);
    smtp_engine_end(e, &reply);
    assert_output(e, "");
}

static void ending_after_quit_says_nothing(void **state)
{
    struct smtp_engine *e = *state;
    const struct smtp_reply reply = { 421, "4.3.2", "mx.test Going down" };
    assert_int_equal(next(e, "QUIT\r\n"), SMTP_CLOSE);
    buf_clear(smtp_engine_output(e));
    smtp_engine_end(e, &reply);
    assert_output(e, "");
}

static void an_answer_of_421_closes(void **state)
{
    struct smtp_engine *e = *state;
    const struct smtp_reply reply = { 421, "4.3.2", "mx.test Going down" };
    ask_for_message(e);
    smtp_engine_answer(e, &reply);
    assert_output(e, "421 4.3.2 mx.test Going down\r\n");
    assert_int_equal(next(e, ""), SMTP_CLOSE);
    assert_int_equal(next(e, "NOOP\r\n"), SMTP_NEED_INPUT);
    /* Ended before its SMTP_CLOSE was fetched, it does not speak twice. */
    struct smtp_engine *other = smtp_engine_new(&config, 0);
    run(other, HELLO);
    assert_int_equal(next(other, MAIL), SMTP_ASK_MAIL);
    smtp_engine_answer(other, &reply);
    smtp_engine_end(other, &reply);
    assert_output(other, "421 4.3.2 mx.test Going down\r\n");
    smtp_engine_free(other);
}

static void discard_comes_once(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO MAIL RCPT "DATA\r\n");
    char text[64];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(next(e, text), SMTP_BODY);
    assert_int_equal(smtp_engine_body(e).len, strlen(text));
    assert_int_equal(next(e, text), SMTP_DISCARD);
    for (int i = 0; i < 10; i++)
        assert_int_equal(next(e, text), SMTP_NEED_INPUT);
    assert_int_equal(next(e, "\r\n.\r\n"), SMTP_NEED_INPUT);
    assert_output(e, "552 5.3.4 The message has more than 100 octets\r\n");
}

static void text_before_354_is_noted(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO MAIL RCPT);
    run(e, "DATA\r\n");
    run(e, "waited\r\n.\r\n");
    assert_int_equal(smtp_engine_notes(e), 0);
    run(e, MAIL RCPT);
    run(e, "DATA\r\ndid not wait\r\n");
    assert_int_equal(smtp_engine_notes(e), SMTP_NOTE_EARLY_DATA);
    assert_int_equal(smtp_engine_envelope(e)->notes, SMTP_NOTE_EARLY_DATA);
}

/* Asking for the next event without input says nothing about the client. */
static void no_text_is_not_early(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO MAIL RCPT);
    assert_int_equal(next(e, "DATA\r\n"), SMTP_NEED_INPUT);
    assert_int_equal(next(e, ""), SMTP_NEED_INPUT);
    buf_clear(smtp_engine_output(e));
    run(e, "waited\r\n.\r\n");
    assert_int_equal(smtp_engine_notes(e), 0);
}

/* Output that is slow to leave makes nobody early who waited for 354 and then sent in pieces. */
static void only_the_first_text_can_be_early(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO MAIL RCPT "DATA\r\n");
    assert_int_equal(next(e, "a"), SMTP_BODY);
    buf_append(smtp_engine_output(e), SPAN("still here"));
    assert_int_equal(next(e, "b"), SMTP_BODY);
    assert_int_equal(smtp_engine_notes(e), 0);
}

static void notes_of_a_message_stay_with_it(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO MAIL RCPT "DATA\r\n");
    run(e, "x\ny\r\n");
    assert_int_equal(smtp_engine_envelope(e)->notes, SMTP_NOTE_BARE_LF_BODY);
    run(e, ".\r\n" MAIL RCPT "DATA\r\n");
    run(e, "x\ry\r\n");
    assert_int_equal(smtp_engine_envelope(e)->notes, SMTP_NOTE_BARE_CR_BODY);
    assert_int_equal(smtp_engine_notes(e), SMTP_NOTE_BARE_LF_BODY | SMTP_NOTE_BARE_CR_BODY);
}

static void a_local_part_over_64_octets_is_noted(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO MAIL);
    char line[128];
    snprintf(line, sizeof(line), "RCPT TO:<%064d@d.test>\r\n", 0);
    run(e, line);
    assert_int_equal(smtp_engine_notes(e), 0);
    snprintf(line, sizeof(line), "RCPT TO:<%065d@d.test>\r\n", 0);
    run(e, line);
    assert_int_equal(smtp_engine_notes(e), SMTP_NOTE_LONG_LOCAL_PART);
}

static void start_tls(struct smtp_engine *e)
{
    assert_int_equal(next(e, "STARTTLS\r\n"), SMTP_ASK_STARTTLS);
    smtp_engine_answer(e, NULL);
    assert_output(e, "220 2.0.0 Ready to start TLS\r\n");
    assert_int_equal(next(e, ""), SMTP_STARTTLS);
}

static void tls_forgets_the_client(void **state)
{
    struct smtp_engine *e = *state;
    run(e, "EHLO client.test\r\n");
    start_tls(e);
    smtp_engine_tls_started(e);
    assert_int_equal(smtp_engine_envelope(e)->helo.len, 0);
    assert_false(smtp_engine_envelope(e)->is_esmtp);
    assert_output(e, "");
}

/* Not even a goodbye may be sent in the clear while the client expects a handshake. */
static void nothing_is_said_during_a_handshake(void **state)
{
    struct smtp_engine *e = *state;
    const struct smtp_reply reply = { 421, "4.4.2", "mx.test Idle for too long" };
    run(e, HELLO);
    start_tls(e);
    assert_int_equal(next(e, "QUIT\r\nNOOP\r\n"), SMTP_NEED_INPUT);
    smtp_engine_end(e, &reply);
    assert_output(e, "");
    assert_int_equal(smtp_engine_notes(e), SMTP_NOTE_TEXT_BEHIND_STARTTLS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_greeting_is_there_from_the_start),
        TEST(a_question_stops_it_until_answered),
        TEST(the_envelope_outlives_the_input),
        TEST(a_transaction_leaves_helo_and_nothing_else),
        TEST(a_refused_sender_leaves_nothing),
        TEST(a_refused_recipient_leaves_nothing),
        TEST(a_reply_needs_no_enhanced_code),
        TEST(a_message_is_stored_under_its_id),
        TEST(ending_from_outside_is_final),
        TEST(ending_after_quit_says_nothing),
        TEST(an_answer_of_421_closes),
        TEST(discard_comes_once),
        TEST(text_before_354_is_noted),
        TEST(no_text_is_not_early),
        TEST(only_the_first_text_can_be_early),
        TEST(notes_of_a_message_stay_with_it),
        TEST(a_local_part_over_64_octets_is_noted),
        TEST(tls_forgets_the_client),
        TEST(nothing_is_said_during_a_handshake),
    };
    return RUN_TESTS(tests);
}

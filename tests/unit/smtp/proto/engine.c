#include "../../test.h"

#include "smtp/proto/engine.h"

#include "core/mem.h"

#include <stdio.h>
#include <string.h>

/* What transcripts cannot say: how the host and the engine deal with each other. */

static const struct smtp_config config = {
    .hostname = "mx.test",
    .caps = SMTP_CAP_PIPELINING | SMTP_CAP_SIZE | SMTP_CAP_8BITMIME | SMTP_CAP_ENHANCEDSTATUSCODES |
            SMTP_CAP_SMTPUTF8 | SMTP_CAP_STARTTLS | SMTP_CAP_AUTH,
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

/* Plays the octets as one read, says yes to all and drops the replies. */
static void run_at_once(struct smtp_engine *e, struct span in)
{
    enum smtp_event event;
    while ((event = smtp_engine_next(e, &in)) != SMTP_NEED_INPUT)
        if (event == SMTP_ASK_MAIL || event == SMTP_ASK_RCPT || event == SMTP_ASK_MESSAGE)
            smtp_engine_answer(e, NULL);
    buf_clear(smtp_engine_output(e));
}

/* The same as a client that waits for each reply. */
static void run(struct smtp_engine *e, const char *text)
{
    struct span rest = span_of(text);
    while (rest.len) {
        size_t end = span_find(rest, '\n') + 1;
        run_at_once(e, span_slice(rest, 0, end));
        rest = span_slice(rest, end, rest.len);
    }
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
    run_at_once(e, SPAN("DATA\r\ndid not wait\r\n"));
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

static void commands_before_replies_are_noted(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second; /* each is a read */
        unsigned notes;
    } cases[] = {
        { "EHLO c.test\r\n", "NOOP\r\n", 0 },
        { "EHLO c.test\r\n", MAIL RCPT "DATA\r\n", 0 },
        { "EHLO c.test\r\n", MAIL RCPT "RSET\r\nQUIT\r\n", 0 },
        { "EHLO c.test\r\n" MAIL, RCPT, SMTP_NOTE_BEYOND_GROUP },
        { "EHLO c.test\r\n", "NOOP\r\n" MAIL, SMTP_NOTE_BEYOND_GROUP },
        { "EHLO c.test\r\n", "VRFY a\r\nRS", SMTP_NOTE_BEYOND_GROUP },
        { "EHLO c.test\r\n", "AUTH LOGIN\r\ndGlt\r\n", SMTP_NOTE_BEYOND_GROUP },
        { "HELO c.test\r\n", MAIL, 0 },
        { "HELO c.test\r\n" MAIL, RCPT, SMTP_NOTE_EARLY_COMMAND },
        { "HELO c.test\r\n", MAIL RCPT, SMTP_NOTE_EARLY_COMMAND },
        { "NOOP\r\nEHLO c.test\r\n", "", SMTP_NOTE_EARLY_COMMAND },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct smtp_engine *e = smtp_engine_new(&config, 0);
        run_at_once(e, SPAN(""));
        run_at_once(e, span_of(cases[i].first));
        run_at_once(e, span_of(cases[i].second));
        assert_int_equal(smtp_engine_notes(e) & SMTP_NOTES_OF_TIMING, cases[i].notes);
        smtp_engine_free(e);
    }
}

/* It is the reply that counts: what comes in pieces, or behind a message, is no sin. */
static void patience_is_not_noted(void **state)
{
    struct smtp_engine *e = *state;
    run(e, "EHLO c.test\r\n");
    run(e, "NO");
    run(e, "OP\r\n");
    run_at_once(e, SPAN(MAIL RCPT "DATA\r\n"));
    run_at_once(e, SPAN("text\r\n.\r\n" MAIL RCPT));
    assert_int_equal(smtp_engine_notes(e) & SMTP_NOTES_OF_TIMING, 0);
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

static void long_commands_are_noted(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int usual; /* octets with the line end; the text goes on with "x" */
    } cases[] = {
        { "NOOP ", 512 },
        { "FROB ", 512 },
        { "EHLO ", 512 },
        { "MAIL FROM:<a@b.test> X=", 512 + 26 + 17 + 10 + 500 + 100 },
        { "RCPT TO:<a@b.test> X=", 512 + 500 },
        { "VRFY ", 512 + 10 },
    };
    struct smtp_config roomy = config;
    roomy.limits.command_line_bytes = 2048;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int more = 0; more < 2; more++) {
            struct smtp_engine *e = smtp_engine_new(&roomy, 0);
            struct buf line AUTO(buf_done) = { 0 };
            int rest = cases[i].usual + more - (int)strlen(cases[i].line) - 2;
            buf_printf(&line, "%s%0*d\r\n", cases[i].line, rest, 0);
            run(e, buf_text(&line));
            assert_int_equal(smtp_engine_notes(e) & SMTP_NOTE_LONG_COMMAND,
                             more ? SMTP_NOTE_LONG_COMMAND : 0);
            smtp_engine_free(e);
        }
}

static void the_notes_of_helo_go_with_each_message(void **state)
{
    struct smtp_engine *e = *state;
    const struct smtp_envelope *v = smtp_engine_envelope(e);
    run(e, "HELO 192.0.2.1\r\n" MAIL RCPT "RSET\r\n");
    assert_int_equal(v->notes & SMTP_NOTE_HELO_BARE_IP, SMTP_NOTE_HELO_BARE_IP);
    run(e, "HELO localhost\r\n");
    assert_int_equal(v->notes, SMTP_NOTE_HELO_UNQUALIFIED);
    run(e, "HELO client.test\r\n");
    assert_int_equal(v->notes, 0);
    assert_int_equal(smtp_engine_notes(e) & ~(unsigned)SMTP_NOTES_OF_TIMING,
                     SMTP_NOTE_HELO_BARE_IP | SMTP_NOTE_HELO_UNQUALIFIED);
}

/* What a reader of warnings is told: "(line 3)". */
static void the_lines_of_notes_go_with_the_message(void **state)
{
    struct smtp_engine *e = *state;
    const struct smtp_envelope *v = smtp_engine_envelope(e);
    run(e, HELLO MAIL RCPT "DATA\r\n");
    run(e, "one\r\n..two\r\nthree\nfour\r\n");
    assert_int_equal(v->lines.bare_lf, 3);
    run(e, ".\r\n" MAIL RCPT);
    assert_int_equal(v->lines.bare_lf, 0);
}

static void a_yes_may_be_said_in_other_words(void **state)
{
    struct smtp_engine *e = *state;
    run(e, HELLO MAIL);
    assert_int_equal(next(e, RCPT), SMTP_ASK_RCPT);
    smtp_engine_answer(e, &(struct smtp_reply){ 251, "2.1.5", "User not local; will forward" });
    assert_output(e, "251 2.1.5 User not local; will forward\r\n");
    assert_int_equal(smtp_engine_envelope(e)->rcpt_count, 1);
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
        TEST(commands_before_replies_are_noted),
        TEST(patience_is_not_noted),
        TEST(only_the_first_text_can_be_early),
        TEST(notes_of_a_message_stay_with_it),
        TEST(long_commands_are_noted),
        TEST(the_notes_of_helo_go_with_each_message),
        TEST(the_lines_of_notes_go_with_the_message),
        TEST(a_yes_may_be_said_in_other_words),
        TEST(a_local_part_over_64_octets_is_noted),
        TEST(tls_forgets_the_client),
        TEST(nothing_is_said_during_a_handshake),
    };
    return RUN_TESTS(tests);
}

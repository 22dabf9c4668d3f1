#include "../../test.h"

#include "smtp/proto/engine.h"

#include "core/mem.h"

#include <malloc.h>
#include <string.h>

/* A client that repeats itself for ever must not make the engine grow, and passwords must not be
 * left in memory that was given back. The linker puts the functions below in place of the
 * allocator's (--wrap). */

void *__real_xmalloc(size_t size);
void *__real_xcalloc(size_t count, size_t size);
void *__real_xrealloc(void *ptr, size_t size);
void __real_free(void *ptr);
void *__wrap_xmalloc(size_t size);
void *__wrap_xcalloc(size_t count, size_t size);
void *__wrap_xrealloc(void *ptr, size_t size);
void __wrap_free(void *ptr);

static long live_blocks;
static size_t largest_block;

static const char
    *secret; /* what no block may hold when it is freed; NULL: nothing is looked for */
static bool has_leaked;

static void look_for_secret_in(struct span block)
{
    size_t len = secret ? strlen(secret) : 0;
    for (; len && block.len >= len; block = span_slice(block, 1, block.len))
        has_leaked |= memcmp(block.ptr, secret, len) == 0;
}

static void look_for_secret(void *ptr)
{
    if (ptr)
        look_for_secret_in((struct span){ ptr, malloc_usable_size(ptr) });
}

static void count_block(size_t size)
{
    live_blocks++;
    if (size > largest_block)
        largest_block = size;
}

void *__wrap_xmalloc(size_t size)
{
    count_block(size);
    return __real_xmalloc(size);
}

void *__wrap_xcalloc(size_t count, size_t size)
{
    count_block(count * size);
    return __real_xcalloc(count, size);
}

void *__wrap_xrealloc(void *ptr, size_t size)
{
    if (ptr)
        live_blocks--;
    look_for_secret(ptr); /* it may move */
    count_block(size);
    return __real_xrealloc(ptr, size);
}

void __wrap_free(void *ptr)
{
    if (ptr)
        live_blocks--;
    look_for_secret(ptr);
    __real_free(ptr);
}

static const struct smtp_reply refusal = { 550, "5.1.1", "No such user" };

static void play(struct smtp_engine *e, struct span in, bool refuses)
{
    enum smtp_event event;
    while ((event = smtp_engine_next(e, &in)) != SMTP_NEED_INPUT) {
        if (event == SMTP_LINE)
            look_for_secret_in(smtp_engine_line(e));
        if (event == SMTP_ASK_RCPT)
            smtp_engine_answer(e, refuses ? &refusal : NULL);
        if (event == SMTP_ASK_XCLIENT || event == SMTP_ASK_MAIL || event == SMTP_ASK_MESSAGE)
            smtp_engine_answer(e, NULL);
        if (event == SMTP_ASK_NONCE)
            smtp_engine_nonce(e, "1896.697170952");
        if (event == SMTP_ASK_STARTTLS || event == SMTP_ASK_AUTH)
            smtp_engine_answer(e, refuses ? &refusal : NULL);
    }
    buf_clear(smtp_engine_output(e));
}

#define LONG_NAME "a-name-long-enough-that-a-few-thousand-of-them-would-be-seen.client.test"
#define MAIL "MAIL FROM:<" LONG_NAME "@b.test>\r\n"
#define RCPT "RCPT TO:<" LONG_NAME "@d.test>\r\n"

static void nothing_grows_by_repetition(void **state)
{
    (void)state;
    static const struct {
        const char *first, *again;
        bool refuses; /* STARTTLS, logins and recipients */
    } cases[] = {
        { "", "EHLO " LONG_NAME "\r\n", false },
        { "EHLO c\r\n", "RSET\r\n", false },
        { "EHLO c\r\n", MAIL "RSET\r\n", false },
        { "EHLO c\r\n", "MAIL FROM:<> ENVID=" LONG_NAME " RET=NONE\r\n", false },
        { "EHLO c\r\n" MAIL, "RCPT TO:<a@b> ORCPT=rfc822;" LONG_NAME "\r\n", true },
        { "EHLO c\r\n" MAIL, "RCPT TO:<a@b> ORCPT=x;" LONG_NAME " NOTIFY=\r\n", false },
        { "EHLO c\r\n", MAIL RCPT "EHLO c\r\n", false },
        { "EHLO c\r\n", MAIL "DATA\r\nRSET\r\n", false },
        { "EHLO c\r\n" MAIL, RCPT, true },
        { "EHLO c\r\n" MAIL, RCPT, false }, /* up to the limit, then 452 */
        { "EHLO c\r\n" MAIL, "RCPT TO:<" LONG_NAME ">\r\n", false },
        { "EHLO c\r\n", "MAIL FROM:<a@b> FOO=" LONG_NAME "\r\n", false },
        { "EHLO c\r\n", MAIL RCPT "DATA\r\n" LONG_NAME "\r\n.\r\n", false },
        { "EHLO c\r\n" MAIL RCPT "DATA\r\n", LONG_NAME "\r\n", false },
        { "EHLO c\r\n" MAIL RCPT, "BDAT 72\r\n" LONG_NAME, false }, /* up to the limit, then 503 */
        { "EHLO c\r\n", MAIL RCPT "BDAT 72 LAST\r\n" LONG_NAME, false },
        { "EHLO c\r\n", MAIL RCPT "BDAT 72\r\n" LONG_NAME "RSET\r\n", false },
        { "", "BDAT 72\r\n" LONG_NAME, false },
        { "BDAT 1000000000\r\n", LONG_NAME, false },
        { "", "XCLIENT LOGIN=" LONG_NAME " NAME=" LONG_NAME "\r\n", false },
        { "", "XCLIENT LOGIN=" LONG_NAME " NAME=\r\n", false },
        { "", "HELP\r\nHELP MAIL\r\nVRFY " LONG_NAME "\r\nNOOP " LONG_NAME "\r\n", false },
        { "EHLO c\r\n", "STARTTLS\r\n", true },
        { "EHLO c\r\n", "AUTH PLAIN AHRpbQBwdw==\r\n", true },
        { "EHLO c\r\n", "AUTH PLAIN AHRpbQBwdw==\r\n", false }, /* from then on 503 */
        { "EHLO c\r\n", "AUTH PLAIN " LONG_NAME "\r\n", true },
        { "EHLO c\r\n", "AUTH LOGIN\r\ndGlt\r\n*\r\n", true },
        { "EHLO c\r\n", "AUTH CRAM-MD5\r\n*\r\n", true },
        { "EHLO c\r\nAUTH PLAIN\r\n", LONG_NAME, true },
        { "EHLO c\r\nSTARTTLS\r\n", LONG_NAME "\r\n", false }, /* in place of a handshake */
        { "", LONG_NAME, false },                              /* one endless line */
    };
    const struct smtp_config config = {
        .hostname = "mx.test",
        .caps = SMTP_CAP_ENHANCEDSTATUSCODES | SMTP_CAP_STARTTLS | SMTP_CAP_AUTH | SMTP_CAP_DSN |
                SMTP_CAP_CHUNKING | SMTP_CAP_XCLIENT,
        .limits = { .message_bytes = 1000,
                    .recipients = 20,
                    .command_line_bytes = 512,
                    .errors = 1000000,
                    .login_failures = 1000000 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        long before = live_blocks;
        struct smtp_engine *e = smtp_engine_new(&config, SMTP_PEER_TRUSTED);
        play(e, span_of(cases[i].first), cases[i].refuses);
        for (int n = 0; n < 50; n++)
            play(e, span_of(cases[i].again), cases[i].refuses);
        long settled = live_blocks;
        for (int n = 0; n < 5000; n++)
            play(e, span_of(cases[i].again), cases[i].refuses);
        assert_true(live_blocks <= settled);
        smtp_engine_free(e);
        assert_int_equal(live_blocks, before);
    }
    assert_true(largest_block > 0 && largest_block < 2 * SMTP_MAX_AUTH_LINE);
}

#define PASSWORD "correct horse battery staple"
#define PASSWORD64 "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ=="
#define PLAIN64 "AHRpbQBjb3JyZWN0IGhvcnNlIGJhdHRlcnkgc3RhcGxl"

static void passwords_are_wiped(void **state)
{
    (void)state;
    static const char *const sessions[] = {
        "AUTH PLAIN " PLAIN64 "\r\n",
        "AUTH PLAIN\r\n" PLAIN64 "\r\n",
        "AUTH LOGIN\r\ndGlt\r\n" PASSWORD64 "\r\n",
        "AUTH PLAIN " PLAIN64, /* the client goes away */
        "AUTH PLAIN\r\n" PLAIN64,
        "AUTH PLAIN " PLAIN64 "*\r\n", /* malformed */
        "AUTH PLAIN\r\n" PLAIN64 "*\r\n",
        "AUTH XOAUTH2 " PLAIN64 "\r\n",
        "MAIL FROM:<a@b>\r\nAUTH PLAIN " PLAIN64 "\r\n", /* out of sequence */
        "AUTH PLAIN AHRpbQA=\r\nAUTH PLAIN " PLAIN64 "\r\n",
    };
    static const char *const forms[] = { PASSWORD, PASSWORD64, PLAIN64 };
    const struct smtp_config config = {
        .hostname = "mx.test",
        .caps = SMTP_CAP_AUTH,
        .wants_lines = true,
        .limits = { .command_line_bytes = 512, .errors = 10, .login_failures = 3 },
    };
    for (size_t i = 0; i < ARRAY_LEN(sessions) * ARRAY_LEN(forms); i++)
        for (int refuses = 0; refuses < 2; refuses++) {
            struct smtp_engine *e = smtp_engine_new(&config, 0);
            secret = forms[i % ARRAY_LEN(forms)];
            struct span session = span_of(sessions[i / ARRAY_LEN(forms)]);
            play(e, SPAN("EHLO c\r\n"), false);
            for (size_t at = 0; at < session.len; at += 5)
                play(e, span_slice(session, at, at + 5), refuses);
            smtp_engine_free(e);
            assert_false(has_leaked);
            secret = NULL;
        }
}

/* A session may also be ended while the host still checks. */
static void passwords_are_wiped_when_the_session_ends(void **state)
{
    (void)state;
    const struct smtp_config config = { .hostname = "mx.test",
                                        .caps = SMTP_CAP_AUTH,
                                        .limits = { .command_line_bytes = 512, .errors = 10 } };
    for (int ends = 0; ends < 2; ends++) {
        struct smtp_engine *e = smtp_engine_new(&config, 0);
        secret = PASSWORD;
        struct span in = SPAN("EHLO c\r\nAUTH PLAIN " PLAIN64 "\r\n");
        assert_int_equal(smtp_engine_next(e, &in), SMTP_ASK_AUTH);
        if (ends)
            smtp_engine_end(e, &refusal);
        smtp_engine_free(e);
        assert_false(has_leaked);
        secret = NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_grows_by_repetition),
        cmocka_unit_test(passwords_are_wiped),
        cmocka_unit_test(passwords_are_wiped_when_the_session_ends),
    };
    return RUN_TESTS(tests);
}

#include "../../test.h"

#include "smtp/proto/engine.h"

#include "core/mem.h"

#include <string.h>

/* A client that repeats itself for ever must not make the engine grow. The linker puts the
 * functions below in place of the allocator's (--wrap). */

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
    count_block(size);
    return __real_xrealloc(ptr, size);
}

void __wrap_free(void *ptr)
{
    if (ptr)
        live_blocks--;
    __real_free(ptr);
}

static const struct smtp_reply refusal = { 550, "5.1.1", "No such user" };

static void play(struct smtp_engine *e, struct span in, bool refuses)
{
    enum smtp_event event;
    while ((event = smtp_engine_next(e, &in)) != SMTP_NEED_INPUT) {
        if (event == SMTP_ASK_RCPT)
            smtp_engine_answer(e, refuses ? &refusal : NULL);
        if (event == SMTP_ASK_MAIL || event == SMTP_ASK_MESSAGE)
            smtp_engine_answer(e, NULL);
        if (event == SMTP_ASK_STARTTLS)
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
        bool refuses; /* STARTTLS and recipients */
    } cases[] = {
        { "", "EHLO " LONG_NAME "\r\n", false },
        { "EHLO c\r\n", "RSET\r\n", false },
        { "EHLO c\r\n", MAIL "RSET\r\n", false },
        { "EHLO c\r\n", MAIL RCPT "EHLO c\r\n", false },
        { "EHLO c\r\n", MAIL "DATA\r\nRSET\r\n", false },
        { "EHLO c\r\n" MAIL, RCPT, true },
        { "EHLO c\r\n" MAIL, RCPT, false }, /* up to the limit, then 452 */
        { "EHLO c\r\n" MAIL, "RCPT TO:<" LONG_NAME ">\r\n", false },
        { "EHLO c\r\n", "MAIL FROM:<a@b> FOO=" LONG_NAME "\r\n", false },
        { "EHLO c\r\n", MAIL RCPT "DATA\r\n" LONG_NAME "\r\n.\r\n", false },
        { "EHLO c\r\n" MAIL RCPT "DATA\r\n", LONG_NAME "\r\n", false },
        { "", "HELP\r\nHELP MAIL\r\nVRFY " LONG_NAME "\r\nNOOP " LONG_NAME "\r\n", false },
        { "EHLO c\r\n", "STARTTLS\r\n", true },
        { "EHLO c\r\nSTARTTLS\r\n", LONG_NAME "\r\n", false }, /* in place of a handshake */
        { "", LONG_NAME, false },                              /* one endless line */
    };
    const struct smtp_config config = {
        .hostname = "mx.test",
        .caps = SMTP_CAP_ENHANCEDSTATUSCODES | SMTP_CAP_STARTTLS,
        .limits = { .message_bytes = 1000,
                    .recipients = 20,
                    .command_line_bytes = 512,
                    .errors = 1000000 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        long before = live_blocks;
        struct smtp_engine *e = smtp_engine_new(&config, 0);
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
    assert_true(largest_block > 0 && largest_block < 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_grows_by_repetition),
    };
    return RUN_TESTS(tests);
}

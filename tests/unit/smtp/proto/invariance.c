#include "../../test.h"

#include "playback.h"

#include <string.h>

/* Where TCP cuts the stream must not matter. Sessions are thrown together from pieces that are
 * likely to be cut badly; the seeds are fixed, so that what fails fails again. */

enum { SESSIONS = 400, MAX_PIECES = 60 };

static const char *const pieces[] = {
    "EHLO client.test\r\n",
    "HELO c\r\n",
    "MAIL FROM:<a@b.test>\r\n",
    "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n",
    "MAIL FROM: <a@b.test> SMTPUTF8\n",
    "MAIL FROM:<j\xC3\xBCrgen@b.test> SMTPUTF8\r\n",
    "MAIL FROM:<a@b.test> SIZE=201\r\n",
    "RCPT TO:<c@d.test>\r\n",
    "RCPT TO:<\"e > f\"@d.test>\r\n",
    "RCPT TO:<postmaster>\r\n",
    "MAIL FROM:<a@b.test> AUTH=a+2Bb@c.test RET=HDRS ENVID=a+20b\r\n",
    "RCPT TO:<c@d.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c+2B@d.test\r\n",
    "RCPT TO:<c@d.test> ORCPT=utf-8;j\\x{FC}rgen@d.test\r\n",
    "RCPT TO:<nowhere>\r\n",
    "DATA\r\n",
    "DATA\n",
    "BDAT 0\r\n",
    "BDAT 4\r\n",
    "BDAT 17\r\n",
    "BDAT 5 LAST\r\n",
    "BDAT 0 LAST\r\n",
    "BDAT 250 LAST\r\n",
    "BDAT 9 FOO\r\n",
    "BDAT -1\r\n",
    "MAIL FROM:<a@b.test> BODY=BINARYMIME\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "HELP\r\n",
    "XCLIENT ADDR=IPV6:2001:db8::1 LOGIN=t+2Bx HELO=[UNAVAILABLE]\r\n",
    "HELO 192.0.2.1\r\n",
    "VRFY j\xC3\xBCrgen SMTPUTF8\r\n",
    "VRFY x\r\n",
    "QUIT\r\n",
    "STARTTLS\r\n",
    "STARTTLS\r\n\026EHLO c\r\n",
    "\x16",
    "AUTH PLAIN\r\n",
    "AUTH PLAIN =\r\n",
    "AUTH PLAIN AHQAcA==\r\n",
    "AUTH LOGIN\r\ndA==\r\ncA==\r\n",
    "AUTH LOGIN dA==\r\n",
    "AUTH CRAM-MD5\r\n",
    "AUTH XOAUTH2 dA==\r\n",
    "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n",
    "*\r\n",
    "FROB\r\n",
    "\r\n",
    "\n",
    "\r",
    ".",
    ".\r\n",
    "\r\n.\r\n",
    "\n.\n",
    "\r.\r",
    "\r\n..\r\n",
    "\r\n.\r",
    "text",
    "NOOP and more, so that with another of its kind the line gets too long",
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 16;
}

/* Most sessions begin well, or little of them would reach the message. */
static void make_session(struct buf *out, uint32_t *random)
{
    if (next_random(random) % 4)
        buf_append(out, SPAN("EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n"));
    if (next_random(random) % 2)
        buf_append(out, next_random(random) % 2 ? SPAN("DATA\r\n") : SPAN("BDAT 11\r\n"));
    for (size_t count = next_random(random) % MAX_PIECES; count; count--)
        buf_append(out, span_of(pieces[next_random(random) % ARRAY_LEN(pieces)]));
    if (next_random(random) % 3 == 0)
        buf_putc(out, '\0');
}

static void sessions_read_the_same_however_cut(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < SESSIONS; seed++) {
        struct buf session AUTO(buf_done) = { 0 };
        uint32_t random = seed;
        make_session(&session, &random);
        unsigned choice = next_random(&random) | next_random(&random) << 16;
        playback_check_cuts(buf_span(&session), choice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_read_the_same_however_cut),
    };
    return RUN_TESTS(tests);
}

#include "../../test.h"

#include "smtp/proto/shown.h"

#include <string.h>

#define COMMAND SMTP_SHOWN_COMMAND
#define UNKNOWN SMTP_SHOWN_UNKNOWN
#define RESPONSE SMTP_SHOWN_RESPONSE

static void secrets_are_masked_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        enum smtp_shown kind;
        const char *line, *shown;
    } cases[] = {
        { COMMAND, "", "" },
        { COMMAND, "EHLO login.test", "EHLO login.test" },
        { COMMAND, "MAIL FROM:<pass@auth.test> AUTH=<>", "MAIL FROM:<pass@auth.test> AUTH=<>" },
        { COMMAND, "NOOP\ta\x01\x7F ", "NOOP\ta\x01\x7F " },
        { COMMAND, "AUTH", "AUTH" },
        { COMMAND, "AUTH PLAIN", "AUTH PLAIN" },
        { COMMAND, "AUTH PLAIN =", "AUTH PLAIN =" },
        { COMMAND, "AUTH PLAIN c2VjcmV0", "AUTH PLAIN ********" },
        { COMMAND, "auth  login   c2VjcmV0 ", "auth  login   ********" },
        { COMMAND, "AUTH PLAIN c2 Vj cm", "AUTH PLAIN ********" },
        { COMMAND, "AUTH XOAUTH2 c2VjcmV0", "AUTH XOAUTH2 ********" },
        { COMMAND, "AUTH SCRAM-SHA-256-PLUS c2VjcmV0", "AUTH SCRAM-SHA-256-PLUS ********" },
        { COMMAND, "AUTH c2VjcmV0", "AUTH ********" }, /* where is the mechanism? */
        { COMMAND, "AUTH PLAINc2VjcmV0", "AUTH ********" },
        { COMMAND, "AUTH=PLAIN c2VjcmV0", "AUTH=PLAIN ********" },
        { COMMAND, "AUTH\tPLAIN\tc2VjcmV0", "AUTH\tPLAIN\t********" },
        { COMMAND, "AUTHPLAIN c2VjcmV0", "AUTHPLAIN ********" },
        { COMMAND, "AUTHc2VjcmV0", "AUTH********" },
        { COMMAND, "EHLO a.test\rAUTH PLAIN c2VjcmV0\r", "EHLO a.test\rAUTH PLAIN ********" },
        { UNKNOWN, "FROB whatever", "FROB whatever" },
        { UNKNOWN, "MIAL FROM:<compass@author.test>", "MIAL FROM:<compass@auth********" },
        { UNKNOWN, "FROB compass", "FROB compass" },
        { UNKNOWN,
          "\xEF\xBB\xBF"
          "AUTH PLAIN c2VjcmV0",
          "\xEF\xBB\xBF"
          "AUTH PLAIN ********" },
        { UNKNOWN, "user=tim&password=secret", "user=tim&password=********" },
        { UNKNOWN, "{\"name\": \"tim\", \"password\": \"secret\"}",
          "{\"name\": \"tim\", \"password********" },
        { UNKNOWN, "GET / HTTP/1.1", "GET / HTTP/1.1" },
        { UNKNOWN, " AUTH PLAIN c2VjcmV0", " AUTH PLAIN ********" },
        { UNKNOWN,
          "\x01"
          "AUTH PLAIN c2VjcmV0",
          "\x01"
          "AUTH PLAIN ********" },
        { UNKNOWN, "USER tim", "USER tim" },
        { UNKNOWN, "PASS secret", "PASS ********" },
        { UNKNOWN, "pass: secret", "pass: ********" },
        { UNKNOWN, "PASSWORD=secret", "PASSWORD=********" },
        { UNKNOWN, "LOGIN tim secret", "LOGIN ********" },
        { UNKNOWN, "a1 LOGIN tim secret", "a1 LOGIN ********" },
        { UNKNOWN, "a1 AUTHENTICATE PLAIN c2VjcmV0", "a1 AUTHENTICATE PLAIN ********" },
        { UNKNOWN, "AUTHINFO PASS secret", "AUTHINFO ********" },
        { UNKNOWN, "Authorization: Basic c2VjcmV0", "Authorization: ********" },
        { UNKNOWN, "Proxy-Authorization: Bearer c2VjcmV0", "Proxy-Authorization: ********" },
        { UNKNOWN, "Cookie: session=secret", "Cookie: ********" },
        { RESPONSE, "", "" },
        { RESPONSE, "*", "*" },
        { RESPONSE, " * ", " * " },
        { RESPONSE, "c2VjcmV0", "********" },
        { RESPONSE, "**", "********" },
        { RESPONSE, "NOOP", "********" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out AUTO(buf_done) = { 0 };
        struct span line = span_of(cases[i].line);
        smtp_shown_append(&out, cases[i].kind, line, line.len);
        assert_span(buf_span(&out), cases[i].shown);
        assert_int_equal(smtp_shown_is_plain(cases[i].kind, line, line.len),
                         strcmp(cases[i].line, cases[i].shown) == 0);
    }
}

static void nul_hides_nothing(void **state)
{
    (void)state;
    struct buf out AUTO(buf_done) = { 0 };
    struct span line = SPAN("QUIT\0AUTH PLAIN c2VjcmV0");
    smtp_shown_append(&out, UNKNOWN, line, line.len);
    assert_int_equal(out.len, strlen("QUIT AUTH PLAIN ********"));
    assert_memory_equal(out.ptr, "QUIT\0AUTH PLAIN ********", out.len);
}

static void long_lines_end_in_their_size(void **state)
{
    (void)state;
    char line[SMTP_MAX_SHOWN + 1];
    memset(line, 'x', sizeof(line));
    struct buf out AUTO(buf_done) = { 0 };
    smtp_shown_append(&out, UNKNOWN, (struct span){ line, SMTP_MAX_SHOWN }, SMTP_MAX_SHOWN);
    assert_int_equal(out.len, SMTP_MAX_SHOWN);
    buf_clear(&out);
    smtp_shown_append(&out, UNKNOWN, (struct span){ line, sizeof(line) }, 1000000000);
    assert_span(span_slice(buf_span(&out), SMTP_MAX_SHOWN, out.len), "... (1000000000 octets)");
    /* How long a secret is shows nowhere. */
    buf_clear(&out);
    memcpy(line, "PASS ", 5);
    smtp_shown_append(&out, UNKNOWN, (struct span){ line, sizeof(line) }, 1000000000);
    assert_span(buf_span(&out), "PASS ********");
    buf_clear(&out);
    smtp_shown_append(&out, RESPONSE, (struct span){ line, sizeof(line) }, 1000000000);
    assert_span(buf_span(&out), "********");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_masked_and_nothing_else),
        cmocka_unit_test(nul_hides_nothing),
        cmocka_unit_test(long_lines_end_in_their_size),
    };
    return RUN_TESTS(tests);
}

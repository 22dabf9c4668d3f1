#include "../../test.h"

#include "smtp/proto/engine.h"

#include "core/mem.h"

#include <string.h>

enum {
    BINARY = SMTP_CAP_CHUNKING | SMTP_CAP_BINARYMIME,
    ALL_CAPS = SMTP_CAP_SIZE | SMTP_CAP_8BITMIME | SMTP_CAP_SMTPUTF8 | BINARY,
};

struct result {
    char reply[128]; /* empty: accepted */
    uint64_t size;
    enum smtp_body_type body;
    bool smtputf8;
};

/* What MAIL with these parameters comes to. */
static struct result mail_with(unsigned caps, const char *params)
{
    const struct smtp_config config = {
        .hostname = "mx.test",
        .caps = caps,
        .limits = { .message_bytes = 1000, .command_line_bytes = 512, .errors = 1 },
    };
    struct smtp_engine *e = smtp_engine_new(&config, 0);
    struct buf line AUTO(buf_done) = { 0 };
    buf_printf(&line, "EHLO c\r\nMAIL FROM:<a@b.test> %s\r\n", params);
    struct span in = buf_span(&line);
    enum smtp_event event = smtp_engine_next(e, &in);
    const struct smtp_envelope *v = smtp_engine_envelope(e);
    struct result r = { .size = v->size, .body = v->body, .smtputf8 = v->smtputf8 };
    struct span out = buf_span(smtp_engine_output(e));
    while (event == SMTP_NEED_INPUT && out.len) {
        struct span last = span_cut(&out, '\n');
        assert_true(last.len > 0 && last.len < sizeof(r.reply));
        memset(r.reply, 0, sizeof(r.reply));
        memcpy(r.reply, last.ptr, last.len - 1);
    }
    smtp_engine_free(e);
    return r;
}

static void accepts_what_is_offered(void **state)
{
    (void)state;
    static const struct {
        const char *params;
        uint64_t size;
        enum smtp_body_type body;
        bool smtputf8;
    } cases[] = {
        { "", 0, SMTP_BODY_UNSTATED, false },
        { "SIZE=0", 0, SMTP_BODY_UNSTATED, false },
        { "size=1000", 1000, SMTP_BODY_UNSTATED, false },
        { "SIZE=00000000000000000012", 12, SMTP_BODY_UNSTATED, false },
        { "BODY=7bit", 0, SMTP_BODY_7BIT, false },
        { "Body=8BitMime", 0, SMTP_BODY_8BITMIME, false },
        { "BODY=binarymime", 0, SMTP_BODY_BINARYMIME, false },
        { "SMTPUTF8", 0, SMTP_BODY_UNSTATED, true },
        { "SMTPUTF8 BODY=8BITMIME SIZE=5", 5, SMTP_BODY_8BITMIME, true },
        { "   SIZE=5    BODY=7BIT   ", 5, SMTP_BODY_7BIT, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result r = mail_with(ALL_CAPS, cases[i].params);
        assert_string_equal(r.reply, "");
        assert_int_equal(r.size, cases[i].size);
        assert_int_equal(r.body, cases[i].body);
        assert_int_equal(r.smtputf8, cases[i].smtputf8);
    }
}

#define SYNTAX "501 Parameters are KEYWORD or KEYWORD=value"
#define A64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void refuses_what_is_not(void **state)
{
    (void)state;
    static const struct {
        unsigned caps;
        const char *params, *reply;
    } cases[] = {
        { ALL_CAPS, "SIZE", "501 SIZE= takes a number of octets" },
        { ALL_CAPS, "SIZE=1k", "501 SIZE= takes a number of octets" },
        { ALL_CAPS, "SIZE=+1", "501 SIZE= takes a number of octets" },
        { ALL_CAPS, "SIZE=1=2", "501 SIZE= takes a number of octets" },
        { ALL_CAPS, "SIZE=1001", "552 A message may have at most 1000 octets" },
        { ALL_CAPS, "SIZE=18446744073709551616", "552 A message may have at most 1000 octets" },
        { ALL_CAPS, "SIZE=1 SIZE=1", "501 SIZE is given twice" },
        { ALL_CAPS, "BODY", "501 BODY= takes 7BIT, 8BITMIME or BINARYMIME" },
        { ALL_CAPS, "BODY=9BIT", "501 BODY= takes 7BIT, 8BITMIME or BINARYMIME" },
        { ALL_CAPS & ~(unsigned)SMTP_CAP_CHUNKING, "BODY=BINARYMIME",
          "504 That BODY= is not offered here" },
        { ALL_CAPS & ~(unsigned)SMTP_CAP_BINARYMIME, "BODY=BINARYMIME",
          "504 That BODY= is not offered here" },
        { ALL_CAPS & ~(unsigned)SMTP_CAP_8BITMIME, "BODY=8BITMIME",
          "504 That BODY= is not offered here" },
        { ALL_CAPS, "BODY=7BIT SIZE=1 body=7BIT", "501 BODY is given twice" },
        { ALL_CAPS, "SMTPUTF8=1", "501 SMTPUTF8 takes no value" },
        { ALL_CAPS, "SMTPUTF8 SMTPUTF8", "501 SMTPUTF8 is given twice" },
        { ALL_CAPS, "SIZE=", SYNTAX },
        { ALL_CAPS, "SMTPUTF8=", SYNTAX },
        { ALL_CAPS, "=5", SYNTAX },
        { ALL_CAPS, "-SIZE=5", SYNTAX },
        { ALL_CAPS, "<x>", SYNTAX },
        { ALL_CAPS, "\xC3\xBC=1", SYNTAX }, /* never in a reply */
        { ALL_CAPS, "A_B", SYNTAX },
        { ALL_CAPS, A64, "555 Unsupported parameter: " A64 },
        { ALL_CAPS, A64 "A", SYNTAX },
        { ALL_CAPS, "FOO", "555 Unsupported parameter: FOO" },
        { ALL_CAPS, "X-y=z", "555 Unsupported parameter: X-y" },
        { ALL_CAPS, "SIZE=5 FOO=1", "555 Unsupported parameter: FOO" },
        { ALL_CAPS & ~(unsigned)SMTP_CAP_SIZE, "SIZE=1", "555 Unsupported parameter: SIZE" },
        { SMTP_CAP_SIZE, "BODY=7BIT", "555 Unsupported parameter: BODY" },
        { ALL_CAPS & ~(unsigned)SMTP_CAP_SMTPUTF8, "SMTPUTF8",
          "555 Unsupported parameter: SMTPUTF8" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result r = mail_with(cases[i].caps, cases[i].params);
        assert_string_equal(r.reply, cases[i].reply);
        assert_int_equal(r.size, 0);
        assert_int_equal(r.body, SMTP_BODY_UNSTATED);
        assert_false(r.smtputf8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_is_offered),
        cmocka_unit_test(refuses_what_is_not),
    };
    return RUN_TESTS(tests);
}

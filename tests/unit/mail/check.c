#include "mail_test.h"

#include "core/mem.h"
#include "mail/check.h"

#include <string.h>

/* The faults of part `index` of a message. */
static unsigned faults_of(const char *message, size_t index)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct span bytes = span_of(message);
    struct source raw = source_of_span(&bytes);
    struct mail m;
    mail_read(&raw, &arena, &m);
    assert_true(index < m.part_count);
    return m.parts[index].faults;
}

#define TEXT(encoding, body)                                                                       \
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " encoding              \
    "\r\n\r\n" body
#define MIXED(boundary, rest) "Content-Type: multipart/mixed" boundary "\r\n\r\n" rest

static void each_fault_is_found_and_no_other(void **state)
{
    static const struct {
        const char *message;
        unsigned faults;
        size_t part;
    } cases[] = {
        { "Subject: x\r\n\r\nplain\r\n", 0, 0 },
        { TEXT("8bit", "gr\xC3\xBC\xC3\x9F"), 0, 0 },
        { TEXT("7bit", "gr\xC3\xBC\xC3\x9F"), MAIL_FAULT_EIGHT_BIT, 0 },
        { TEXT("8bit", "gr\xFC\xDF"), MAIL_FAULT_NOT_IN_CHARSET, 0 },
        { TEXT("8bit", "cut \xC3"), MAIL_FAULT_NOT_IN_CHARSET, 0 },
        { TEXT("8bit", "gr\xC3\xBC\xFF"), MAIL_FAULT_NOT_IN_CHARSET, 0 },
        { "Content-Transfer-Encoding: 8bit\r\n\r\n\xC3\xBC", MAIL_FAULT_NOT_IN_CHARSET, 0 },
        { "Content-Type: text/plain; charset=US-ASCII\r\n\r\nx", 0, 0 },
        { "Content-Type: text/plain; charset=klingon\r\n\r\nx", MAIL_FAULT_CHARSET, 0 },
        { "Content-Type: text\r\n\r\nx", MAIL_FAULT_TYPE, 0 },
        { TEXT("quoted", "x"), MAIL_FAULT_ENCODING, 0 },
        { TEXT("QUOTED-PRINTABLE", "a=3D=C3=BC =\r\nb= \t\r\nc"), 0, 0 },
        { TEXT("quoted-printable", "a=b"), MAIL_FAULT_QUOTED_PRINTABLE, 0 },
        { TEXT("quoted-printable", "a=xy"), MAIL_FAULT_QUOTED_PRINTABLE, 0 },
        { TEXT("quoted-printable", "a=3\r\n"), MAIL_FAULT_QUOTED_PRINTABLE, 0 },
        { TEXT("quoted-printable", "a=3"), MAIL_FAULT_QUOTED_PRINTABLE, 0 },
        { TEXT("quoted-printable", "a= 3D"), MAIL_FAULT_QUOTED_PRINTABLE, 0 },
        { TEXT("quoted-printable", "=C3=BC\xC3\xBC"), MAIL_FAULT_QUOTED_PRINTABLE, 0 },
        { TEXT("base64", "aGVsbG8=\r\n"), 0, 0 },
        { TEXT("base64", "aGVs\r\nbG8h\r\n"), 0, 0 },
        { TEXT("base64", "aGVsbG8\r\n"), MAIL_FAULT_BASE64, 0 },
        { TEXT("base64", "aGVs bG8="), MAIL_FAULT_BASE64, 0 },
        { TEXT("base64", "aGVsbG8=aGVs"), MAIL_FAULT_BASE64, 0 },
        { MIXED("", "x"), MAIL_FAULT_NO_BOUNDARY, 0 },
        { MIXED("; boundary=b", "x"), MAIL_FAULT_BOUNDARY_UNUSED, 0 },
        { MIXED("; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n"), 0, 0 },
        { MIXED("; boundary=b", "--b\r\n\r\nx\r\n"), MAIL_FAULT_NOT_CLOSED, 0 },
        { MIXED("; boundary=b\r\nContent-Transfer-Encoding: base64", "--b\r\n\r\nx\r\n--b--\r\n"),
          MAIL_FAULT_ENCODED_CONTAINER, 0 },
        { MIXED("; boundary=b", "--b\r\nContent-Disposition: attachment; "
                                "filename=\"=?utf-8?q?a?=\"\r\n\r\nx\r\n--b--\r\n"),
          MAIL_FAULT_ENCODED_PARAMETER, 1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned faults = faults_of(cases[i].message, cases[i].part);
        if (faults != cases[i].faults)
            fail_msg("%s: 0x%x instead of 0x%x", cases[i].message, faults, cases[i].faults);
    }
}

static void long_encoded_lines_are_found(void **state)
{
    (void)state;
    for (size_t len = 76; len <= 80; len += 4) {
        struct buf message AUTO(buf_done) = { 0 };
        buf_append(&message, SPAN("Content-Transfer-Encoding: base64\r\n\r\n"));
        for (size_t i = 0; i < len; i++)
            buf_putc(&message, 'A');
        buf_append(&message, SPAN("\r\n"));
        assert_int_equal(faults_of(buf_text(&message), 0), len > 76 ? MAIL_FAULT_ENCODED_LINE : 0);
    }
}

/* A body comes in pieces; where it is cut says nothing. */
static void cuts_do_no_harm(void **state)
{
    static const struct {
        enum mail_encoding encoding;
        const char *body;
        unsigned faults;
    } cases[] = {
        { MAIL_8BIT, "a\xE2\x82\xAC\xF0\x9F\x98\x80z", 0 },
        { MAIL_8BIT, "a\xE2\x82z", MAIL_FAULT_NOT_IN_CHARSET },
        { MAIL_QUOTED_PRINTABLE, "=3D= \r\n=C3=BC", 0 },
        { MAIL_QUOTED_PRINTABLE, "=3D=\r\n=C", MAIL_FAULT_QUOTED_PRINTABLE },
        { MAIL_BASE64, "aGVsbG8=", 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step <= strlen(cases[i].body); step++) {
            const struct mail_part part = { .content_type = "text/plain",
                                            .charset = "utf-8",
                                            .encoding = cases[i].encoding };
            struct check c;
            check_init(&c, &part);
            struct span body = span_of(cases[i].body);
            for (size_t at = 0; at < body.len; at += step) {
                struct span piece = span_slice(body, at, at + step);
                check_encoded(&c, piece);
                if (cases[i].encoding == MAIL_8BIT)
                    check_decoded(&c, piece);
            }
            assert_int_equal(check_finish(&c), cases[i].faults);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_found_and_no_other),
        cmocka_unit_test(long_encoded_lines_are_found),
        cmocka_unit_test(cuts_do_no_harm),
    };
    return RUN_MAIL_TESTS(tests);
}

#include "../test.h"

#include "core/mem.h"
#include "secret/htpasswd.h"

#include <stdio.h>
#include <string.h>

/* Of "secret" and "p\xC3\xA4ss", at the lowest cost. */
#define SECRET "$2y$04$ERjZ6nWErFsq1OlixHLU8OTF46T3qX/M6ictLmEA.RpU3OsBEdsD."
#define PAESS "$2b$04$.zkGSHmesqZqyGoOJ3gwIOwLNjeA1Q5ZzGi9BUR/DEI40/Pd3j7dm"

static void right_passwords_are_right(void **state)
{
    static const struct {
        const char *name, *password;
        bool is_right;
    } cases[] = {
        { "ann", "secret", true },
        { "ann", "Secret", false },
        { "ann", "", false },
        { "ann", "secret ", false },
        { "J\xC3\xB6rg", "p\xC3\xA4ss", true },
        { "J\xC3\xB6rg", "secret", false },
        { "bob", "secret", false },
        { "", "secret", false },
        { "Ann", "secret", false },
        { "#bob", "secret", false },
    };
    struct htpasswd h;
    struct buf why AUTO(buf_done) = { 0 };
    (void)state;
    assert_true(
        htpasswd_parse(SPAN("# people\n\nann:" SECRET "\r\n \nJ\xC3\xB6rg:" PAESS), &h, &why));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (htpasswd_check(&h, span_of(cases[i].name), span_of(cases[i].password)) !=
            cases[i].is_right)
            fail_msg("%s %s", cases[i].name, cases[i].password);
    assert_false(htpasswd_check(&h, SPAN("ann"), SPAN("secret\0x")));
    htpasswd_done(&h);
}

/* bcrypt looks at 72 octets; what is longer is refused rather than cut. */
static void long_passwords_are_wrong(void **state)
{
    struct htpasswd h;
    struct buf why AUTO(buf_done) = { 0 };
    char password[73];
    (void)state;
    memset(password, 'a', sizeof(password));
    assert_true(htpasswd_parse(SPAN("ann:" SECRET), &h, &why));
    assert_false(htpasswd_check(&h, SPAN("ann"), (struct span){ password, 72 }));
    assert_false(htpasswd_check(&h, SPAN("ann"), (struct span){ password, 73 }));
    htpasswd_done(&h);
}

static void faults_are_told_by_line(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "ann", "line 1 " },
        { "\n\nann:secret", "line 3 has no bcrypt digest" },
        { "ann:$apr1$x$y", "htpasswd -B" },
        { "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "htpasswd -B" },
        { "ann:" SECRET "x", "htpasswd -B" },
        { "ann:$2y$31$ERjZ6nWErFsq1OlixHLU8OTF46T3qX/M6ictLmEA.RpU3OsBEdsD.", "cost from 4 to 14" },
        { "ann:$2y$04$ERjZ6nWErFsq1OlixHLU8OTF46T3qX/M6ictLmEA.RpU3OsBEds:.", "htpasswd -B" },
        { ":" SECRET, "line 1 does not begin with a name" },
        { "\xFF:" SECRET, "does not begin with a name" },
        { "ann:" SECRET "\nann:" PAESS, "line 2 is about somebody" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct htpasswd h;
        struct buf why AUTO(buf_done) = { 0 };
        assert_false(htpasswd_parse(span_of(cases[i].text), &h, &why));
        if (!strstr(buf_text(&why), cases[i].says))
            fail_msg("%s", buf_text(&why));
        htpasswd_done(&h);
    }
}

static void an_empty_file_is_nobody(void **state)
{
    struct htpasswd h;
    struct buf why AUTO(buf_done) = { 0 };
    (void)state;
    assert_true(htpasswd_parse(SPAN(""), &h, &why));
    assert_false(htpasswd_check(&h, SPAN(""), SPAN("")));
    htpasswd_done(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_passwords_are_right),
        cmocka_unit_test(long_passwords_are_wrong),
        cmocka_unit_test(faults_are_told_by_line),
        cmocka_unit_test(an_empty_file_is_nobody),
    };
    return RUN_TESTS(tests);
}

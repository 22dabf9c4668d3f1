#include "../test.h"

#include "core/mem.h"
#include "core/netaddr.h"

#include <string.h>

static void reads_addresses_with_a_port(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown; /* shown NULL: refused */
        bool is_loopback;
    } cases[] = {
        { "127.0.0.1:1025", "127.0.0.1:1025", true },
        { "127.9.9.9:0", "127.9.9.9:0", true },
        { "localhost:25", "127.0.0.1:25", true },
        { "0.0.0.0:65535", "0.0.0.0:65535", false },
        { "[::1]:1025", "[::1]:1025", true },
        { "[::]:1025", "[::]:1025", false },
        { "[::ffff:127.0.0.1]:5", "127.0.0.1:5", true },
        { "127.0.0.1", NULL, false },
        { "127.0.0.1:", NULL, false },
        { "127.0.0.1:65536", NULL, false },
        { "127.0.0.1:x", NULL, false },
        { ":1025", NULL, false },
        { "::1:1025", NULL, false },
        { "[127.0.0.1]:1", NULL, false },
        { "mx.test:25", NULL, false },
        { "", NULL, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sockaddr_storage addr;
        char text[NETADDR_TEXT];
        assert_int_equal(netaddr_parse(span_of(cases[i].text), &addr), cases[i].shown != NULL);
        if (!cases[i].shown)
            continue;
        assert_string_equal(netaddr_format(&addr, text), cases[i].shown);
        assert_int_equal(netaddr_is_loopback(&addr), cases[i].is_loopback);
    }
}

static void reads_unix_sockets(void **state)
{
    (void)state;
    struct sockaddr_storage addr;
    char text[NETADDR_TEXT], ip[NETADDR_IP], longest[200] = "unix:";
    assert_true(netaddr_parse_unix(SPAN("unix:/run/mailstop.sock"), &addr));
    assert_string_equal(netaddr_path(&addr), "/run/mailstop.sock");
    assert_string_equal(netaddr_format(&addr, text), "unix:/run/mailstop.sock");
    assert_string_equal(netaddr_format_ip(&addr, ip), "unix");
    assert_int_equal(netaddr_port(&addr), 0);
    assert_true(netaddr_is_loopback(&addr));
    static const char *const bad[] = { "unix:", "unix", "/run/x", "unix:/a b", "unix:/a\n", "" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(netaddr_parse_unix(span_of(bad[i]), &addr));
    assert_false(netaddr_parse(SPAN("unix:/run/x:25"), &addr));
    assert_true(netaddr_parse(SPAN("127.0.0.1:25"), &addr));
    assert_null(netaddr_path(&addr));
    memset(longest + 5, 'x', 107); /* what sockaddr_un holds, save the NUL */
    assert_true(netaddr_parse_unix(span_of(longest), &addr));
    assert_string_equal(netaddr_format(&addr, text), longest);
    longest[112] = 'x';
    assert_false(netaddr_parse_unix(span_of(longest), &addr));
}

static void tells_names_from_other_text(void **state)
{
    (void)state;
    static const char *const good[] = { "a",      "mx.test",  "MX-1.test",
                                        "*.test", "a_b.test", "127.0.0.1",
                                        "::1",    "fe80::1",  "xn--mx-fka.test" };
    static const char *const bad[] = { "",        ".",          "*",         "*.",
                                       "a..b",    ".a",         "a.",        "m x",
                                       "m*.test", "*.*.test",   "mx.test\n", "m\xc3\xbc.test",
                                       "[::1]",   "mx.test:25", "::g" };
    for (size_t n = 0; n < ARRAY_LEN(good); n++)
        assert_true(netaddr_is_name(good[n]));
    for (size_t n = 0; n < ARRAY_LEN(bad); n++)
        assert_false(netaddr_is_name(bad[n]));
    char longest[300];
    memset(longest, 'a', sizeof(longest));
    longest[253] = '\0';
    assert_true(netaddr_is_name(longest));
    longest[253] = 'a';
    longest[254] = '\0';
    assert_false(netaddr_is_name(longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_addresses_with_a_port),
        cmocka_unit_test(reads_unix_sockets),
        cmocka_unit_test(tells_names_from_other_text),
    };
    return RUN_TESTS(tests);
}

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

static void tells_who_is_in_a_block(void **state)
{
    (void)state;
    static const struct {
        const char *block, *ip;
        bool is_in;
    } cases[] = {
        { "127.0.0.1", "127.0.0.1", true },
        { "127.0.0.1", "127.0.0.2", false },
        { "10.0.0.0/8", "10.255.0.1", true },
        { "10.0.0.0/8", "11.0.0.1", false },
        { "10.1.2.3/8", "10.9.9.9", true },
        { "192.0.2.128/25", "192.0.2.127", false },
        { "192.0.2.128/25", "192.0.2.200", true },
        { "192.0.2.4/31", "192.0.2.5", true },
        { "192.0.2.4/31", "192.0.2.6", false },
        { "0.0.0.0/0", "203.0.113.9", true },
        { "0.0.0.0/0", "::1", false },
        { "::/0", "2001:db8::1", true },
        { "::/0", "127.0.0.1", false },
        { "2001:db8::/33", "2001:db8:7fff::1", true },
        { "2001:db8::/33", "2001:db8:8000::1", false },
        { "::1/128", "::1", true },
        { "unix", "unix", true },
        { "unix", "127.0.0.1", false },
        { "0.0.0.0/0", "unix", false },
    };
    static const char *const bad[] = {
        "",           "localhost", "10.0.0.0/33",  "10.0.0.0/",   "10.0.0/8",
        "10.0.0.0/x", "::1/129",   "[::1]",        "unix:/run/x", "1.2.3.4:25",
        "unix/8",     "/8",        "10.0.0.0/8/8", "10.0.0.0/-1"
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(netaddr_is_block(cases[i].block));
        assert_int_equal(netaddr_is_in(cases[i].ip, cases[i].block), cases[i].is_in);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(netaddr_is_block(bad[i]));
}

static void writes_addresses_as_others_do(void **state)
{
    (void)state;
    char ip[NETADDR_IP];
    assert_true(netaddr_normalize(SPAN("2001:DB8:0:0::1"), ip));
    assert_string_equal(ip, "2001:db8::1");
    assert_true(netaddr_normalize(SPAN("192.0.2.1"), ip));
    assert_string_equal(ip, "192.0.2.1");
    assert_false(netaddr_normalize(SPAN("192.0.2"), ip));
    assert_false(netaddr_normalize(SPAN(""), ip));
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
        cmocka_unit_test(tells_who_is_in_a_block),
        cmocka_unit_test(writes_addresses_as_others_do),
        cmocka_unit_test(tells_names_from_other_text),
    };
    return RUN_TESTS(tests);
}

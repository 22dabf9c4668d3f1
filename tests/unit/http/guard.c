#include "../test.h"

#include "core/mem.h"
#include "http/guard.h"

static const char *const names[] = { "mail.test", "box" };
static const struct guard_list known = { names, ARRAY_LEN(names) };

static void hosts_are_addresses_localhost_or_configured(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool ok;
    } cases[] = {
        { "127.0.0.1", true },
        { "127.0.0.1:8025", true },
        { "10.1.2.3:80", true },
        { "[::1]", true },
        { "[::1]:8025", true },
        { "[fe80::1]:8025", true },
        { "localhost", true },
        { "LOCALHOST:8025", true },
        { "mail.test", true },
        { "Mail.Test:8025", true },
        { "box:1", true },
        { "evil.test", false },
        { "evil.test:8025", false },
        { "mail.test.evil.test", false },
        { "mail.test.", false },
        { "localhost.evil.test", false },
        { "127.0.0.1.evil.test", false },
        { "127.0.0.1@evil.test", false },
        { "127.1", false },
        { "[::1", false },
        { "[::1]8025", false },
        { "localhost:", false },
        { "localhost:80;x", false },
        { "localhost:65536", false },
        { "127.0.0.1:80:80", false },
        { "[evil.test]", false },
        { "::1", false },
        { "[]", false },
        { ":8025", false },
        { "", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(host_is_allowed(span_of(cases[i].host), known), cases[i].ok);
}

static void an_origin_is_own_if_it_is_the_host(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *host;
        bool own;
    } cases[] = {
        { "http://127.0.0.1:8025", "127.0.0.1:8025", true },
        { "http://localhost:8025", "LocalHost:8025", true },
        { "http://[::1]:8025", "[::1]:8025", true },
        { "http://mail.test", "mail.test:80", true },
        { "http://mail.test:80", "mail.test", true },
        { "https://mail.test", "mail.test", true },
        { "https://mail.test", "mail.test:443", true },
        { "http://127.0.0.1:3000", "127.0.0.1:8025", false },
        { "http://localhost:8025", "127.0.0.1:8025", false },
        { "http://mail.test", "mail.test:443", false },
        { "http://evil.test", "127.0.0.1:8025", false },
        { "http://127.0.0.1:8025.evil.test", "127.0.0.1:8025", false },
        { "ftp://127.0.0.1:8025", "127.0.0.1:8025", false },
        { "null", "127.0.0.1:8025", false },
        { "null", "null", false },
        { "http://", "", false },
        { "", "", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(origin_is_own(span_of(cases[i].origin), span_of(cases[i].host)),
                         cases[i].own);
}

static void listed_origins_are_whole(void **state)
{
    (void)state;
    static const char *const items[] = { "https://app.test", "http://localhost:3000" };
    struct guard_list origins = { items, ARRAY_LEN(items) };
    assert_true(origin_is_listed(SPAN("https://app.test"), origins));
    assert_true(origin_is_listed(SPAN("http://localhost:3000"), origins));
    assert_false(origin_is_listed(SPAN("http://app.test"), origins));
    assert_false(origin_is_listed(SPAN("https://app.test:8443"), origins));
    assert_false(origin_is_listed(SPAN("https://app.test.evil.test"), origins));
    assert_false(origin_is_listed(SPAN(""), origins));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_addresses_localhost_or_configured),
        cmocka_unit_test(an_origin_is_own_if_it_is_the_host),
        cmocka_unit_test(listed_origins_are_whole),
    };
    return RUN_TESTS(tests);
}

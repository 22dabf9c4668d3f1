#include "call.h"

#include "http/authorization.h"

struct wanted {
    enum http_scheme scheme;
    const char *token, *user, *password;
};

static void expect(struct call c, struct wanted wanted)
{
    struct http_request r;
    http_request_init(&r, "GET", SPAN("/"));
    r.headers = (struct http_pairs){ c.headers, c.header_count };
    struct http_credentials got = http_credentials(&r);
    assert_int_equal(got.scheme, wanted.scheme);
    assert_span(got.token, wanted.token);
    assert_span(got.user, wanted.user);
    assert_span(got.password, wanted.password);
    http_request_done(&r);
}

static void fields_are_read_strictly(void **state)
{
    static const struct {
        const char *field;
        struct wanted wanted;
    } cases[] = {
        { NULL, { .scheme = HTTP_ANONYMOUS } },
        { "Bearer abc", { HTTP_BEARER, "abc", NULL, NULL } },
        { "bearer  aZ9-._~+/==", { HTTP_BEARER, "aZ9-._~+/==", NULL, NULL } },
        { "Bearer", { .scheme = HTTP_UNREADABLE } },
        { "Bearer ", { .scheme = HTTP_UNREADABLE } },
        { "Bearer ===", { .scheme = HTTP_UNREADABLE } },
        { "Bearer a b", { .scheme = HTTP_UNREADABLE } },
        { "Bearer a,b", { .scheme = HTTP_UNREADABLE } },
        { "Bearer a=b", { .scheme = HTTP_UNREADABLE } },
        { "Bearer \"abc\"", { .scheme = HTTP_UNREADABLE } },
        { "Bearer\tabc", { .scheme = HTTP_UNREADABLE } },
        { "Basic YW5uOnNlY3JldA==", { HTTP_BASIC, NULL, "ann", "secret" } },
        { "BASIC YW5uOg==", { HTTP_BASIC, NULL, "ann", "" } },
        { "Basic OmE6Yg==", { HTTP_BASIC, NULL, "", "a:b" } },
        { "Basic w6Q6w7Y=", { HTTP_BASIC, NULL, "\xC3\xA4", "\xC3\xB6" } },
        { "Basic YW5u", { .scheme = HTTP_UNREADABLE } }, /* no colon */
        { "Basic YW5uOnNlY3JldA", { .scheme = HTTP_UNREADABLE } } /* no padding */,
        { "Basic YW4KOmE=", { .scheme = HTTP_UNREADABLE } }, /* "an\n:a" */
        { "Basic YTr/", { .scheme = HTTP_UNREADABLE } },     /* no UTF-8 */
        { "Basic", { .scheme = HTTP_UNREADABLE } },
        { "Digest username=\"ann\"", { .scheme = HTTP_UNREADABLE } },
        { "", { .scheme = HTTP_UNREADABLE } },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect(with(call("GET", "/"), "authorization", cases[i].field), cases[i].wanted);
}

static void two_fields_are_none(void **state)
{
    (void)state;
    expect(
        with(with(call("GET", "/"), "Authorization", "Bearer abc"), "AUTHORIZATION", "Bearer abc"),
        (struct wanted){ .scheme = HTTP_UNREADABLE });
}

static void lengths_are_bounded(void **state)
{
    char field[7 + HTTP_MAX_TOKEN + 2] = "Bearer ";
    char basic[6 + HTTP_MAX_BASIC + 5] = "Basic ";
    (void)state;
    memset(field + 7, 'a', HTTP_MAX_TOKEN);
    expect(with(call("GET", "/"), "Authorization", field),
           (struct wanted){ HTTP_BEARER, field + 7, NULL, NULL });
    field[7 + HTTP_MAX_TOKEN] = 'a';
    expect(with(call("GET", "/"), "Authorization", field),
           (struct wanted){ .scheme = HTTP_UNREADABLE });
    for (size_t i = 0; i < HTTP_MAX_BASIC + 4; i += 4)
        memcpy(basic + 6 + i, "YTph", 4); /* "a:a" */
    expect(with(call("GET", "/"), "Authorization", basic),
           (struct wanted){ .scheme = HTTP_UNREADABLE });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read_strictly),
        cmocka_unit_test(two_fields_are_none),
        cmocka_unit_test(lengths_are_bounded),
    };
    return RUN_TESTS(tests);
}

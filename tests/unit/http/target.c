#include "../test.h"

#include "http/http.h"

#include <string.h>

static void splits_before_it_decodes(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        const char *segments[4]; /* up to the first NULL */
        const char *path;
    } cases[] = {
        { "/", { "" }, "/" },
        { "/a/b", { "a", "b" }, "/a/b" },
        { "/a/", { "a", "" }, "/a/" },
        { "/a%20b/c+d", { "a b", "c+d" }, "/a b/c+d" },
        { "/a%2Fb/c", { "a/b", "c" }, "/a/b/c" },
        { "/%c3%A4?x", { "\xC3\xA4" }, "/\xC3\xA4" },
        { "/a//b", { "a", "", "b" }, "/a//b" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_request r;
        size_t count = 0;
        http_request_init(&r, "GET", span_of(cases[i].target));
        assert_null(r.fault);
        assert_span(r.path, cases[i].path);
        for (; count < 4 && cases[i].segments[count]; count++)
            assert_span(r.segments[count], cases[i].segments[count]);
        assert_int_equal(r.segment_count, count);
        http_request_done(&r);
    }
}

static void decodes_the_query(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        const char *pairs[5]; /* name, value, name, value */
    } cases[] = {
        { "/?a=1&b=2", { "a", "1", "b", "2" } },
        { "/?a=x+y%2Bz", { "a", "x y+z" } },
        { "/?a", { "a", "" } },
        { "/?a=b=c", { "a", "b=c" } },
        { "/?&&a=1&", { "a", "1" } },
        { "/?a=/x?y", { "a", "/x?y" } },
        { "/?%61=%62", { "a", "b" } },
        { "/?", { 0 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_request r;
        size_t count = 0;
        http_request_init(&r, "GET", span_of(cases[i].target));
        assert_null(r.fault);
        for (; cases[i].pairs[count * 2]; count++) {
            assert_span(r.query.items[count].name, cases[i].pairs[count * 2]);
            assert_span(r.query.items[count].value, cases[i].pairs[count * 2 + 1]);
        }
        assert_int_equal(r.query.count, count);
        http_request_done(&r);
    }
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int status;
        const char *word;
    } cases[] = {
        { "", 400, "path" },
        { "*", 400, "path" },
        { "http://a/b", 400, "path" },
        { "/%", 400, "%" },
        { "/%4", 400, "%" },
        { "/%4g", 400, "%" },
        { "/?a=%x1", 400, "%" },
        { "/%00", 404, "nothing" },
        { "/%ff", 404, "nothing" },
        { "/\xC3", 404, "nothing" },
        { "/?a=%00", 400, "NUL" },
        { "/?a=%c3", 400, "UTF-8" },
        { "/?%c3=a", 400, "UTF-8" },
        { "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", 404, "long" },
        { "/?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17&18&19&20&21&22&23&24&25&26&27&28&29&30&31&32"
          "&33",
          400, "parameters" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_request r;
        http_request_init(&r, "GET", span_of(cases[i].target));
        assert_non_null(r.fault);
        assert_int_equal(r.fault->status, cases[i].status);
        assert_non_null(strstr(r.fault->detail, cases[i].word));
        http_request_done(&r);
    }
}

static void is_bounded(void **state)
{
    (void)state;
    char target[HTTP_MAX_TARGET + 2] = "/?a=";
    memset(target + strlen(target), 'x', sizeof(target) - 1 - strlen(target));
    struct http_request r;
    http_request_init(&r, "GET", span_of(target));
    assert_int_equal(r.fault->status, 414);
    http_request_done(&r);
    http_request_init(&r, "GET", span_slice(span_of(target), 0, HTTP_MAX_TARGET));
    assert_null(r.fault);
    http_request_done(&r);
}

/* What stands behind the target is not part of it. */
static void reads_no_further_than_the_target(void **state)
{
    (void)state;
    struct http_request r;
    http_request_init(&r, "GET", span_slice(SPAN("/%41"), 0, 3));
    assert_non_null(r.fault);
    http_request_done(&r);
}

static void takes_as_much_as_allowed(void **state)
{
    (void)state;
    struct http_request r;
    http_request_init(&r, "GET",
                      SPAN("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16?1&2&3&4&5&6&7&8&9&10&11&12&13&"
                           "14&15&16&17&18&19&20&21&22&23&24&25&26&27&28&29&30&31&32"));
    assert_null(r.fault);
    assert_int_equal(r.segment_count, HTTP_MAX_SEGMENTS);
    assert_int_equal(r.query.count, HTTP_MAX_PARAMETERS);
    http_request_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_before_it_decodes),
        cmocka_unit_test(decodes_the_query),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(reads_no_further_than_the_target),
        cmocka_unit_test(takes_as_much_as_allowed),
    };
    return RUN_TESTS(tests);
}

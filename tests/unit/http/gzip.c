#include "call.h"

#include <zlib.h>

enum { LONG = 2000 };

static struct http_response get_text(struct http_request *r)
{
    char text[LONG + 1] = { 0 };
    bool is_long = span_eq(r->path, SPAN("/long"));
    memset(text, 'a', is_long ? LONG : 10);
    struct http_response res = http_json(200, json_string(text));
    http_tag(r, &res);
    return res;
}

static struct http_response get_html(struct http_request *r)
{
    struct buf bytes = { 0 };
    (void)r;
    for (int i = 0; i < LONG; i++)
        buf_putc(&bytes, ' ');
    return http_bytes(200, "text/html; charset=utf-8", &bytes);
}

/* clang-format off */
static const struct http_route routes[] = {
    { "GET", "/long",  get_text, 0, NULL, NULL },
    { "GET", "/short", get_text, 0, NULL, NULL },
    { "GET", "/html",  get_html, 0, NULL, NULL },
};
/* clang-format on */
static const struct http_site site = { .routes = routes, .route_count = ARRAY_LEN(routes) };

static const char *header_of(const struct answer *a, const char *name)
{
    for (size_t i = 0; i < a->response.header_count; i++)
        if (strcmp(a->response.headers[i].name, name) == 0)
            return a->response.headers[i].value;
    return NULL;
}

static struct call asking(const char *target, const char *encodings)
{
    return with(call("GET", target), "Accept-Encoding", encodings);
}

static void unpack(struct span packed, char *out, size_t room, size_t *len_out)
{
    z_stream z = { .next_in = (Bytef *)packed.ptr,
                   .avail_in = (uInt)packed.len,
                   .next_out = (Bytef *)out,
                   .avail_out = (uInt)room };
    assert_int_equal(inflateInit2(&z, 31), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    *len_out = room - z.avail_out;
    inflateEnd(&z);
}

static void who_asks_gets_it_compressed(void **state)
{
    (void)state;
    struct answer plain, packed;
    char text[2 * LONG];
    size_t len;
    ask(&site, NULL, asking("/long", NULL), &plain);
    ask(&site, NULL, asking("/long", "br, gzip;q=0.5"), &packed);
    assert_string_equal(header_of(&packed, "Content-Encoding"), "gzip");
    assert_null(header_of(&plain, "Content-Encoding"));
    assert_true(packed.body.len < plain.body.len / 10);
    unpack(buf_span(&packed.body), text, sizeof(text), &len);
    assert_true(span_eq((struct span){ text, len }, buf_span(&plain.body)));
    assert_non_null(strstr(header_of(&plain, "Vary"), "Accept-Encoding"));
    assert_non_null(strstr(header_of(&packed, "Vary"), "Origin"));
    forget(&plain);
    forget(&packed);
}

static void what_gains_nothing_stays_as_it_is(void **state)
{
    static const struct {
        const char *target, *encodings;
    } cases[] = {
        { "/short", "gzip" },
        { "/long", "br" },
        { "/long", "gzip;q=0" },
        { "/html", "gzip" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a;
        ask(&site, NULL, asking(cases[i].target, cases[i].encodings), &a);
        assert_int_equal(a.status, 200);
        assert_null(header_of(&a, "Content-Encoding"));
        forget(&a);
    }
}

/* A cache that has one form must not be told that the other is the same. */
static void each_form_has_its_own_tag(void **state)
{
    (void)state;
    struct answer plain, packed, again;
    ask(&site, NULL, asking("/long", NULL), &plain);
    ask(&site, NULL, asking("/long", "gzip"), &packed);
    const char *tag = header_of(&packed, "ETag");
    assert_string_not_equal(header_of(&plain, "ETag"), tag);
    ask(&site, NULL, with(asking("/long", "gzip"), "If-None-Match", tag), &again);
    assert_int_equal(again.status, 304);
    assert_int_equal(again.body.len, 0);
    forget(&again);
    ask(&site, NULL, with(asking("/long", NULL), "If-None-Match", tag), &again);
    assert_int_equal(again.status, 200);
    forget(&again);
    forget(&plain);
    forget(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_gets_it_compressed),
        cmocka_unit_test(what_gains_nothing_stays_as_it_is),
        cmocka_unit_test(each_form_has_its_own_tag),
    };
    return RUN_TESTS(tests);
}

#include "../test.h"

#include "http/http.h"

#include <string.h>

static const struct embedded_file items[] = {
    { "app.js", (const unsigned char *)"plain", 5, (const unsigned char *)"gz", 2, "\"abc\"" },
    { "logo.bin", (const unsigned char *)"bits", 4, NULL, 0, "\"def\"" },
};
static const struct embedded_files files = { items, ARRAY_LEN(items) };

static const char *header(const struct http_response *res, const char *name)
{
    for (size_t i = 0; i < res->header_count; i++)
        if (strcmp(res->headers[i].name, name) == 0)
            return res->headers[i].value;
    return NULL;
}

static struct http_response serve(struct http_request *r, const char *name, const char *encoding)
{
    struct http_pair accept = { SPAN("Accept-Encoding"), span_of(encoding) };
    http_request_init(r, "GET", SPAN("/"));
    r->headers = (struct http_pairs){ &accept, 1 };
    return http_file(r, http_find_file(&files, span_of(name)));
}

static void files_are_found_by_whole_name(void **state)
{
    (void)state;
    assert_ptr_equal(http_find_file(&files, SPAN("app.js")), &items[0]);
    assert_null(http_find_file(&files, SPAN("app.j")));
    assert_null(http_find_file(&files, SPAN("../app.js")));
    assert_null(http_find_file(&files, SPAN("")));
}

static void compressed_bytes_go_to_who_accepts_them(void **state)
{
    (void)state;
    struct http_request r;
    struct http_response res = serve(&r, "app.js", "deflate, gzip");
    assert_span(res.bytes, "gz");
    assert_string_equal(res.etag, "\"abc-gzip\"");
    assert_string_equal(header(&res, "Content-Encoding"), "gzip");
    assert_string_equal(header(&res, "Content-Type"), "text/javascript; charset=utf-8");
    assert_non_null(strstr(header(&res, "Vary"), "Accept-Encoding"));
    http_request_done(&r);
}

static void plain_bytes_go_to_everyone_else(void **state)
{
    (void)state;
    struct http_request r;
    struct http_response res = serve(&r, "app.js", "gzip;q=0");
    assert_span(res.bytes, "plain");
    assert_string_equal(res.etag, "\"abc\"");
    assert_null(header(&res, "Content-Encoding"));
    assert_non_null(strstr(header(&res, "Vary"), "Accept-Encoding"));
    http_request_done(&r);
    res = serve(&r, "logo.bin", "gzip");
    assert_span(res.bytes, "bits");
    assert_string_equal(header(&res, "Content-Type"), "application/octet-stream");
    http_request_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_found_by_whole_name),
        cmocka_unit_test(compressed_bytes_go_to_who_accepts_them),
        cmocka_unit_test(plain_bytes_go_to_everyone_else),
    };
    return RUN_TESTS(tests);
}

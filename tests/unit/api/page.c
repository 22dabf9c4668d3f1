#include "fixture.h"

/* Holds whether the page is built in or not; what is in the page is for the browser's tests. */

static void the_page_or_a_word_about_it(void **state)
{
    struct answer a;
    fixture_ask(*state, call("GET", "/"), 200, &a);
    assert_memory_equal(header(&a, "Content-Type"), "text/", 5);
    assert_non_null(strstr(header(&a, "Content-Security-Policy"), "default-src 'none'"));
    assert_non_null(strstr(header(&a, "Content-Security-Policy"), "frame-ancestors 'none'"));
    forget(&a);
}

static void what_is_not_there_is_404(void **state)
{
    static const struct {
        const char *method, *target, *accept;
    } cases[] = {
        { "GET", "/nothing.js", "*/*" },    { "GET", "/../etc/passwd", "*/*" },
        { "GET", "/api", "text/html" },     { "GET", "/api/v1/nothing", "text/html" },
        { "GET", "/api/", "text/html" },    { "POST", "/", "text/html" },
        { "DELETE", "/index.html", "*/*" }, { "GET", "/api/v2/messages", "text/html" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a;
        fixture_ask(*state, with(call(cases[i].method, cases[i].target), "Accept", cases[i].accept),
                    404, &a);
        assert_string_equal(header(&a, "Content-Type"), "application/problem+json");
        forget(&a);
    }
}

static void the_document_is_served(void **state)
{
    struct answer a;
    fixture_ask(*state, call("GET", "/api/v1/openapi.yaml"), 200, &a);
    assert_memory_equal(a.body.ptr, "openapi: 3.1", 12);
    assert_string_equal(header(&a, "Content-Type"), "application/yaml");
    forget(&a);
}

static void the_document_is_a_page_and_json(void **state)
{
    static const struct {
        const char *target, *type, *start, *policy;
    } cases[] = {
        { "/api/v1/openapi.json", "application/json", "{\"openapi\":\"3.1", "sandbox" },
        { "/docs", "text/html; charset=utf-8", "<!doctype html>", "style-src 'self'" },
        { "/docs.css", "text/css; charset=utf-8", ":root", "default-src 'none'" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a;
        fixture_ask(*state, call("GET", cases[i].target), 200, &a);
        assert_memory_equal(a.body.ptr, cases[i].start, strlen(cases[i].start));
        assert_string_equal(header(&a, "Content-Type"), cases[i].type);
        const char *policy = header(&a, "Content-Security-Policy");
        assert_non_null(strstr(policy, cases[i].policy));
        assert_null(strstr(policy, "script"));
        forget(&a);
    }
}

static void the_server_is_well(void **state)
{
    static const char *const targets[] = { "/healthz", "/readyz" };
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        struct answer a;
        fixture_ask(*state, call("GET", targets[i]), 200, &a);
        assert_span(buf_span(&a.body), "{\"status\":\"ok\"}\n");
        forget(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STORE(the_page_or_a_word_about_it), ON_STORE(what_is_not_there_is_404),
        ON_STORE(the_document_is_served),      ON_STORE(the_document_is_a_page_and_json),
        ON_STORE(the_server_is_well),
    };
    return RUN_TESTS(tests);
}

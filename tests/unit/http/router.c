#include "call.h"

/* ---- a small site ---- */

struct item_query {
    int64_t limit;
    enum http_choice all;
    const char *name;
};

struct item_patch {
    enum http_choice is_read;
    int64_t count, from, most;
    const char *title;
    struct http_texts words;
};

/* clang-format off */
static const struct http_field item_query[] = {
    { "limit", HTTP_INTEGER, offsetof(struct item_query, limit), 1, 500 },
    { "all",   HTTP_BOOL,    offsetof(struct item_query, all),   0, 0 },
    { "name",  HTTP_TEXT,    offsetof(struct item_query, name),  1, 5 },
    { 0 },
};

static const struct http_field item_patch[] = {
    { "read",  HTTP_BOOL,    offsetof(struct item_patch, is_read), 0, 0 },
    { "count", HTTP_INTEGER, offsetof(struct item_patch, count),   1, 9 },
    { "from",  HTTP_INTEGER, offsetof(struct item_patch, from),    0, 9 },
    { "title", HTTP_TEXT,    offsetof(struct item_patch, title),   1, 5 },
    { "in.most",     HTTP_INTEGER_OR_NULL, offsetof(struct item_patch, most),  0, 9 },
    { "in.it.words", HTTP_TEXTS,           offsetof(struct item_patch, words), 1, 5 },
    { 0 },
};
/* clang-format on */

static const char digits[] = "0123456789";
static const struct span ten = { digits, 10 };
static int streams_done;

static struct http_response say(struct http_request *r, const char *text)
{
    struct buf body = { 0 };
    (void)r;
    buf_append(&body, span_of(text));
    return http_bytes(200, "text/plain", &body);
}

static struct http_response list(struct http_request *r)
{
    struct item_query q = { .limit = 50 };
    http_read_query(r, &q);
    return say(r, arena_printf(&r->arena, "limit=%d all=%d name=%s", (int)q.limit, (int)q.all,
                               q.name ? q.name : "-"));
}

static struct http_response get(struct http_request *r)
{
    return say(r, arena_printf(&r->arena, "item %lld", (long long)http_parameter_id(r, "id")));
}

static struct http_response patch(struct http_request *r)
{
    struct item_patch p = { 0 };
    http_read_body(r, &p);
    struct http_response res =
        say(r, arena_printf(&r->arena, "read=%d count=%d title=%s", (int)p.is_read, (int)p.count,
                            p.title ? p.title : "-"));
    http_tag(r, &res);
    return res;
}

static struct http_response patch_words(struct http_request *r)
{
    struct item_patch p = { 0 };
    struct buf words AUTO(buf_done) = { 0 };
    http_read_body(r, &p);
    for (size_t i = 0; i < p.words.count; i++)
        buf_printf(&words, "%s,", p.words.items[i]);
    if (!p.words.items)
        buf_putc(&words, '-');
    return say(r, arena_printf(&r->arena, "most=%d words=%s", (int)p.most, buf_text(&words)));
}

static struct http_response latest(struct http_request *r)
{
    return say(r, "latest");
}

static struct http_response box(struct http_request *r)
{
    return say(r, arena_printf(&r->arena, "box %.*s", SPAN_ARG(http_parameter(r, "box"))));
}

static void note_done(void *arg)
{
    (void)arg;
    streams_done++;
}

static struct http_response raw(struct http_request *r)
{
    (void)r;
    struct http_response res = http_stream("text/plain", source_of_span(&ten), note_done);
    res.etag = "\"ten\"";
    res.takes_ranges = true;
    http_set_header(&res, "Content-Security-Policy", "default-src 'self'");
    return res;
}

static struct http_response elsewhere(struct http_request *r)
{
    return say(r, "fallback");
}

/* clang-format off */
static const struct http_route routes[] = {
    { "GET",    "/items",           list, 0,   item_query, NULL },
    { "GET",    "/items/latest",    latest, 0, NULL,       NULL },
    { "GET",    "/items/#id",       get, 0,    NULL,       NULL },
    { "PATCH",  "/items/#id",       patch, 0,  NULL,       item_patch },
    { "PATCH",  "/words",           patch_words, 0, NULL,  item_patch },
    { "DELETE", "/items/#id",       get, 0,    NULL,       NULL },
    { "GET",    "/items/#id/raw",   raw, 0,    NULL,       NULL },
    { "GET",    "/boxes/:box",      box, 0,    NULL,       NULL },
};
/* clang-format on */

static const char *const origins[] = { "http://friend.test" };

static const struct http_site site = {
    .routes = routes,
    .route_count = ARRAY_LEN(routes),
    .origins = origins,
    .origin_count = ARRAY_LEN(origins),
};

static const struct http_site open_site = {
    .routes = routes,
    .route_count = ARRAY_LEN(routes),
    .fallback = elsewhere,
};

static void expect(struct call call, int status, const char *body)
{
    struct answer a;
    ask(&site, NULL, call, &a);
    assert_int_equal(a.status, status);
    assert_span(buf_span(&a.body), body);
    forget(&a);
}

/* The call is refused, the detail names `word`, and `field` (if any) is the one blamed. */
static void expect_problem(struct call call, int status, const char *word, const char *field)
{
    struct answer a;
    ask(&site, NULL, call, &a);
    assert_int_equal(a.status, status);
    assert_string_equal(header(&a, "Content-Type"), "application/problem+json");
    json_auto_t *problem = json_body(&a);
    assert_int_equal(json_integer_value(json_object_get(problem, "status")), status);
    assert_string_equal(json_string_value(json_object_get(problem, "type")), "about:blank");
    assert_true(json_string_length(json_object_get(problem, "title")) > 0);
    const json_t *fault = json_array_get(json_object_get(problem, "errors"), 0);
    const json_t *text = json_object_get(fault ? fault : problem, "detail");
    assert_non_null(strstr(json_string_value(text), word));
    if (field)
        assert_string_equal(json_string_value(json_object_get(fault, "field")), field);
    forget(&a);
}

/* ---- tests ---- */

static void routes_are_found_by_path_and_method(void **state)
{
    (void)state;
    expect(call("GET", "/items/7"), 200, "item 7");
    expect(call("HEAD", "/items/7"), 200, "item 7");
    expect(call("DELETE", "/items/7"), 200, "item 7");
    expect(call("GET", "/items/latest"), 200, "latest");
    expect(call("GET", "/boxes/a%2Fb"), 200, "box a/b");
    expect(call("GET", "/items/9223372036854775807"), 200, "item 9223372036854775807");
}

static void unknown_paths_are_404(void **state)
{
    (void)state;
    static const char *const targets[] = {
        "/",         "/item",          "/items/",
        "/items/x",  "/items/0",       "/items/9223372036854775808",
        "/items/-1", "/items/7/raw/x", "/boxes",
        "/boxes/",   "//items",        "/items/%37x",
    };
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        expect_problem(call("GET", targets[i]), 404, "nothing", NULL);
}

static void known_paths_name_their_methods(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target;
        int status;
        const char *allow;
    } cases[] = {
        { "POST", "/items", 405, "GET, HEAD, OPTIONS" },
        { "PUT", "/items/7", 405, "GET, HEAD, PATCH, DELETE, OPTIONS" },
        { "DELETE", "/items/latest", 405, "GET, HEAD, OPTIONS" },
        { "OPTIONS", "/items/7", 204, "GET, HEAD, PATCH, DELETE, OPTIONS" },
        { "OPTIONS", "/nowhere", 404, NULL },
        { "get", "/items", 405, "GET, HEAD, OPTIONS" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a;
        ask(&site, NULL, call(cases[i].method, cases[i].target), &a);
        assert_int_equal(a.status, cases[i].status);
        if (cases[i].allow)
            assert_string_equal(header(&a, "Allow"), cases[i].allow);
        else
            assert_null(header(&a, "Allow"));
        forget(&a);
    }
}

static void the_fallback_takes_what_no_route_knows(void **state)
{
    (void)state;
    struct answer a;
    ask(&open_site, NULL, call("GET", "/index.html"), &a);
    assert_span(buf_span(&a.body), "fallback");
    forget(&a);
    ask(&open_site, NULL, call("POST", "/items"), &a);
    assert_int_equal(a.status, 405);
    forget(&a);
}

static void queries_are_checked_and_read(void **state)
{
    (void)state;
    expect(call("GET", "/items"), 200, "limit=50 all=0 name=-");
    expect(call("GET", "/items?limit=500&all=true&name=abc"), 200, "limit=500 all=2 name=abc");
    expect(call("GET", "/items?all=false"), 200, "limit=50 all=1 name=-");
    static const struct {
        const char *target, *word, *field;
    } cases[] = {
        { "/items?limit=501", "from 1 to 500", "limit" },
        { "/items?limit=0", "from 1 to 500", "limit" },
        { "/items?limit=-1", "from 1 to 500", "limit" },
        { "/items?limit=5x", "from 1 to 500", "limit" },
        { "/items?limit=", "from 1 to 500", "limit" },
        { "/items?all=yes", "true or false", "all" },
        { "/items?name=", "1 to 5", "name" },
        { "/items?name=abcdef", "1 to 5", "name" },
        { "/items?limt=5", "no parameter", "limt" },
        { "/items?Limit=5", "no parameter", "Limit" },
        { "/items?limit=5&limit=6", "once", "limit" },
        { "/items/7?x=1", "no parameter", "x" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_problem(call("GET", cases[i].target), 400, cases[i].word, cases[i].field);
}

static void every_fault_is_named(void **state)
{
    (void)state;
    struct answer a;
    ask(&site, NULL, call("GET", "/items?limit=x&all=y&z=1"), &a);
    json_auto_t *problem = json_body(&a);
    assert_int_equal(json_array_size(json_object_get(problem, "errors")), 3);
    forget(&a);
}

#define JSON "Content-Type", "application/json"

static void bodies_are_checked_and_read(void **state)
{
    (void)state;
    expect(sending(with(call("PATCH", "/items/7"), JSON), "{}"), 200, "read=0 count=0 title=-");
    expect(
        sending(with(call("PATCH", "/items/7"), "content-type", "Application/JSON; charset=utf-8"),
                "{\"read\": true, \"count\": 9, \"title\": \"abc\"}"),
        200, "read=2 count=9 title=abc");
    expect(sending(with(call("PATCH", "/items/7"), JSON), "{\"read\": false}"), 200,
           "read=1 count=0 title=-");
    static const struct {
        const char *body, *word, *field;
    } cases[] = {
        { "{\"read\": 1}", "true or false", "read" },
        { "{\"read\": null}", "true or false", "read" },
        { "{\"read\": \"true\"}", "true or false", "read" },
        { "{\"count\": 10}", "from 1 to 9", "count" },
        { "{\"count\": 1.5}", "from 1 to 9", "count" },
        { "{\"count\": \"1\"}", "from 1 to 9", "count" },
        { "{\"from\": null}", "from 0 to 9", "from" },
        { "{\"from\": -1}", "from 0 to 9", "from" },
        { "{\"title\": \"\"}", "1 to 5", "title" },
        { "{\"title\": \"abcdef\"}", "1 to 5", "title" },
        { "{\"title\": 5}", "1 to 5", "title" },
        { "{\"raed\": true}", "no field", "raed" },
        { "{\"read\": true, \"read\": false}", "not JSON", NULL },
        { "{\"read\": true", "not JSON", NULL },
        { "{\"title\": \"\xFF\"}", "not JSON", NULL },
        { "[]", "object", NULL },
        { "", "not JSON", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_problem(sending(with(call("PATCH", "/items/7"), JSON), cases[i].body), 400,
                       cases[i].word, cases[i].field);
}

static void bodies_may_hold_objects_and_lists(void **state)
{
    (void)state;
    static const struct {
        const char *body, *text;
    } good[] = {
        { "{\"in\": {}}", "most=0 words=-" },
        { "{\"in\": {\"most\": 9, \"it\": {}}}", "most=9 words=-" },
        { "{\"in\": {\"most\": null}}", "most=-1 words=-" },
        { "{\"in\": {\"it\": {\"words\": []}}}", "most=0 words=" },
        { "{\"in\": {\"it\": {\"words\": [\"ab\", \"c\"]}, \"most\": 1}}", "most=1 words=ab,c," },
    };
    static const struct {
        const char *body, *word, *field;
    } bad[] = {
        { "{\"in\": 1}", "an object", "in" },
        { "{\"in\": null}", "an object", "in" },
        { "{\"in\": {\"it\": []}}", "an object", "in.it" },
        { "{\"in\": {\"most\": 10}}", "from 0 to 9, or null", "in.most" },
        { "{\"in\": {\"most\": -1}}", "from 0 to 9, or null", "in.most" },
        { "{\"in\": {\"least\": 1}}", "no field", "in.least" },
        { "{\"in.most\": 1}", "no field", "in.most" },
        { "{\"in\": {\"it.words\": []}}", "no field", "in.it.words" },
        { "{\"i\": {}}", "no field", "i" },
        { "{\"most\": 1}", "no field", "most" },
        { "{\"in\": {\"it\": {\"words\": \"ab\"}}}", "list of at most 100", "in.it.words" },
        { "{\"in\": {\"it\": {\"words\": [\"\"]}}}", "1 to 5 octets", "in.it.words" },
        { "{\"in\": {\"it\": {\"words\": [\"ab\", 1]}}}", "1 to 5 octets", "in.it.words" },
        { "{\"in\": {\"it\": {\"words\": [\"abcdef\"]}}}", "1 to 5 octets", "in.it.words" },
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        expect(sending(with(call("PATCH", "/words"), JSON), good[i].body), 200, good[i].text);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        expect_problem(sending(with(call("PATCH", "/words"), JSON), bad[i].body), 400, bad[i].word,
                       bad[i].field);
}

static void lists_have_a_limit(void **state)
{
    (void)state;
    for (size_t count = HTTP_MAX_TEXTS; count <= HTTP_MAX_TEXTS + 1; count++) {
        struct buf body AUTO(buf_done) = { 0 };
        buf_append(&body, SPAN("{\"in\": {\"it\": {\"words\": ["));
        for (size_t i = 0; i < count; i++)
            buf_printf(&body, "%s\"a\"", i ? ", " : "");
        buf_append(&body, SPAN("]}}}"));
        struct answer a;
        ask(&site, NULL, sending(with(call("PATCH", "/words"), JSON), buf_text(&body)), &a);
        assert_int_equal(a.status, count <= HTTP_MAX_TEXTS ? 200 : 400);
        forget(&a);
    }
}

static void deep_json_is_refused(void **state)
{
    (void)state;
    char deep[10000];
    memset(deep, '[', sizeof(deep) - 1);
    deep[sizeof(deep) - 1] = '\0';
    expect_problem(sending(with(call("PATCH", "/items/7"), JSON), deep), 400, "depth", NULL);
}

static void bodies_have_a_type_and_a_limit(void **state)
{
    (void)state;
    static char big[HTTP_MAX_BODY + 2] = "{";
    memset(big + 1, ' ', HTTP_MAX_BODY - 1);
    expect_problem(sending(call("PATCH", "/items/7"), "{}"), 415, "application/json", NULL);
    expect_problem(sending(with(call("PATCH", "/items/7"), "Content-Type", "text/plain"), "{}"),
                   415, "application/json", NULL);
    expect_problem(
        sending(with(with(call("PATCH", "/items/7"), JSON), "Content-Length", "1048577"), ""), 413,
        "1048576", NULL);
    big[HTTP_MAX_BODY - 1] = '}';
    expect(sending(with(with(call("PATCH", "/items/7"), JSON), "Content-Length", "1048576"), big),
           200, "read=0 count=0 title=-");
    big[HTTP_MAX_BODY] = ' ';
    expect_problem(sending(with(call("PATCH", "/items/7"), JSON), big), 413, "1048576", NULL);
    expect_problem(
        sending(with(with(call("DELETE", "/items/7"), JSON), "Content-Length", "2"), "{}"), 400,
        "no body", NULL);
    expect_problem(sending(with(call("GET", "/items"), "Transfer-Encoding", "chunked"), "{}"), 400,
                   "no body", NULL);
    expect(with(with(call("DELETE", "/items/7"), JSON), "Content-Length", "0"), 200, "item 7");
}

static void strangers_are_turned_away(void **state)
{
    (void)state;
    expect_problem(with(call("GET", "/items"), "Host", "evil.test"), 403, "evil.test", NULL);
    expect_problem(with(call("GET", "/items"), "Origin", "http://evil.test"), 403, "evil.test",
                   NULL);
    expect_problem(with(call("DELETE", "/items/7"), "Origin", "null"), 403, "null", NULL);
    expect_problem(with(call("GET", "/items/7"), "Origin", "null"), 403, "null", NULL);
    expect(with(with(call("GET", "/items/7"), "Origin", "null"), "Sec-Fetch-Mode", "no-cors"), 200,
           "item 7");
    expect_problem(
        with(with(call("DELETE", "/items/7"), "Origin", "null"), "Sec-Fetch-Mode", "no-cors"), 403,
        "null", NULL);
    expect_problem(with(call("OPTIONS", "/items"), "Origin", "http://evil.test"), 403, "evil.test",
                   NULL);
    expect(with(call("GET", "/items/7"), "Origin", "http://127.0.0.1:8025"), 200, "item 7");
}

static void a_request_has_a_host(void **state)
{
    (void)state;
    struct http_request r;
    http_request_init(&r, "GET", SPAN("/items"));
    struct http_response res = http_admit(&site, &r);
    assert_int_equal(res.status, 400);
    http_response_done(&res);
    http_request_done(&r);
}

static void a_header_is_one_that_can_be_relied_on(void **state)
{
    (void)state;
    static char long_value[HTTP_MAX_HEADER + 1];
    memset(long_value, 'x', HTTP_MAX_HEADER);
    const struct call item = call("GET", "/items/7");
    expect_problem(with(item, "X", long_value), 431, "16 KiB", NULL);
    expect(with(item, "X", &long_value[100]), 200, "item 7");
    expect_problem(with(with(item, "Host", "localhost"), "host", "localhost"), 400, "Host", NULL);
    expect_problem(with(with(item, "Content-Length", "2"), "Content-Length", "2"), 400, "ends",
                   NULL);
    expect_problem(with(with(item, "Content-Length", "2"), "Transfer-Encoding", "chunked"), 400,
                   "ends", NULL);
    expect_problem(with(item, "Transfer-Encoding", "gzip, chunked"), 501, "chunks", NULL);
    struct answer a;
    ask(&site, NULL, with(item, "Transfer-Encoding", "gzip"), &a);
    assert_string_equal(header(&a, "Connection"), "close");
    forget(&a);
}

static void friends_may_read_the_answer(void **state)
{
    (void)state;
    struct answer a;
    ask(&site, NULL, with(call("GET", "/items/7"), "Origin", "http://friend.test"), &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(header(&a, "Access-Control-Allow-Origin"), "http://friend.test");
    forget(&a);
    ask(&site, NULL,
        with(with(call("OPTIONS", "/items/7"), "Origin", "http://friend.test"),
             "Access-Control-Request-Method", "PATCH"),
        &a);
    assert_int_equal(a.status, 204);
    assert_string_equal(header(&a, "Access-Control-Allow-Origin"), "http://friend.test");
    assert_non_null(strstr(header(&a, "Access-Control-Allow-Methods"), "PATCH"));
    forget(&a);
    ask(&site, NULL, with(call("GET", "/items/7"), "Origin", "http://127.0.0.1:8025"), &a);
    assert_null(header(&a, "Access-Control-Allow-Origin"));
    forget(&a);
}

static void what_the_client_has_is_not_sent_again(void **state)
{
    (void)state;
    struct answer a;
    streams_done = 0;
    ask(&site, NULL, with(call("GET", "/items/7/raw"), "If-None-Match", "\"ten\""), &a);
    assert_int_equal(a.status, 304);
    assert_int_equal(a.response.body, HTTP_EMPTY);
    assert_int_equal(streams_done, 1);
    assert_string_equal(header(&a, "ETag"), "\"ten\"");
    assert_string_equal(header(&a, "Content-Security-Policy"), "default-src 'self'");
    forget(&a);
    ask(&site, NULL, with(call("GET", "/items/7/raw"), "If-None-Match", "\"old\""), &a);
    assert_int_equal(a.status, 200);
    forget(&a);
}

/* The precondition of a change is not what a cache asks. */
static void changes_are_never_not_modified(void **state)
{
    (void)state;
    expect(sending(with(with(call("PATCH", "/items/7"), JSON), "If-None-Match", "*"), "{}"), 200,
           "read=0 count=0 title=-");
}

static void ranges_are_served(void **state)
{
    (void)state;
    static const struct {
        const char *range, *if_range;
        int status;
        const char *body, *content_range;
    } cases[] = {
        { "bytes=2-4", NULL, 206, "234", "bytes 2-4/10" },
        { "bytes=-1", NULL, 206, "9", "bytes 9-9/10" },
        { "bytes=2-4", "\"ten\"", 206, "234", "bytes 2-4/10" },
        { "bytes=2-4", "\"old\"", 200, "0123456789", NULL },
        { "bytes=1-2,4-5", NULL, 200, "0123456789", NULL },
        { "bytes=2-4", "W/\"ten\"", 200, "0123456789", NULL },
        { "bytes=2-4", "Mon, 23 Nov 2026 12:00:00 GMT", 200, "0123456789", NULL },
        { "bytes=-20", NULL, 206, "0123456789", "bytes 0-9/10" },
        { "bytes=9-99", NULL, 206, "9", "bytes 9-9/10" },
        { "bytes=4-2", NULL, 200, "0123456789", NULL },
        { "lines=1-2", NULL, 200, "0123456789", NULL },
        { "bytes=10-", NULL, 416, NULL, "bytes */10" },
        { "bytes=-0", NULL, 416, NULL, "bytes */10" },
        { "bytes=10-", "\"old\"", 200, "0123456789", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a;
        streams_done = 0;
        ask(&site, NULL,
            with(with(call("GET", "/items/7/raw"), "Range", cases[i].range),
                 cases[i].if_range ? "If-Range" : NULL, cases[i].if_range),
            &a);
        assert_int_equal(a.status, cases[i].status);
        assert_int_equal(streams_done, 1);
        if (cases[i].body)
            assert_span(buf_span(&a.body), cases[i].body);
        if (cases[i].content_range)
            assert_string_equal(header(&a, "Content-Range"), cases[i].content_range);
        else
            assert_null(header(&a, "Content-Range"));
        forget(&a);
    }
}

/* RFC 9110 14.2: only GET has ranges. */
static void head_tells_of_the_whole(void **state)
{
    (void)state;
    struct answer a;
    ask(&site, NULL, with(call("HEAD", "/items/7/raw"), "Range", "bytes=2-4"), &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.response.length, 10);
    assert_null(header(&a, "Content-Range"));
    assert_string_equal(header(&a, "Accept-Ranges"), "bytes");
    assert_string_equal(header(&a, "ETag"), "\"ten\"");
    forget(&a);
    ask(&site, NULL, with(call("HEAD", "/items/7/raw"), "If-None-Match", "\"ten\""), &a);
    assert_int_equal(a.status, 304);
    forget(&a);
}

static void every_answer_is_safe(void **state)
{
    (void)state;
    const struct call calls[] = {
        call("GET", "/items/7"),
        call("GET", "/nowhere"),
        call("GET", "/%"),
        call("OPTIONS", "/items"),
        with(call("GET", "/items"), "Host", "evil.test"),
    };
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        struct answer a;
        ask(&site, NULL, calls[i], &a);
        assert_string_equal(header(&a, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(header(&a, "Referrer-Policy"), "no-referrer");
        assert_non_null(strstr(header(&a, "Content-Security-Policy"), "default-src 'none'"));
        assert_non_null(strstr(header(&a, "Content-Security-Policy"), "frame-ancestors 'none'"));
        forget(&a);
    }
}

static void a_handlers_header_wins(void **state)
{
    (void)state;
    struct answer a;
    ask(&site, NULL, call("GET", "/items/7/raw"), &a);
    assert_string_equal(header(&a, "Content-Security-Policy"), "default-src 'self'");
    forget(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_found_by_path_and_method),
        cmocka_unit_test(unknown_paths_are_404),
        cmocka_unit_test(known_paths_name_their_methods),
        cmocka_unit_test(the_fallback_takes_what_no_route_knows),
        cmocka_unit_test(queries_are_checked_and_read),
        cmocka_unit_test(every_fault_is_named),
        cmocka_unit_test(bodies_are_checked_and_read),
        cmocka_unit_test(bodies_may_hold_objects_and_lists),
        cmocka_unit_test(lists_have_a_limit),
        cmocka_unit_test(deep_json_is_refused),
        cmocka_unit_test(bodies_have_a_type_and_a_limit),
        cmocka_unit_test(strangers_are_turned_away),
        cmocka_unit_test(a_request_has_a_host),
        cmocka_unit_test(a_header_is_one_that_can_be_relied_on),
        cmocka_unit_test(friends_may_read_the_answer),
        cmocka_unit_test(what_the_client_has_is_not_sent_again),
        cmocka_unit_test(changes_are_never_not_modified),
        cmocka_unit_test(ranges_are_served),
        cmocka_unit_test(head_tells_of_the_whole),
        cmocka_unit_test(every_answer_is_safe),
        cmocka_unit_test(a_handlers_header_wins),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static const char mail_with_everything[] =
    "From: app@shop.test\r\n"
    "Subject: =?utf-8?q?=C3=BC?=\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=o\r\n"
    "\r\n"
    "--o\r\n"
    "Content-Type: multipart/related; boundary=i\r\n"
    "\r\n"
    "--i\r\n"
    "Content-Type: text/html; charset=iso-8859-1\r\n"
    "\r\n"
    "<p>\xFC<img src=\"cid:logo@shop.test\"></p>\r\n"
    "--i\r\n"
    "Content-Type: image/png; name=\"logo.png\"\r\n"
    "Content-ID: <logo@shop.test>\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "MDEyMzQ1Njc4OQ==\r\n"
    "--i--\r\n"
    "--o\r\n"
    "Content-Type: image/svg+xml\r\n"
    "Content-Disposition: attachment; filename*=utf-8''%C3%A4%0D%0AX:%22.svg\r\n"
    "\r\n"
    "<svg onload=\"alert(1)\"/>\r\n"
    "--o--\r\n";

static const char plain_mail[] = "Subject: x\r\n"
                                 "Content-Type: text/plain; charset=iso-8859-1\r\n"
                                 "\r\n"
                                 "gr\xFC\xDF dich\r\n";

static void get(struct fixture *f, int64_t id, const char *rest, int status, struct answer *out)
{
    fixture_ask(f, call("GET", message_path(id, rest)), status, out);
}

/* ---- as received ---- */

static void raw_is_octet_for_octet(void **state)
{
    struct fixture *f = *state;
    static const char odd[] = "\xFF\0no header\nbare\rends";
    const struct span octets = { odd, sizeof(odd) - 1 };
    struct answer a;
    get(f, fixture_store(f, NULL, 0, octets), "/raw", 200, &a);
    assert_int_equal(a.body.len, octets.len);
    assert_memory_equal(a.body.ptr, octets.ptr, octets.len);
    assert_string_equal(header(&a, "Content-Type"), "message/rfc822");
    assert_null(header(&a, "Content-Disposition"));
    assert_int_equal(a.response.length, octets.len);
    forget(&a);
}

static void an_empty_message_has_empty_raw(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    get(f, fixture_store(f, NULL, 0, SPAN("")), "/raw", 200, &a);
    assert_int_equal(a.body.len, 0);
    forget(&a);
}

static void raw_is_saved_when_asked(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t id = fixture_store_text(f, plain_mail);
    get(f, id, "/raw?download=true", 200, &a);
    assert_non_null(strstr(header(&a, "Content-Disposition"), "attachment; filename=\"message-"));
    forget(&a);
    get(f, id, "/raw?download=false", 200, &a);
    assert_null(header(&a, "Content-Disposition"));
    forget(&a);
}

static void ranges_of_raw(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t id = fixture_store_text(f, plain_mail);
    fixture_ask(f, with(call("GET", message_path(id, "/raw")), "Range", "bytes=9-9"), 206, &a);
    assert_span(buf_span(&a.body), "x");
    forget(&a);
    fixture_ask(f, with(call("GET", message_path(id, "/raw")), "Range", "bytes=9999-"), 416, &a);
    forget(&a);
}

/* Larger than the window it is read through, so that windows have to join. */
static void long_messages_join(void **state)
{
    enum { LENGTH = 700000 };
    struct fixture *f = *state;
    struct buf raw AUTO(buf_done) = { 0 };
    struct answer a;
    for (size_t i = 0; i < LENGTH; i++)
        buf_putc(&raw, (char)("abcdefghijklmnopq"[i % 17]));
    int64_t id = fixture_store(f, NULL, 0, buf_span(&raw));
    get(f, id, "/raw", 200, &a);
    assert_int_equal(a.body.len, LENGTH);
    assert_memory_equal(a.body.ptr, raw.ptr, LENGTH);
    forget(&a);
    fixture_ask(f, with(call("GET", message_path(id, "/raw")), "Range", "bytes=262000-263000"), 206,
                &a);
    assert_int_equal(a.body.len, 1001);
    assert_memory_equal(a.body.ptr, raw.ptr + 262000, 1001);
    forget(&a);
}

/* ---- from some chunks alone ---- */

enum { MIB = 1024 * 1024 };

static void put_part(struct buf *raw, const char *header, size_t len)
{
    buf_printf(raw, "--b\r\n%s\r\n", header);
    for (size_t i = 0; i < len; i++)
        buf_putc(raw, i % 78 == 76 ? '\r' : i % 78 == 77 ? '\n' : "ABCDEFGHIJKLM"[i % 13]);
    buf_append(raw, SPAN("\r\n"));
}

/* A text, and parts of some chunks each, of which the second is as it is. */
static struct buf long_mail(void)
{
    struct buf raw = { 0 };
    buf_append(&raw, SPAN("Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
    put_part(&raw, "Content-Type: text/plain\r\n", 1000);
    put_part(&raw, "Content-Type: application/x-log\r\n", (size_t)5 * MIB / 2);
    put_part(&raw,
             "Content-Type: application/pdf\r\n"
             "Content-Transfer-Encoding: base64\r\n",
             (size_t)3 * MIB / 2);
    put_part(&raw, "Content-Type: application/zip\r\n", 5000);
    buf_append(&raw, SPAN("--b--\r\n"));
    return raw;
}

static void run_sql(struct fixture *f, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Of the message with this id only the chunks from `first` to `last` can be read from now on. */
static void break_others(struct fixture *f, int64_t id, int first, int last)
{
    char sql[160];
    snprintf(sql, sizeof(sql),
             "UPDATE chunk SET codec = 99 WHERE id / 65536 = %lld AND id %% 65536 NOT BETWEEN %d "
             "AND %d",
             (long long)id, first, last);
    run_sql(f, sql);
}

/* A part is read without what is before it and behind it, a range without the rest of its part. */
static void only_what_is_sent_is_read(void **state)
{
    static const struct {
        const char *view, *range;
        int first, last; /* of the chunks it lies in */
        size_t length;
    } cases[] = {
        { "/text", NULL, 0, 0, 1000 },
        { "/parts/1", NULL, 0, 0, 1000 },
        { "/parts/2", NULL, 0, 2, (size_t)5 * MIB / 2 },
        { "/parts/2", "bytes=1500000-1500009", 1, 1, 10 },
        { "/parts/2", "bytes=-1", 2, 2, 1 },
        { "/parts/3", NULL, 2, 4, 0 },
        { "/parts/3", "bytes=0-9", 2, 2, 10 },
        { "/parts/3", "bytes=800000-800009", 3, 3, 10 },
        { "/parts/3", "bytes=-9", 4, 4, 9 },
        { "/parts/4", NULL, 4, 4, 5000 },
        { "/raw", "bytes=1048576-2097151", 1, 1, MIB },
        { "/raw", "bytes=1000000-1048575", 0, 0, 48576 },
        { "/raw", "bytes=-1", 4, 4, 1 },
        { "/headers", NULL, 0, 0, 0 },
    };
    struct fixture *f = *state;
    struct buf raw AUTO(buf_done) = long_mail();
    assert_int_equal(raw.len / MIB, 4);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer whole, a;
        int64_t id = fixture_store(f, NULL, 0, buf_span(&raw));
        struct call c = call("GET", message_path(id, cases[i].view));
        c = cases[i].range ? with(c, "Range", cases[i].range) : c;
        fixture_ask(f, c, cases[i].range ? 206 : 200, &whole);
        if (cases[i].length)
            assert_int_equal(whole.body.len, cases[i].length);
        break_others(f, id, cases[i].first, cases[i].last);
        fixture_ask(f, c, cases[i].range ? 206 : 200, &a);
        assert_int_equal(a.body.len, whole.body.len);
        assert_memory_equal(a.body.ptr, whole.body.ptr, whole.body.len);
        forget(&whole);
        forget(&a);
    }
}

/* ---- while it is sent ---- */

/* Readers are few: whoever waits for a slow client must hold none of them. */
static void open_downloads_hold_no_reader(void **state)
{
    enum { OPEN = 100 };
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, mail_with_everything);
    const struct http_site site = { .routes = api_routes, .route_count = api_route_count };
    struct http_request requests[OPEN];
    struct http_response responses[OPEN];
    char octets[4];
    for (size_t i = 0; i < OPEN; i++) {
        struct http_response *res = &responses[i];
        const char *path = message_path(id, i % 2 ? "/raw" : "/parts/2");
        *res = respond(&site, &f->api, call("GET", path), &requests[i]);
        assert_int_equal(res->source.read(res->source.arg, 0, octets, 4), 4);
    }
    json_decref(fixture_json(f, call("GET", "/api/v1/messages"), 200));
    for (size_t i = 0; i < OPEN; i++) {
        http_response_done(&responses[i]);
        http_request_done(&requests[i]);
    }
}

static void a_message_deleted_meanwhile_ends_in_an_error(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, plain_mail);
    const struct http_site site = { .routes = api_routes, .route_count = api_route_count };
    struct http_request r;
    char octets[4];
    struct http_response res = respond(&site, &f->api, call("GET", message_path(id, "/raw")), &r);
    assert_int_equal(store_message_delete(f->store, id), 0);
    assert_true(res.source.read(res.source.arg, 0, octets, 4) < 0);
    http_response_done(&res);
    http_request_done(&r);
}

/* ---- text and HTML ---- */

static void text_is_utf_8(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t id = fixture_store_text(f, plain_mail);
    get(f, id, "/text", 200, &a);
    assert_span(buf_span(&a.body), "gr\xC3\xBC\xC3\x9F dich\r\n");
    assert_string_equal(header(&a, "Content-Type"), "text/plain; charset=utf-8");
    forget(&a);
    get(f, id, "/html", 404, &a);
    forget(&a);
}

static void html_is_utf_8_and_shows_its_pictures(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    get(f, fixture_store_text(f, mail_with_everything), "/html", 200, &a);
    const char *html = buf_text(&a.body);
    assert_non_null(strstr(html, "<p>\xC3\xBC<img src=\"parts/1.2\"></p>"));
    assert_string_equal(header(&a, "Content-Type"), "text/html; charset=utf-8");
    forget(&a);
}

static void html_that_ends_in_a_link_is_whole(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t id = fixture_store_text(f, "Content-Type: text/html\r\n\r\n<img src=cid:lo");
    get(f, id, "/html", 200, &a);
    assert_span(buf_span(&a.body), "<img src=cid:lo");
    forget(&a);
}

static void html_can_do_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, mail_with_everything);
    static const struct {
        const char *host, *pictures;
    } cases[] = {
        { "127.0.0.1:8025", "img-src data: 127.0.0.1:8025/api/v1/messages/" },
        { "localhost", "img-src data: localhost/api/v1/messages/" },
        { "[::1]:8025", "img-src data: 'self';" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a;
        fixture_ask(f, with(call("GET", message_path(id, "/html")), "Host", cases[i].host), 200,
                    &a);
        const char *policy = header(&a, "Content-Security-Policy");
        assert_non_null(strstr(policy, "default-src 'none';"));
        assert_non_null(strstr(policy, "frame-ancestors 'self'"));
        assert_non_null(strstr(policy, "form-action 'none'"));
        assert_non_null(strstr(policy, "base-uri 'none'"));
        assert_non_null(strstr(policy, cases[i].pictures));
        assert_memory_equal(policy, "sandbox ", 8);
        assert_null(strstr(policy, "allow-scripts"));
        assert_null(strstr(policy, "allow-same-origin"));
        assert_null(strstr(policy, "script-src"));
        forget(&a);
    }
}

/* ---- header and parts ---- */

static void headers_are_in_order(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, "X: 1\r\nSubject: =?utf-8?q?=C3=BC?=\r\nX: 2\r\n\r\n");
    json_auto_t *fields = fixture_json(f, call("GET", message_path(id, "/headers")), 200);
    static const char *const wanted[][2] = { { "X", "1" },
                                             { "Subject", "\xC3\xBC" },
                                             { "X", "2" } };
    assert_int_equal(json_array_size(fields), ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const json_t *field = json_array_get(fields, i);
        assert_string_equal(json_string_value(json_object_get(field, "name")), wanted[i][0]);
        assert_string_equal(json_string_value(json_object_get(field, "value")), wanted[i][1]);
        assert_true(json_is_string(json_object_get(field, "raw")));
    }
}

static const json_t *child(const json_t *part, size_t index)
{
    return json_array_get(json_object_get(part, "children"), index);
}

static void check_part(const json_t *part, const char *number, const char *type, size_t children)
{
    assert_string_equal(json_string_value(json_object_get(part, "part")), number);
    assert_string_equal(json_string_value(json_object_get(part, "content_type")), type);
    assert_int_equal(json_array_size(json_object_get(part, "children")), children);
}

static void parts_are_a_tree(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, mail_with_everything);
    json_auto_t *root = fixture_json(f, call("GET", message_path(id, "/parts")), 200);
    check_part(root, "0", "multipart/mixed", 2);
    check_part(child(root, 0), "1", "multipart/related", 2);
    check_part(child(child(root, 0), 0), "1.1", "text/html", 0);
    check_part(child(child(root, 0), 1), "1.2", "image/png", 0);
    check_part(child(root, 1), "2", "image/svg+xml", 0);
    assert_true(json_is_null(json_object_get(root, "sha256")));
    assert_int_equal(json_string_length(json_object_get(child(root, 1), "sha256")), 64);
    assert_string_equal(json_string_value(json_object_get(child(child(root, 0), 1), "encoding")),
                        "base64");
}

static void pictures_are_shown(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t id = fixture_store_text(f, mail_with_everything);
    get(f, id, "/parts/1.2", 200, &a);
    assert_span(buf_span(&a.body), "0123456789");
    assert_string_equal(header(&a, "Content-Type"), "image/png");
    assert_string_equal(header(&a, "Content-Disposition"),
                        "inline; filename=\"logo.png\"; filename*=UTF-8''logo.png");
    assert_non_null(strstr(header(&a, "Content-Security-Policy"), "sandbox"));
    forget(&a);
    fixture_ask(f, with(call("GET", message_path(id, "/parts/1.2")), "Range", "bytes=3-5"), 206,
                &a);
    assert_span(buf_span(&a.body), "345");
    forget(&a);
}

static void what_could_act_is_octets_to_save(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, mail_with_everything);
    static const char *const parts[] = { "/parts/1.1", "/parts/2", "/parts/0" };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct answer a;
        get(f, id, parts[i], 200, &a);
        assert_string_equal(header(&a, "Content-Type"), "application/octet-stream");
        assert_memory_equal(header(&a, "Content-Disposition"), "attachment", 10);
        assert_string_equal(header(&a, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(header(&a, "Cross-Origin-Resource-Policy"), "same-origin");
        forget(&a);
    }
}

static void names_reach_the_header_encoded(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    get(f, fixture_store_text(f, mail_with_everything), "/parts/2", 200, &a);
    const char *disposition = header(&a, "Content-Disposition");
    assert_null(strpbrk(disposition, "\r\n"));
    assert_non_null(strstr(disposition, "filename*=UTF-8''%C3%A4"));
    forget(&a);
}

static void unknown_parts_are_404(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, mail_with_everything);
    static const char *const parts[] = { "/parts/3",     "/parts/1.3",
                                         "/parts/x",     "/parts/99999999999999999999",
                                         "/parts/..%2f", "/parts/1.2.1" };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct answer a;
        get(f, id, parts[i], 404, &a);
        forget(&a);
    }
}

static void unknown_messages_are_404(void **state)
{
    struct fixture *f = *state;
    static const char *const views[] = { "",         "/raw",   "/text",   "/html",
                                         "/headers", "/parts", "/parts/1" };
    for (size_t i = 0; i < ARRAY_LEN(views); i++) {
        struct answer a;
        get(f, 999999, views[i], 404, &a);
        assert_string_equal(header(&a, "Content-Type"), "application/problem+json");
        forget(&a);
    }
}

static void what_is_known_is_not_sent_again(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, mail_with_everything);
    static const char *const views[] = { "/raw", "/parts/1.2", "/parts/2" };
    for (size_t i = 0; i < ARRAY_LEN(views); i++) {
        struct answer a;
        get(f, id, views[i], 200, &a);
        char *etag AUTO(free_ptr) = xstrdup(header(&a, "ETag"));
        forget(&a);
        fixture_ask(f, with(call("GET", message_path(id, views[i])), "If-None-Match", etag), 304,
                    &a);
        forget(&a);
        const char *other = views[(i + 1) % ARRAY_LEN(views)];
        fixture_ask(f, with(call("GET", message_path(id, other)), "If-None-Match", etag), 200, &a);
        forget(&a);
    }
}

/* Another database gives its messages the same ids. */
static void tags_tell_databases_apart(void **state)
{
    void *other;
    struct answer a;
    int64_t id = fixture_store_text(*state, plain_mail);
    get(*state, id, "/raw", 200, &a);
    char *etag AUTO(free_ptr) = xstrdup(header(&a, "ETag"));
    forget(&a);
    fixture_setup(&other);
    ((struct fixture *)other)->received_at_ms++;
    assert_int_equal(fixture_store_text(other, plain_mail), id);
    get(other, id, "/raw", 200, &a);
    assert_string_not_equal(header(&a, "ETag"), etag);
    forget(&a);
    fixture_teardown(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STORE(raw_is_octet_for_octet),
        ON_STORE(an_empty_message_has_empty_raw),
        ON_STORE(raw_is_saved_when_asked),
        ON_STORE(ranges_of_raw),
        ON_STORE(long_messages_join),
        ON_FILE(only_what_is_sent_is_read),
        ON_STORE(open_downloads_hold_no_reader),
        ON_STORE(a_message_deleted_meanwhile_ends_in_an_error),
        ON_STORE(text_is_utf_8),
        ON_STORE(html_is_utf_8_and_shows_its_pictures),
        ON_STORE(html_that_ends_in_a_link_is_whole),
        ON_STORE(html_can_do_nothing),
        ON_STORE(headers_are_in_order),
        ON_STORE(parts_are_a_tree),
        ON_STORE(pictures_are_shown),
        ON_STORE(what_could_act_is_octets_to_save),
        ON_STORE(names_reach_the_header_encoded),
        ON_STORE(unknown_parts_are_404),
        ON_STORE(unknown_messages_are_404),
        ON_STORE(what_is_known_is_not_sent_again),
        ON_STORE(tags_tell_databases_apart),
    };
    return RUN_TESTS(tests);
}

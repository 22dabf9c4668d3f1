#include "fixture.h"

#include <stdio.h>
#include <string.h>

enum { MANY = 60 }; /* more than the store is asked for in one step */

static void store_many(struct fixture *f, int64_t ids[MANY])
{
    for (size_t i = 0; i < MANY; i++)
        ids[i] = fixture_store_text(f, "Subject: x\r\n\r\nhello\r\n");
}

/* ---- lists ---- */

static int64_t id_at(const json_t *page, size_t index)
{
    return json_integer_value(
        json_object_get(json_array_get(json_object_get(page, "items"), index), "id"));
}

static size_t item_count(const json_t *page)
{
    return json_array_size(json_object_get(page, "items"));
}

static void lists_are_newest_first(void **state)
{
    struct fixture *f = *state;
    int64_t ids[MANY];
    store_many(f, ids);
    json_auto_t *page = fixture_json(f, call("GET", "/api/v1/messages"), 200);
    assert_int_equal(item_count(page), 50);
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(id_at(page, i), ids[MANY - 1 - i]);
    assert_int_equal(json_integer_value(json_object_get(page, "total")), MANY);
    assert_int_equal(json_integer_value(json_object_get(page, "next")), ids[MANY - 50]);
}

/* Every id once, in order, whatever the page's size. */
static void pages_join(void **state)
{
    struct fixture *f = *state;
    int64_t ids[MANY];
    static const size_t limits[] = { 1, 7, 24, 25, 26, 50, 59, 60, 61, 500 };
    store_many(f, ids);
    for (size_t i = 0; i < ARRAY_LEN(limits) * 2; i++) {
        bool is_up = i % 2;
        char target[128];
        long long cursor = is_up ? 0 : INT64_MAX;
        size_t seen = 0;
        while (cursor >= 0) {
            snprintf(target, sizeof(target), "/api/v1/inboxes/DEFAULT/messages?limit=%zu&%s=%lld",
                     limits[i / 2], is_up ? "after" : "before", cursor);
            json_auto_t *page = fixture_json(f, call("GET", target), 200);
            const json_t *next = json_object_get(page, "next");
            size_t wanted = limits[i / 2] < MANY - seen ? limits[i / 2] : MANY - seen;
            assert_int_equal(item_count(page), wanted);
            for (size_t k = 0; k < item_count(page); k++, seen++)
                assert_int_equal(id_at(page, k), ids[is_up ? seen : MANY - 1 - seen]);
            cursor = json_is_null(next) ? -1 : json_integer_value(next);
        }
        assert_int_equal(seen, MANY);
    }
}

static void both_bounds_hold(void **state)
{
    struct fixture *f = *state;
    int64_t ids[MANY];
    char target[128];
    store_many(f, ids);
    snprintf(target, sizeof(target), "/api/v1/messages?after=%lld&before=%lld", (long long)ids[3],
             (long long)ids[6]);
    json_auto_t *page = fixture_json(f, call("GET", target), 200);
    assert_int_equal(item_count(page), 2);
    assert_int_equal(id_at(page, 0), ids[4]);
    assert_true(json_is_null(json_object_get(page, "next")));
}

/* A page of large messages ends early and says that there is more. */
static void pages_are_bounded(void **state)
{
    enum { LARGE = 30, ADDRESSES = 5000, PAGE_MAX = 8 * 1024 * 1024 };
    struct fixture *f = *state;
    struct buf raw AUTO(buf_done) = { 0 };
    struct answer a;
    buf_append(&raw, SPAN("To: a@b.test"));
    for (size_t i = 0; i < ADDRESSES; i++)
        buf_append(&raw, SPAN(",\r\n ann@b.test"));
    buf_append(&raw, SPAN("\r\n\r\n"));
    for (size_t i = 0; i < LARGE; i++)
        fixture_store(f, NULL, 0, buf_span(&raw));
    fixture_ask(f, call("GET", "/api/v1/messages?limit=500"), 200, &a);
    assert_true(a.body.len < PAGE_MAX);
    json_auto_t *page = json_body(&a);
    size_t count = item_count(page);
    assert_true(count > 0 && count < LARGE);
    assert_int_equal(json_integer_value(json_object_get(page, "next")), id_at(page, count - 1));
    forget(&a);
}

static void inboxes_are_apart(void **state)
{
    struct fixture *f = *state;
    int64_t in_default = fixture_store_text(f, "Subject: x\r\n\r\n");
    f->inbox_id = OTHER_INBOX;
    int64_t in_other = fixture_store_text(f, "Subject: y\r\n\r\n");
    json_auto_t *latest =
        fixture_json(f, call("GET", "/api/v1/messages/latest?inbox=default"), 200);
    assert_int_equal(json_integer_value(json_object_get(latest, "id")), in_default);
    json_auto_t *page = fixture_json(f, call("GET", "/api/v1/inboxes/default/messages"), 200);
    assert_int_equal(item_count(page), 1);
    assert_int_equal(id_at(page, 0), in_default);
    json_auto_t *all = fixture_json(f, call("GET", "/api/v1/messages"), 200);
    assert_int_equal(item_count(all), 2);
    json_decref(fixture_json(f, call("DELETE", "/api/v1/inboxes/default/messages?all=true"), 200));
    json_decref(fixture_json(f, call("GET", message_path(in_other, "")), 200));
    json_decref(fixture_json(f, call("GET", message_path(in_default, "")), 404));
}

static void an_empty_list_is_a_list(void **state)
{
    struct answer a;
    fixture_ask(*state, call("GET", "/api/v1/messages"), 200, &a);
    assert_span(buf_span(&a.body), "{\"items\":[],\"total\":0,\"next\":null}\n");
    forget(&a);
}

static void unknown_inboxes_are_404(void **state)
{
    struct fixture *f = *state;
    static const char *const targets[] = {
        "/api/v1/inboxes/nobody",       "/api/v1/inboxes/nobody/messages",
        "/api/v1/inboxes/999999",       "/api/v1/inboxes/99999999999999999999/messages",
        "/api/v1/inboxes/%3B/messages", "/api/v1/messages/latest?inbox=nobody",
        "/api/v1/events?inbox=nobody",
    };
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        json_decref(fixture_json(f, call("GET", targets[i]), 404));
    json_decref(fixture_json(f, call("DELETE", "/api/v1/inboxes/nobody/messages?all=true"), 404));
}

/* ---- searching ---- */

static void queries_narrow_lists(void **state)
{
    struct fixture *f = *state;
    int64_t first = fixture_store_text(f, "Subject: Reset your password\r\n\r\n");
    int64_t second = fixture_store_text(f, "Subject: Your order\r\n\r\nGr\xC3\xB6\xC3\x9F"
                                           "e\r\n");
    json_auto_t *both = fixture_json(f, call("GET", "/api/v1/messages?query=your&limit=1"), 200);
    assert_int_equal(item_count(both), 1);
    assert_int_equal(id_at(both, 0), second);
    assert_int_equal(json_integer_value(json_object_get(both, "total")), 2);
    assert_int_equal(json_integer_value(json_object_get(both, "next")), second);
    json_auto_t *one = fixture_json(
        f, call("GET", "/api/v1/inboxes/default/messages?query=%22reset%20your%22"), 200);
    assert_int_equal(item_count(one), 1);
    assert_int_equal(id_at(one, 0), first);
    json_auto_t *none = fixture_json(f, call("GET", "/api/v1/messages?query=nothing"), 200);
    assert_int_equal(item_count(none), 0);
    assert_int_equal(json_integer_value(json_object_get(none, "total")), 0);
    json_auto_t *latest =
        fixture_json(f, call("GET", "/api/v1/messages/latest?query=Gr%C3%B6sse"), 200);
    assert_int_equal(json_integer_value(json_object_get(latest, "id")), second);
    json_decref(fixture_json(f, call("GET", "/api/v1/messages/latest?query=nothing"), 404));
}

/* The total is that of the whole, however many steps the page takes. */
static void totals_of_queries_are_those_of_all(void **state)
{
    struct fixture *f = *state;
    int64_t ids[MANY];
    store_many(f, ids);
    json_auto_t *page =
        fixture_json(f, call("GET", "/api/v1/messages?query=hello&limit=55&after=0"), 200);
    assert_int_equal(item_count(page), 55);
    assert_int_equal(json_integer_value(json_object_get(page, "total")), MANY);
    assert_int_equal(json_integer_value(json_object_get(page, "next")), ids[54]);
}

static void bad_queries_are_told_where(void **state)
{
    struct fixture *f = *state;
    static const char *const paths[] = { "/api/v1/messages", "/api/v1/inboxes/default/messages",
                                         "/api/v1/messages/latest" };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        char target[128];
        snprintf(target, sizeof(target), "%s?query=%%C3%%A4%%20subjct:x", paths[i]);
        json_auto_t *problem = fixture_json(f, call("GET", target), 400);
        const json_t *error = json_array_get(json_object_get(problem, "errors"), 0);
        assert_string_equal(json_string_value(json_object_get(error, "field")), "query");
        assert_int_equal(json_integer_value(json_object_get(error, "position")), 2);
        assert_non_null(strstr(json_string_value(json_object_get(error, "detail")), "subjct:"));
        assert_non_null(strstr(json_string_value(json_object_get(problem, "detail")),
                               "position 2: there is no \"subjct:\""));
    }
}

/* ---- deleting ---- */

static void deleting_many_must_be_meant(void **state)
{
    struct fixture *f = *state;
    static const char *const paths[] = { "/api/v1/messages", "/api/v1/inboxes/1/messages" };
    static const char *const queries[] = {
        "",         "?",       "?all=false",        "?all",
        "?all=1",   "?query=", "?query=x&all=true", "?query=x&all=false",
        "?query=(x"
    };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        int64_t id = fixture_store_text(f, "Subject: x\r\n\r\n");
        for (size_t k = 0; k < ARRAY_LEN(queries); k++) {
            char target[128];
            snprintf(target, sizeof(target), "%s%s", paths[i], queries[k]);
            json_decref(fixture_json(f, call("DELETE", target), 400));
        }
        json_decref(fixture_json(f, call("GET", message_path(id, "")), 200));
    }
}

static void deleting_many_says_how_many(void **state)
{
    struct fixture *f = *state;
    static const char *const targets[] = { "/api/v1/messages?all=true",
                                           "/api/v1/inboxes/default/messages?all=true" };
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        struct answer a;
        fixture_store_text(f, "Subject: x\r\n\r\n");
        fixture_store_text(f, "Subject: y\r\n\r\n");
        fixture_ask(f, call("DELETE", targets[i]), 200, &a);
        assert_span(buf_span(&a.body), "{\"deleted\":2}\n");
        forget(&a);
        json_auto_t *page = fixture_json(f, call("GET", "/api/v1/messages"), 200);
        assert_int_equal(item_count(page), 0);
    }
}

static void deleting_what_a_query_finds(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    enum { FOUND = 70 }; /* more than are deleted in one step */
    int64_t kept = fixture_store_text(f, "Subject: y\r\n\r\n");
    for (int i = 0; i < FOUND; i++)
        fixture_store_text(f, "Subject: x\r\n\r\n");
    fixture_ask(f, call("DELETE", "/api/v1/inboxes/default/messages?query=subject:z"), 200, &a);
    assert_span(buf_span(&a.body), "{\"deleted\":0}\n");
    forget(&a);
    fixture_ask(f, call("DELETE", "/api/v1/messages?query=subject:x"), 200, &a);
    assert_span(buf_span(&a.body), "{\"deleted\":70}\n");
    forget(&a);
    json_auto_t *page = fixture_json(f, call("GET", "/api/v1/messages"), 200);
    assert_int_equal(item_count(page), 1);
    assert_int_equal(id_at(page, 0), kept);
}

static void queries_delete_in_their_inbox(void **state)
{
    struct fixture *f = *state;
    int64_t in_default = fixture_store_text(f, "Subject: x\r\n\r\n");
    f->inbox_id = OTHER_INBOX;
    int64_t in_other = fixture_store_text(f, "Subject: x\r\n\r\n");
    json_decref(fixture_json(f, call("DELETE", "/api/v1/inboxes/other/messages?query=x"), 200));
    json_decref(fixture_json(f, call("GET", message_path(in_default, "")), 200));
    json_decref(fixture_json(f, call("GET", message_path(in_other, "")), 404));
}

static void deleting_one(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t kept = fixture_store_text(f, "Subject: x\r\n\r\n");
    int64_t id = fixture_store_text(f, "Subject: x\r\n\r\n");
    fixture_ask(f, call("DELETE", message_path(id, "")), 204, &a);
    assert_int_equal(a.body.len, 0);
    forget(&a);
    json_decref(fixture_json(f, call("DELETE", message_path(id, "")), 404));
    json_decref(fixture_json(f, call("GET", message_path(id, "")), 404));
    json_decref(fixture_json(f, call("GET", message_path(kept, "")), 200));
}

/* ---- one message ---- */

/* JSON as it is easier to read in C: with single quotes. */
static json_t *json_of_text(const char *text)
{
    char *quoted AUTO(free_ptr) = xstrdup(text);
    for (char *c = quoted; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *json = json_loads(quoted, 0, NULL);
    assert_non_null(json);
    return json;
}

static void a_message_has_every_field(void **state)
{
    struct fixture *f = *state;
    static const char *const to[] = { "Ann@b.test", "bob@b.test", "Carol@b.test", "BOB@b.test" };
    const struct span raw = SPAN("From: Shop <app@shop.test>\r\n"
                                 "Sender: robot@shop.test\r\n"
                                 "Reply-To: help@shop.test\r\n"
                                 "To: Ann <ann@B.test>\r\n"
                                 "Bcc: carol@b.test\r\n"
                                 "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
                                 "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
                                 "Message-ID: <1042@shop.test>\r\n"
                                 "\r\n"
                                 "Hello\r\n");
    int64_t id = fixture_store(f, to, ARRAY_LEN(to), raw);
    json_auto_t *message = fixture_json(f, call("GET", message_path(id, "")), 200);
    json_auto_t *wanted = json_of_text(
        "{'inbox_id': 1, 'inbox': 'default', 'session_id': null,"
        " 'received_at': '2026-11-23T12:04:31.250Z',"
        " 'envelope': {'from': 'app@shop.test',"
        "              'to': ['Ann@b.test', 'bob@b.test', 'Carol@b.test', 'BOB@b.test'],"
        "              'body': null, 'smtputf8': false, 'ret': null, 'envid': null,"
        "              'recipients': [{'address': 'Ann@b.test', 'notify': [], 'orcpt': null},"
        "                             {'address': 'bob@b.test', 'notify': [], 'orcpt': null},"
        "                             {'address': 'Carol@b.test', 'notify': [], 'orcpt': null},"
        "                             {'address': 'BOB@b.test', 'notify': [], 'orcpt': null}]},"
        " 'client': {'ip': '127.0.0.1', 'helo': 'app', 'tls': null, 'cipher': null,"
        "            'username': null},"
        " 'from': [{'name': 'Shop', 'address': 'app@shop.test'}],"
        " 'sender': {'name': '', 'address': 'robot@shop.test'},"
        " 'reply_to': [{'name': '', 'address': 'help@shop.test'}],"
        " 'to': [{'name': 'Ann', 'address': 'ann@B.test'}], 'cc': [],"
        " 'bcc': [{'name': '', 'address': 'carol@b.test'}, {'name': '', 'address': 'bob@b.test'}],"
        " 'subject': 'Gr\xC3\xBC\xC3\x9F\x65', 'date': '2026-11-23T12:00:00.000Z',"
        " 'message_id': '1042@shop.test', 'preview': 'Hello', 'has_html': false,"
        " 'has_text': true, 'attachments': [], 'read': false, 'pinned': false, 'tags': [],"
        " 'warnings': []}");
    assert_int_equal(json_integer_value(json_object_get(message, "id")), id);
    assert_int_equal(json_integer_value(json_object_get(message, "size")), raw.len);
    json_object_del(message, "id");
    json_object_del(message, "size");
    char *got AUTO(free_ptr) = json_dumps(message, JSON_SORT_KEYS | JSON_INDENT(1));
    char *expected AUTO(free_ptr) = json_dumps(wanted, JSON_SORT_KEYS | JSON_INDENT(1));
    assert_string_equal(got, expected);
}

static void attachments_say_whether_they_are_inline(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                                       "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
                                       "--b\r\nContent-Type: image/png\r\n"
                                       "Content-ID: <logo@shop.test>\r\n\r\nx\r\n"
                                       "--b\r\nContent-Type: image/png; name=a.png\r\n"
                                       "Content-Disposition: attachment\r\n"
                                       "Content-ID: <a@shop.test>\r\n\r\nx\r\n"
                                       "--b\r\nContent-Type: image/png; name=b.png\r\n"
                                       "Content-Disposition: inline\r\n\r\nx\r\n"
                                       "--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n"
                                       "--b--\r\n");
    static const struct {
        const char *part, *content_id;
        bool is_inline;
    } wanted[] = {
        { "2", "logo@shop.test", true },
        { "3", "a@shop.test", false },
        { "4", NULL, true },
        { "5", NULL, false },
    };
    json_auto_t *message = fixture_json(f, call("GET", message_path(id, "")), 200);
    const json_t *attachments = json_object_get(message, "attachments");
    assert_int_equal(json_array_size(attachments), ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const json_t *a = json_array_get(attachments, i);
        assert_string_equal(json_string_value(json_object_get(a, "part")), wanted[i].part);
        assert_int_equal(json_is_true(json_object_get(a, "inline")), wanted[i].is_inline);
        assert_int_equal(json_is_null(json_object_get(a, "content_id")), !wanted[i].content_id);
    }
}

static void what_is_missing_is_empty_or_null(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store(f, NULL, 0, SPAN("\xFF\xFE no mail\r\n"));
    json_auto_t *m = fixture_json(f, call("GET", message_path(id, "")), 200);
    static const char *const empty[] = { "from", "reply_to", "to", "cc", "bcc", "attachments" };
    for (size_t i = 0; i < ARRAY_LEN(empty); i++)
        assert_int_equal(json_array_size(json_object_get(m, empty[i])), 0);
    assert_true(json_is_null(json_object_get(m, "sender")));
    assert_true(json_is_null(json_object_get(m, "date")));
    assert_string_equal(json_string_value(json_object_get(m, "subject")), "");
}

/* A recipient need not be UTF-8; JSON must be. */
static void octets_that_are_no_text_are_replaced(void **state)
{
    struct fixture *f = *state;
    static const char *const to[] = { "\xFF@b.test" };
    int64_t id = fixture_store(f, to, 1, SPAN("Subject: x\r\n\r\n"));
    json_auto_t *m = fixture_json(f, call("GET", message_path(id, "")), 200);
    const json_t *envelope = json_object_get(m, "envelope");
    assert_string_equal(json_string_value(json_array_get(json_object_get(envelope, "to"), 0)),
                        "\xEF\xBF\xBD@b.test");
}

static void latest_is_the_newest(void **state)
{
    struct fixture *f = *state;
    static const char *const targets[] = { "/api/v1/messages/latest",
                                           "/api/v1/messages/latest?inbox=default",
                                           "/api/v1/messages/latest?inbox=1" };
    fixture_store_text(f, "Subject: old\r\n\r\n");
    int64_t newest = fixture_store_text(f, "Subject: new\r\n\r\n");
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        json_auto_t *message = fixture_json(f, call("GET", targets[i]), 200);
        assert_int_equal(json_integer_value(json_object_get(message, "id")), newest);
    }
}

static void latest_of_nothing_is_404(void **state)
{
    json_decref(fixture_json(*state, call("GET", "/api/v1/messages/latest"), 404));
}

static void patches_change_what_they_name(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, "Subject: x\r\n\r\n");
    static const struct {
        const char *body;
        bool read, pinned;
    } cases[] = {
        { "{\"read\": true}", true, false },
        { "{\"pinned\": true}", true, true },
        { "{\"read\": false}", false, true },
        { "{\"read\": false, \"pinned\": false}", false, false },
        { "{\"pinned\": false}", false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct call c =
            with(call("PATCH", message_path(id, "")), "Content-Type", "application/json");
        json_auto_t *answer = fixture_json(f, sending(c, cases[i].body), 200);
        json_auto_t *message = fixture_json(f, call("GET", message_path(id, "")), 200);
        assert_true(json_equal(answer, message));
        assert_int_equal(json_is_true(json_object_get(message, "read")), cases[i].read);
        assert_int_equal(json_is_true(json_object_get(message, "pinned")), cases[i].pinned);
    }
}

static void patches_of_nothing_are_refused(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_store_text(f, "Subject: x\r\n\r\n");
    struct call c = with(call("PATCH", message_path(id, "")), "Content-Type", "application/json");
    json_decref(fixture_json(f, sending(c, "{}"), 400));
    c = with(call("PATCH", message_path(id + 1, "")), "Content-Type", "application/json");
    json_decref(fixture_json(f, sending(c, "{\"read\": true}"), 404));
}

static void tags_tell_states_apart(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t id = fixture_store_text(f, "Subject: x\r\n\r\n");
    fixture_ask(f, call("GET", message_path(id, "")), 200, &a);
    char *etag AUTO(free_ptr) = xstrdup(header(&a, "ETag"));
    forget(&a);
    struct call again = with(call("GET", message_path(id, "")), "If-None-Match", etag);
    fixture_ask(f, again, 304, &a);
    forget(&a);
    struct call c = with(call("PATCH", message_path(id, "")), "Content-Type", "application/json");
    json_decref(fixture_json(f, sending(c, "{\"read\": true}"), 200));
    again = with(call("GET", message_path(id, "")), "If-None-Match", etag);
    fixture_ask(f, again, 200, &a);
    forget(&a);
}

static void inboxes_count(void **state)
{
    struct fixture *f = *state;
    json_auto_t *before = fixture_json(f, call("GET", "/api/v1/inboxes/default"), 200);
    assert_true(json_is_null(json_object_get(before, "last_message_at")));
    fixture_store_text(f, "Subject: x\r\n\r\n");
    json_auto_t *list = fixture_json(f, call("GET", "/api/v1/inboxes"), 200);
    json_auto_t *one = fixture_json(f, call("GET", "/api/v1/inboxes/1"), 200);
    assert_true(json_equal(json_array_get(json_object_get(list, "items"), 0), one));
    assert_int_equal(json_integer_value(json_object_get(list, "total")), 1);
    assert_int_equal(json_integer_value(json_object_get(one, "message_count")), 1);
    assert_int_equal(json_integer_value(json_object_get(one, "unread_count")), 1);
    assert_int_equal(json_integer_value(json_object_get(one, "size_bytes")), 14);
    assert_string_equal(json_string_value(json_object_get(one, "last_message_at")),
                        "2026-11-23T12:04:31.250Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STORE(lists_are_newest_first),
        ON_STORE(pages_join),
        ON_STORE(both_bounds_hold),
        ON_STORE(pages_are_bounded),
        ON_TWO_INBOXES(inboxes_are_apart),
        ON_STORE(an_empty_list_is_a_list),
        ON_STORE(unknown_inboxes_are_404),
        ON_STORE(queries_narrow_lists),
        ON_STORE(totals_of_queries_are_those_of_all),
        ON_STORE(bad_queries_are_told_where),
        ON_STORE(deleting_what_a_query_finds),
        ON_TWO_INBOXES(queries_delete_in_their_inbox),
        ON_STORE(deleting_many_must_be_meant),
        ON_STORE(deleting_many_says_how_many),
        ON_STORE(deleting_one),
        ON_STORE(a_message_has_every_field),
        ON_STORE(attachments_say_whether_they_are_inline),
        ON_STORE(what_is_missing_is_empty_or_null),
        ON_STORE(octets_that_are_no_text_are_replaced),
        ON_STORE(latest_is_the_newest),
        ON_STORE(latest_of_nothing_is_404),
        ON_STORE(patches_change_what_they_name),
        ON_STORE(patches_of_nothing_are_refused),
        ON_STORE(tags_tell_states_apart),
        ON_STORE(inboxes_count),
    };
    return RUN_TESTS(tests);
}

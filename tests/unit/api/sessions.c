#include "fixture.h"

#include "store/entries.h"

#include <stdio.h>

/* "C:EHLO x", "S:250 Ok", "N:note", "D:5" with bars between, three tenths of a millisecond each. */
static struct span said(struct arena *arena, uint64_t at, const char *lines)
{
    struct buf out AUTO(buf_done) = { 0 };
    for (struct span rest = span_of(lines); rest.len; at += 3) {
        struct span line = span_cut(&rest, '|');
        struct store_entry e = { .at = at, .text = span_slice(line, 2, line.len) };
        e.kind = (enum store_entry_kind)span_find(SPAN("CSND"), *line.ptr);
        if (e.kind == STORE_ENTRY_DATA)
            assert_true(parse_u64(e.text, &e.octets));
        entries_put(&out, &e);
    }
    return (struct span){ arena_copy(arena, buf_span(&out)), out.len };
}

static int64_t store_message_of(struct fixture *f, int64_t session_id, const char *dialogue)
{
    struct store_delivery *d = store_delivery_new(&f->spools);
    d->message = (struct store_message){
        .inbox_id = STORE_DEFAULT_INBOX,
        .session_id = session_id,
        .received_at_ms = 1764000000000,
        .envelope.from = "app@shop.test",
        .client = { .ip = "127.0.0.1", .port = 50001, .helo = "app" },
        .mail = { .subject = "",
                  .message_id = "",
                  .preview = "",
                  .text_part = -1,
                  .html_part = -1 },
    };
    d->dialogue = said(&d->arena, 0, dialogue);
    d->reply_to = &f->settled;
    store_deliver(f->store, d);
    struct letter *letter = mailbox_wait(&f->settled);
    assert_ptr_equal(letter, &d->letter);
    assert_int_equal(d->result, 0);
    int64_t id = d->message.id;
    store_delivery_free(d);
    return id;
}

static struct store_report *report_of(int64_t id, const char *closing)
{
    struct store_report *r = store_report_new();
    r->session = (struct store_session){
        .id = id,
        .inbox_id = STORE_DEFAULT_INBOX,
        .started_at_ms = 1764000000000,
        .ended_at_ms = 1764000000250,
        .client = { .ip = "127.0.0.1", .port = 50001, .helo = "app" },
        .outcome = STORE_QUIT,
        .bytes_in = 5300,
        .bytes_out = 410,
    };
    r->closing = said(&r->arena, 1000, closing);
    return r;
}

static void report(struct fixture *f, struct store_report *r)
{
    store_session_report(f->store, r);
    assert_int_not_equal(store_message_delete(f->store, INT64_MAX), 0); /* the writer has done it */
}

static void assert_json(json_t *json, const char *expected)
{
    json_auto_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);
    assert_non_null(wanted);
    if (!json_equal(json, wanted)) {
        char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        fail_msg("%s\nis not\n%s", text, expected);
    }
}

static void a_session_is_told_in_full(void **state)
{
    struct fixture *f = *state;
    static struct store_warning warnings[] = { { "bare-lf", "line 3", "RFC 5321 2.3.8" } };
    store_message_of(f, 7, "S:220 hello|C:EHLO \xff|C:MAIL FROM:<a@x>|D:5120");
    struct store_report *r = report_of(7, "S:250 stored|N:The client went away");
    r->session.client.tls = "TLS1.3";
    r->session.client.cipher = "AES";
    r->session.client.is_tls_implicit = true;
    r->session.client.username = "ann";
    r->session.outcome = STORE_DROPPED;
    r->session.is_failed = true;
    r->session.refusal = (struct store_refusal){ "RCPT", "550 5.1.1 No \xff" };
    r->session.message_count = 1;
    r->session.is_truncated = true;
    r->session.warnings = warnings;
    r->session.warning_count = 1;
    report(f, r);
    struct answer a;
    fixture_ask(f, call("GET", "/api/v1/sessions/7"), 200, &a);
    json_auto_t *json = json_body(&a);
    /* Tenths are tenths, which doubles are not. */
    assert_non_null(strstr(buf_text(&a.body), "{\"at_ms\":0.3,"));
    forget(&a);
    assert_json(json,
                "{\"id\": 7, \"inbox_id\": 1, \"inbox\": \"default\","
                "\"started_at\": \"2025-11-24T16:00:00.000Z\","
                "\"ended_at\": \"2025-11-24T16:00:00.250Z\","
                "\"client\": {\"ip\": \"127.0.0.1\", \"port\": 50001, \"helo\": \"app\"},"
                "\"tls\": {\"version\": \"TLS1.3\", \"cipher\": \"AES\", \"implicit\": true},"
                "\"username\": \"ann\", \"outcome\": \"dropped\", \"failed\": true,"
                "\"refusal\": {\"command\": \"RCPT\", \"code\": 550,"
                "              \"reply\": \"550 5.1.1 No \xEF\xBF\xBD\"}, \"message_count\": 1,"
                "\"messages\": [1], \"bytes_in\": 5300, \"bytes_out\": 410, \"truncated\": true,"
                "\"warnings\": [{\"code\": \"bare-lf\", \"detail\": \"line 3\","
                "               \"reference\": \"RFC 5321 2.3.8\"}],"
                "\"entries\": ["
                "{\"at_ms\": 0.0, \"from\": \"server\", \"text\": \"220 hello\"},"
                "{\"at_ms\": 0.3, \"from\": \"client\", \"text\": \"EHLO \xEF\xBF\xBD\"},"
                "{\"at_ms\": 0.6, \"from\": \"client\", \"text\": \"MAIL FROM:<a@x>\"},"
                "{\"at_ms\": 0.9, \"from\": \"client\", \"data_bytes\": 5120, \"message_id\": 1},"
                "{\"at_ms\": 100.0, \"from\": \"server\", \"text\": \"250 stored\"},"
                "{\"at_ms\": 100.3, \"from\": \"mailstop\", \"text\": \"The client went away\"}]}");
}

static void an_open_one_has_no_end(void **state)
{
    struct fixture *f = *state;
    store_message_of(f, 7, "S:220|C:MAIL|D:1");
    json_auto_t *json = fixture_json(f, call("GET", "/api/v1/sessions/7"), 200);
    static const char *const nulls[] = { "ended_at", "tls", "username", "outcome", "refusal" };
    for (size_t i = 0; i < ARRAY_LEN(nulls); i++)
        assert_true(json_is_null(json_object_get(json, nulls[i])));
    assert_int_equal(json_integer_value(json_object_get(json, "message_count")), 1);
    assert_int_equal(json_array_size(json_object_get(json, "entries")), 3);
}

static void a_message_has_a_part_of_it(void **state)
{
    struct fixture *f = *state;
    store_message_of(f, 7, "S:220|C:EHLO x|C:MAIL FROM:<1>|D:1");
    struct store_report *open = report_of(7, "");
    open->session.outcome = STORE_OPEN;
    open->opening = said(&open->arena, 0, "S:220|C:EHLO x");
    report(f, open);
    int64_t id = store_message_of(f, 7, "S:250|C:MAIL FROM:<2>|D:2");
    json_auto_t *json = fixture_json(f, call("GET", message_path(id, "/transcript")), 200);
    json_t *entries = json_object_get(json, "entries");
    assert_int_equal(json_integer_value(json_object_get(json, "id")), 7);
    assert_int_equal(json_array_size(entries), 4);
    assert_json(json_object_get(json_array_get(entries, 2), "text"), "\"MAIL FROM:<2>\"");
    assert_json(json_object_get(json_array_get(entries, 3), "message_id"), "2");
    assert_json(json_object_get(json, "messages"), "[1, 2]");
}

static void what_is_not_there_is_404(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t id = fixture_store_text(f, "Subject: by no session\r\n\r\n");
    const char *targets[] = { "/api/v1/sessions/7", "/api/v1/sessions?inbox=none",
                              "/api/v1/messages/99/transcript" };
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        fixture_ask(f, call("GET", targets[i]), 404, &a);
        forget(&a);
    }
    fixture_ask(f, call("GET", message_path(id, "/transcript")), 404, &a);
    assert_non_null(strstr(buf_text(&a.body), "no SMTP session"));
    forget(&a);
}

static void assert_ids(struct fixture *f, const char *target, const char *ids, int total,
                       const char *next)
{
    struct buf text AUTO(buf_done) = { 0 };
    json_auto_t *json = fixture_json(f, call("GET", target), 200);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(json, "items"), i, item)
    {
        buf_printf(&text, "%d ", (int)json_integer_value(json_object_get(item, "id")));
        assert_null(json_object_get(item, "entries"));
    }
    assert_string_equal(buf_text(&text), ids);
    assert_int_equal(json_integer_value(json_object_get(json, "total")), total);
    assert_json(json_object_get(json, "next"), next);
}

static void lists_sessions(void **state)
{
    struct fixture *f = *state;
    for (int i = 1; i <= 4; i++) {
        struct store_report *r = report_of(i, i == 2 ? "S:220|C:GET / HTTP/1.1" : "S:220");
        r->session.inbox_id = i == 3 ? OTHER_INBOX : STORE_DEFAULT_INBOX;
        r->session.outcome = i == 4 ? STORE_QUIT : STORE_DROPPED;
        r->session.is_failed = i % 2;
        report(f, r);
    }
    assert_ids(f, "/api/v1/sessions", "4 3 2 1 ", 4, "null");
    assert_ids(f, "/api/v1/sessions?limit=2", "4 3 ", 4, "3");
    assert_ids(f, "/api/v1/sessions?limit=2&before=3", "2 1 ", 4, "null");
    assert_ids(f, "/api/v1/sessions?limit=3&after=0", "1 2 3 ", 4, "3");
    assert_ids(f, "/api/v1/sessions?inbox=other", "3 ", 1, "null");
    assert_ids(f, "/api/v1/sessions?outcome=dropped", "3 2 1 ", 4, "null");
    assert_ids(f, "/api/v1/sessions?outcome=open", "", 4, "null");
    assert_ids(f, "/api/v1/sessions?query=-outcome:quit%20http", "2 ", 4, "null");
    assert_ids(f, "/api/v1/sessions?query=is:failed", "3 1 ", 4, "null");
    assert_ids(f, "/api/v1/sessions?query=is:failed&inbox=other", "3 ", 1, "null");
    assert_ids(f, "/api/v1/sessions?query=is:failed&limit=1&after=0", "1 ", 4, "1");
}

static void a_bad_question_is_400(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *target, *says;
    } cases[] = {
        { "/api/v1/sessions?outcome=failed", "tls_failed" },
        { "/api/v1/sessions?query=one%20subject:two", "at character 5: " },
        { "/api/v1/sessions?query=%22", "not closed" },
        { "/api/v1/sessions?sort=up", "sort" },
        { "/api/v1/sessions?limit=501", "limit" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a;
        fixture_ask(f, call("GET", cases[i].target), 400, &a);
        if (!strstr(buf_text(&a.body), cases[i].says))
            fail_msg("%s: %s", cases[i].target, buf_text(&a.body));
        forget(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STORE(a_session_is_told_in_full),  ON_STORE(an_open_one_has_no_end),
        ON_STORE(a_message_has_a_part_of_it), ON_STORE(what_is_not_there_is_404),
        ON_TWO_INBOXES(lists_sessions),       ON_STORE(a_bad_question_is_400),
    };
    return RUN_TESTS(tests);
}

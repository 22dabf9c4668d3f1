#include "fixture.h"

#include <stdio.h>

/* A stream as the server holds it: asked for more when there is news. */
struct stream {
    struct http_request request;
    struct http_response response;
    struct buf told;
};

static void open_stream(struct fixture *f, const char *target, const char *last_id,
                        struct stream *out)
{
    const struct http_site site = { .routes = api_routes, .route_count = api_route_count };
    *out = (struct stream){ 0 };
    struct call c = with(call("GET", target), "Last-Event-ID", last_id);
    out->response = respond(&site, &f->api, c, &out->request);
    assert_int_equal(out->response.status, 200);
    assert_int_equal(out->response.body, HTTP_EVENTS);
}

static void close_stream(struct stream *s)
{
    http_response_done(&s->response);
    http_request_done(&s->request);
    buf_done(&s->told);
}

/* What it says when it is asked. */
static const char *hear(struct stream *s)
{
    buf_clear(&s->told);
    assert_int_equal(s->response.next(s->response.arg, &s->told), HTTP_MORE);
    return buf_text(&s->told);
}

static long long id_of(const char *event)
{
    long long id = 0;
    assert_int_equal(sscanf(event, "id: %lld", &id), 1);
    return id;
}

static void a_new_stream_says_where_it_begins(void **state)
{
    struct fixture *f = *state;
    struct stream s;
    fixture_store_text(f, "Subject: before\r\n\r\n");
    open_stream(f, "/api/v1/events", NULL, &s);
    const char *greeting = hear(&s);
    assert_int_equal(id_of(greeting), store_news_last(f->store));
    assert_null(strstr(greeting, "event:"));
    assert_string_equal(hear(&s), "");
    close_stream(&s);
}

static void news_is_told_once_and_in_order(void **state)
{
    struct fixture *f = *state;
    struct stream s;
    open_stream(f, "/api/v1/events", NULL, &s);
    hear(&s);
    int64_t id = fixture_store_text(f, "Subject: now\r\n\r\nhello\r\n");
    json_auto_t *message = fixture_json(f, call("GET", message_path(id, "")), 200);
    const char *event = hear(&s);
    const char *data = strstr(event, "\nevent: message.created\ndata: ");
    assert_non_null(data);
    json_auto_t *told =
        json_loads(data + strlen("\nevent: message.created\ndata: "), JSON_DISABLE_EOF_CHECK, NULL);
    assert_true(json_equal(told, message));
    assert_string_equal(hear(&s), "");
    store_message_mark(f->store, id, &(struct store_flags){ .set_read = true, .read = true });
    event = hear(&s);
    assert_non_null(strstr(event, "event: message.changed\n"));
    assert_non_null(strstr(event, "\"read\":true"));
    store_message_delete(f->store, id);
    event = hear(&s);
    assert_non_null(strstr(event, "event: message.deleted\n"));
    assert_non_null(strstr(event, "\"inbox_id\":1"));
    close_stream(&s);
}

static void clearing_is_told(void **state)
{
    struct fixture *f = *state;
    static const struct {
        int64_t inbox_id;
        const char *data;
    } cases[] = { { 0, "data: {\"inbox_id\":null}\n\n" }, { 1, "data: {\"inbox_id\":1}\n\n" } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stream s;
        int64_t deleted;
        fixture_store_text(f, "Subject: x\r\n\r\n");
        open_stream(f, "/api/v1/events", NULL, &s);
        hear(&s);
        assert_int_equal(store_messages_clear(f->store, cases[i].inbox_id, &deleted), 0);
        const char *event = hear(&s);
        assert_non_null(strstr(event, "event: messages.cleared\n"));
        assert_non_null(strstr(event, cases[i].data));
        close_stream(&s);
    }
}

static void the_end_of_a_session_is_told(void **state)
{
    struct fixture *f = *state;
    struct stream s;
    open_stream(f, "/api/v1/events", NULL, &s);
    hear(&s);
    struct store_report *r = store_report_new();
    r->session = (struct store_session){ .id = 7, .inbox_id = 1, .outcome = STORE_QUIT };
    store_session_report(f->store, r);
    store_message_delete(f->store, INT64_MAX); /* the writer has done it */
    const char *event = hear(&s);
    assert_non_null(strstr(event, "event: session.closed\ndata: {\"id\":7,"));
    assert_non_null(strstr(event, "\"outcome\":\"quit\""));
    close_stream(&s);
}

static void who_comes_back_hears_what_was_missed(void **state)
{
    struct fixture *f = *state;
    struct stream s;
    char last[32];
    snprintf(last, sizeof(last), "%lld", (long long)store_news_last(f->store));
    fixture_store_text(f, "Subject: first\r\n\r\n");
    fixture_store_text(f, "Subject: second\r\n\r\n");
    open_stream(f, "/api/v1/events", last, &s);
    const char *events = hear(&s);
    const char *first = strstr(events, "\"subject\":\"first\"");
    const char *second = strstr(events, "\"subject\":\"second\"");
    assert_true(first && second && first < second);
    close_stream(&s);
}

/* A message that is gone by the time it is told is not told as new. */
static void news_of_what_is_gone_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct stream s;
    open_stream(f, "/api/v1/events", NULL, &s);
    hear(&s);
    store_message_delete(f->store, fixture_store_text(f, "Subject: brief\r\n\r\n"));
    const char *events = hear(&s);
    assert_null(strstr(events, "message.created"));
    assert_non_null(strstr(events, "message.deleted"));
    close_stream(&s);
}

static void unknown_ids_are_reset(void **state)
{
    struct fixture *f = *state;
    struct stream s;
    open_stream(f, "/api/v1/events", "1000000000000000", &s);
    const char *event = hear(&s);
    assert_non_null(strstr(event, "event: reset\ndata: {}\n\n"));
    assert_null(strstr(event, "event: message"));
    fixture_store_text(f, "Subject: next\r\n\r\n");
    assert_non_null(strstr(hear(&s), "message.created"));
    close_stream(&s);
}

static void what_is_no_id_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const ids[] = { "yesterday", "-1", "9223372036854775808", "1.5" };
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct call c = with(call("GET", "/api/v1/events"), "Last-Event-ID", ids[i]);
        json_auto_t *problem = fixture_json(f, c, 400);
        const json_t *fault = json_array_get(json_object_get(problem, "errors"), 0);
        assert_string_equal(json_string_value(json_object_get(fault, "field")), "Last-Event-ID");
    }
}

/* Who reads late loses nothing or is told so, and is never given much at once. */
static void a_late_reader_gets_it_in_portions(void **state)
{
    enum { COUNT = 200 };
    struct fixture *f = *state;
    struct stream s;
    size_t heard = 0;
    open_stream(f, "/api/v1/events", NULL, &s);
    hear(&s);
    for (size_t i = 0; i < COUNT; i++)
        fixture_store_text(f, "Subject: x\r\n\r\n");
    for (const char *events = hear(&s); *events; events = hear(&s)) {
        assert_true(s.told.len < 100000);
        for (const char *at = events; (at = strstr(at, "event: message.created")); at++)
            heard++;
    }
    assert_int_equal(heard, COUNT);
    close_stream(&s);
}

static void a_huge_message_is_left_to_be_fetched(void **state)
{
    struct fixture *f = *state;
    struct stream s;
    struct buf raw AUTO(buf_done) = { 0 };
    buf_append(&raw, SPAN("To: "));
    for (size_t i = 0; i < 20000; i++)
        buf_append(&raw, SPAN("a@b.test,\r\n "));
    buf_append(&raw, SPAN("a@b.test\r\n\r\n"));
    open_stream(f, "/api/v1/events", NULL, &s);
    hear(&s);
    fixture_store(f, NULL, 0, buf_span(&raw));
    const char *event = hear(&s);
    assert_non_null(strstr(event, "event: reset\n"));
    assert_true(s.told.len < 1000);
    close_stream(&s);
}

static void one_inbox_alone(void **state)
{
    struct fixture *f = *state;
    struct stream s;
    int64_t deleted;
    open_stream(f, "/api/v1/events?inbox=Other", NULL, &s);
    hear(&s);
    fixture_store_text(f, "Subject: elsewhere\r\n\r\n");
    assert_int_equal(store_messages_clear(f->store, STORE_DEFAULT_INBOX, &deleted), 0);
    assert_string_equal(hear(&s), "");
    f->inbox_id = OTHER_INBOX;
    fixture_store_text(f, "Subject: here\r\n\r\n");
    assert_non_null(strstr(hear(&s), "\"subject\":\"here\""));
    assert_int_equal(store_messages_clear(f->store, 0, &deleted), 0);
    assert_non_null(strstr(hear(&s), "messages.cleared"));
    close_stream(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STORE(a_new_stream_says_where_it_begins),
        ON_STORE(news_is_told_once_and_in_order),
        ON_STORE(clearing_is_told),
        ON_STORE(the_end_of_a_session_is_told),
        ON_STORE(who_comes_back_hears_what_was_missed),
        ON_STORE(news_of_what_is_gone_is_left_out),
        ON_STORE(unknown_ids_are_reset),
        ON_STORE(what_is_no_id_is_refused),
        ON_STORE(a_late_reader_gets_it_in_portions),
        ON_STORE(a_huge_message_is_left_to_be_fetched),
        ON_TWO_INBOXES(one_inbox_alone),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include "api/access.h"
#include "http/throttle.h"

#include <stdio.h>

static const char admin_token[] = "the-administrators-token";

static int setup_locked(void **state)
{
    fixture_setup(state);
    struct fixture *f = *state;
    f->api.config.api_token = admin_token;
    f->api.config.ca_pem = "a certificate";
    return 0;
}

#define LOCKED(test) cmocka_unit_test_setup_teardown(test, setup_locked, fixture_teardown)

/* ---- a world for each route ---- */

/* An inbox with a message in it, and the session it came by. */
struct place {
    int64_t inbox_id, message_id, session_id;
    char token[64];
};

static void make_place(struct fixture *f, struct place *out)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    char id[24];
    out->inbox_id = f->inbox_id = fixture_add_inbox(f, NULL);
    out->session_id = f->session_id = store_session_id(f->store);
    out->message_id = fixture_store_text(f, "Content-Type: text/html\r\n\r\n<p>hello</p>\r\n");
    snprintf(id, sizeof(id), "%d", (int)out->inbox_id);
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_inbox_find(r, span_of(id), &arena, &inbox), 0);
    store_reader_return(r);
    snprintf(out->token, sizeof(out->token), "Bearer %s", inbox.api_token);
}

static bool is_session(const struct http_route *route)
{
    return span_starts_with(span_of(route->path), SPAN("/api/v1/sessions/#id"));
}

/* What stands for a parameter of a path in this place. */
static void put_parameter(struct buf *out, const struct http_route *route, struct span parameter,
                          const struct place *p)
{
    if (span_eq(parameter, SPAN(":inbox")))
        buf_printf(out, "%d", (int)p->inbox_id);
    else if (span_eq(parameter, SPAN("#id")))
        buf_printf(out, "%d", (int)(is_session(route) ? p->session_id : p->message_id));
    else if (span_eq(parameter, SPAN(":part")))
        buf_putc(out, '1');
    else
        fail_msg("what is %.*s? Say here which one is in a place.", SPAN_ARG(parameter));
}

static void put_target(struct buf *out, const struct http_route *route, const struct place *p)
{
    struct span rest = span_of(route->path);
    span_cut(&rest, '/');
    while (rest.len) {
        struct span segment = span_cut(&rest, '/');
        buf_putc(out, '/');
        if (segment.ptr[0] == ':' || segment.ptr[0] == '#')
            put_parameter(out, route, segment, p);
        else
            buf_append(out, segment);
    }
    if (strcmp(route->method, "DELETE") == 0 && route->query)
        buf_append(out, SPAN("?all=true"));
}

/* The status of a call to the route in this place; a body is an empty object. */
static int try_route(struct fixture *f, const struct http_route *route, const struct place *p,
                     const char *authorization)
{
    struct buf target AUTO(buf_done) = { 0 };
    struct answer a;
    put_target(&target, route, p);
    struct call c = call(route->method, buf_text(&target));
    c = with(c, "Authorization", authorization);
    if (route->body)
        c = sending(with(c, "Content-Type", "application/json"), "{}");
    fixture_answer(f, c, &a);
    forget(&a);
    return a.status;
}

static bool is_welcome(int status)
{
    return status < 300 || status == 400; /* the body may want more than an empty object has */
}

/* ---- the table ---- */

static void every_route_names_who_may_call_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct http_route *route = &api_routes[i];
        struct span path = span_of(route->path);
        bool has_inbox = strstr(route->path, ":inbox") != NULL;
        bool is_message = span_starts_with(path, SPAN("/api/v1/messages/#id"));
        assert_in_range(route->scope, API_OPEN, API_ADMIN);
        if (has_inbox)
            assert_true(route->scope == API_INBOX || route->scope == API_ADMIN);
        if (is_message)
            assert_true(route->scope == API_MESSAGE || route->scope == API_PART);
        if (is_session(route))
            assert_int_equal(route->scope, API_SESSION);
    }
}

static void nobody_gets_in_without_login(void **state)
{
    static const char *const wrong[] = {
        NULL,
        "Bearer wrong",
        "Bearer",
        "Basic YW5uOnNlY3JldA==",
        "Digest x",
        "Bearer the-administrators-toke",
        "Bearer the-administrators-tokens",
    };
    struct fixture *f = *state;
    struct place p;
    make_place(f, &p);
    for (size_t i = 0; i < api_route_count; i++)
        for (size_t k = 0; k < ARRAY_LEN(wrong); k++) {
            bool is_open = api_routes[i].scope == API_OPEN;
            int status = try_route(f, &api_routes[i], &p, wrong[k]);
            throttle_init(f->api.throttle);
            if (status != (is_open ? 200 : 401))
                fail_msg("%s %s: %d", api_routes[i].method, api_routes[i].path, status);
        }
}

static void a_token_opens_its_inbox_and_no_other(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct http_route *route = &api_routes[i];
        struct place own, other;
        make_place(f, &own);
        make_place(f, &other);
        bool is_bound = route->scope == API_INBOX || route->scope == API_MESSAGE ||
                        route->scope == API_PART || route->scope == API_SESSION;
        bool is_closed = route->scope == API_ADMIN;
        int status = try_route(f, route, &other, own.token);
        if (is_bound || is_closed ? status != 404 : !is_welcome(status))
            fail_msg("%s %s of another: %d", route->method, route->path, status);
        status = try_route(f, route, &own, own.token);
        if (is_closed ? status != 404 : !is_welcome(status) && !strstr(route->path, "/text"))
            fail_msg("%s %s of its own: %d", route->method, route->path, status);
    }
}

static void the_administrator_gets_everywhere(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct http_route *route = &api_routes[i];
        struct place p;
        make_place(f, &p);
        int status = try_route(f, route, &p, "Bearer the-administrators-token");
        if (!is_welcome(status) && !strstr(route->path, "/text"))
            fail_msg("%s %s: %d", route->method, route->path, status);
    }
}

/* ---- what is narrowed ---- */

static json_t *ask_with(struct fixture *f, const char *method, const char *target,
                        const char *authorization, int status)
{
    return fixture_json(f, with(call(method, target), "Authorization", authorization), status);
}

static int64_t id_of(const json_t *thing)
{
    return json_integer_value(json_object_get(thing, "id"));
}

static void expect_alone(struct fixture *f, const char *target, const char *token, int64_t id)
{
    json_auto_t *list = ask_with(f, "GET", target, token, 200);
    const json_t *items = json_object_get(list, "items");
    assert_int_equal(json_array_size(items), 1);
    assert_int_equal(id_of(json_array_get(items, 0)), id);
    assert_int_equal(json_integer_value(json_object_get(list, "total")), 1);
}

/* The session is over. */
static void report(struct fixture *f, int64_t session_id, int64_t inbox_id)
{
    struct store_report *r = store_report_new();
    r->session = (struct store_session){
        .id = session_id, .inbox_id = inbox_id, .outcome = STORE_QUIT, .message_count = 2
    };
    store_session_report(f->store, r);
    assert_int_not_equal(store_message_delete(f->store, INT64_MAX), 0); /* the writer has done it */
}

static void lists_show_a_token_its_own(void **state)
{
    struct fixture *f = *state;
    struct place own, other;
    char target[128];
    make_place(f, &own);
    make_place(f, &other);
    expect_alone(f, "/api/v1/inboxes", own.token, own.inbox_id);
    expect_alone(f, "/api/v1/messages", own.token, own.message_id);
    report(f, own.session_id, own.inbox_id);
    report(f, other.session_id, other.inbox_id);
    expect_alone(f, "/api/v1/sessions", own.token, own.session_id);
    json_auto_t *latest = ask_with(f, "GET", "/api/v1/messages/latest", own.token, 200);
    assert_int_equal(id_of(latest), own.message_id);
    snprintf(target, sizeof(target), "/api/v1/messages/latest?inbox=%d", (int)other.inbox_id);
    json_decref(ask_with(f, "GET", target, own.token, 404));
    snprintf(target, sizeof(target), "/api/v1/events?inbox=%d", (int)other.inbox_id);
    json_decref(ask_with(f, "GET", target, own.token, 404));
    json_decref(ask_with(f, "GET", "/api/v1/messages/latest?inbox=nobody", own.token, 404));
    json_auto_t *deleted = ask_with(f, "DELETE", "/api/v1/messages?all=true", own.token, 200);
    assert_int_equal(json_integer_value(json_object_get(deleted, "deleted")), 1);
    json_decref(ask_with(f, "GET", message_path(other.message_id, ""), other.token, 200));
}

/* Of news, too. */
static void a_token_hears_of_its_own(void **state)
{
    struct fixture *f = *state;
    struct place own, other;
    struct buf text AUTO(buf_done) = { 0 };
    make_place(f, &own);
    make_place(f, &other);
    struct http_request r;
    const struct http_site site = { .routes = api_routes,
                                    .route_count = api_route_count,
                                    .admit = api_admit };
    struct http_response res = respond(
        &site, &f->api, with(call("GET", "/api/v1/events"), "Authorization", own.token), &r);
    assert_int_equal(res.status, 200);
    f->inbox_id = other.inbox_id;
    fixture_store_text(f, "Subject: foreign\r\n\r\n");
    f->inbox_id = own.inbox_id;
    fixture_store_text(f, "Subject: mine\r\n\r\n");
    fixture_add_inbox(f, "foreign-inbox");
    res.next(res.arg, &text);
    assert_non_null(strstr(buf_text(&text), "mine"));
    assert_null(strstr(buf_text(&text), "foreign"));
    http_response_done(&res);
    http_request_done(&r);
}

/* ---- the answers ---- */

static void login_is_asked_for(void **state)
{
    static const struct {
        const char *authorization, *challenge;
    } cases[] = {
        { NULL, "Basic realm=\"Mailstop\", charset=\"UTF-8\"" },
        { "Basic YW5uOnNlY3JldA==", "Basic realm=\"Mailstop\", charset=\"UTF-8\"" },
        { "Bearer wrong", "Bearer realm=\"Mailstop\", error=\"invalid_token\"" },
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a;
        fixture_ask(f,
                    with(call("GET", "/api/v1/messages"), "Authorization", cases[i].authorization),
                    401, &a);
        assert_string_equal(header(&a, "WWW-Authenticate"), cases[i].challenge);
        forget(&a);
    }
}

static void the_page_is_behind_the_login(void **state)
{
    struct fixture *f = *state;
    static const char *const targets[] = { "/", "/inbox/default", "/nothing", "/api/v1/nothing" };
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        struct answer a;
        fixture_ask(f, call("GET", targets[i]), 401, &a);
        forget(&a);
    }
    struct answer a;
    fixture_ask(f, call("OPTIONS", "/api/v1/messages"), 204, &a); /* shows nothing */
    forget(&a);
}

/* The pictures of a message's HTML are let in, and nothing else is by the same ticket. */
static void pictures_have_tickets(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    char target[128];
    static const char admin[] = "Bearer the-administrators-token";
    static const char raw[] = "Content-Type: multipart/related; boundary=b\r\n\r\n"
                              "--b\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:a\">\r\n"
                              "--b\r\nContent-Type: image/png\r\nContent-ID: <a>\r\n\r\nx\r\n"
                              "--b--\r\n";
    int64_t id = fixture_store_text(f, raw), other = fixture_store_text(f, raw);
    fixture_ask(f, with(call("GET", message_path(id, "/html")), "Authorization", admin), 200, &a);
    char *ticket = strstr(buf_text(&a.body), "?ticket=");
    assert_non_null(ticket);
    ticket[8 + API_TICKET_LEN] = '\0';
    snprintf(target, sizeof(target), "/parts/2%s", ticket);
    forget(&a);
    fixture_ask(f, call("GET", message_path(id, target)), 200, &a);
    forget(&a);
    json_decref(fixture_json(f, call("GET", message_path(id, "/parts/2")), 401));
    json_decref(fixture_json(f, call("GET", message_path(other, target)), 401));
    target[strlen(target) - 1] ^= 1;
    json_decref(fixture_json(f, call("GET", message_path(id, target)), 401));
    snprintf(target, sizeof(target), "/raw%s", strchr(target, '?'));
    json_decref(fixture_json(f, call("GET", message_path(id, target)), 401));
}

static void links_have_no_tickets_where_everybody_may_call(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    int64_t id = fixture_store_text(f, "Content-Type: multipart/related; boundary=b\r\n\r\n"
                                       "--b\r\nContent-Type: text/html\r\n\r\n"
                                       "<img src=\"cid:a\">\r\n"
                                       "--b\r\nContent-ID: <a>\r\n\r\nx\r\n--b--\r\n");
    fixture_ask(f, call("GET", message_path(id, "/html")), 200, &a);
    assert_span(buf_span(&a.body), "<img src=\"parts/2\">");
    forget(&a);
}

/* Browsers ask for a name and a password. */
static void the_administrators_token_is_a_password_too(void **state)
{
    struct fixture *f = *state;
    json_decref(
        ask_with(f, "GET", "/api/v1/info", "Basic YW5uOnRoZS1hZG1pbmlzdHJhdG9ycy10b2tlbg==", 200));
}

static void guessing_is_slowed(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    for (int i = 0; i < THROTTLE_BURST; i++)
        json_decref(ask_with(f, "GET", "/api/v1/info", "Bearer guess", 401));
    fixture_ask(f, with(call("GET", "/api/v1/info"), "Authorization", "Bearer guess"), 429, &a);
    assert_string_equal(header(&a, "Retry-After"), "1");
    forget(&a);
    json_decref(ask_with(f, "GET", "/api/v1/info", "Bearer the-administrators-token", 429));
    json_decref(ask_with(f, "GET", "/api/v1/info", NULL, 401)); /* nothing was guessed */
    json_decref(ask_with(f, "GET", "/healthz", "Bearer guess", 200));
}

/* With nothing configured everybody may do everything, and a token that is sent still counts. */
static void without_locks_tokens_narrow(void **state)
{
    struct fixture *f = *state;
    struct place own, other;
    make_place(f, &own);
    make_place(f, &other);
    json_decref(ask_with(f, "GET", "/api/v1/info", NULL, 200));
    json_decref(ask_with(f, "GET", "/api/v1/info", "Basic YW5uOnNlY3JldA==", 200));
    json_decref(ask_with(f, "GET", "/api/v1/info", "Digest x", 200));
    json_decref(ask_with(f, "GET", "/api/v1/info", own.token, 404));
    json_decref(ask_with(f, "GET", message_path(own.message_id, ""), own.token, 200));
    json_decref(ask_with(f, "GET", message_path(other.message_id, ""), own.token, 404));
    json_decref(ask_with(f, "GET", message_path(other.message_id, ""), NULL, 200));
    json_decref(ask_with(f, "GET", "/api/v1/messages", "Bearer wrong", 401));
}

/* One session may bring messages for several inboxes. */
static void a_transcript_shows_a_token_its_own(void **state)
{
    struct fixture *f = *state;
    struct place own;
    make_place(f, &own);
    f->inbox_id = STORE_DEFAULT_INBOX;
    fixture_store_text(f, "Subject: of somebody else\r\n\r\n");
    report(f, own.session_id, STORE_DEFAULT_INBOX);
    json_auto_t *all = ask_with(f, "GET", message_path(own.message_id, "/transcript"),
                                "Bearer the-administrators-token", 200);
    assert_int_equal(json_array_size(json_object_get(all, "messages")), 2);
    json_auto_t *t =
        ask_with(f, "GET", message_path(own.message_id, "/transcript"), own.token, 200);
    assert_int_equal(json_array_size(json_object_get(t, "messages")), 1);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(t, "messages"), 0)),
                     own.message_id);
    assert_int_equal(json_integer_value(json_object_get(t, "message_count")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_names_who_may_call_it),
        LOCKED(nobody_gets_in_without_login),
        LOCKED(a_token_opens_its_inbox_and_no_other),
        LOCKED(the_administrator_gets_everywhere),
        LOCKED(lists_show_a_token_its_own),
        LOCKED(a_transcript_shows_a_token_its_own),
        LOCKED(a_token_hears_of_its_own),
        LOCKED(login_is_asked_for),
        LOCKED(the_page_is_behind_the_login),
        LOCKED(pictures_have_tickets),
        ON_STORE(links_have_no_tickets_where_everybody_may_call),
        LOCKED(the_administrators_token_is_a_password_too),
        LOCKED(guessing_is_slowed),
        ON_STORE(without_locks_tokens_narrow),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include "core/clock.h"

#include <stdio.h>

static struct call with_json(const char *method, const char *target, const char *body)
{
    return sending(with(call(method, target), "Content-Type", "application/json"), body);
}

static json_t *post(struct fixture *f, const char *body, int status)
{
    return fixture_json(f, with_json("POST", "/api/v1/inboxes", body), status);
}

static const char *text(const json_t *inbox, const char *name)
{
    return json_string_value(json_object_get(inbox, name));
}

static const char *smtp_text(const json_t *inbox, const char *name)
{
    return text(json_object_get(inbox, "smtp"), name);
}

/* ---- making ---- */

static void a_new_inbox_has_every_field(void **state)
{
    struct fixture *f = *state;
    struct answer a;
    fixture_ask(f, with_json("POST", "/api/v1/inboxes", "{\"name\": \"Sign-Up\"}"), 201, &a);
    assert_string_equal(header(&a, "Location"), "/api/v1/inboxes/2");
    json_auto_t *made = json_body(&a);
    forget(&a);
    json_auto_t *found = fixture_json(f, call("GET", "/api/v1/inboxes/2"), 200);
    assert_true(json_equal(made, found));
    assert_string_equal(text(made, "name"), "Sign-Up");
    assert_string_equal(smtp_text(made, "username"), "Sign-Up");
    assert_true(json_is_null(json_object_get(made, "expires_at")));
    assert_int_equal(json_array_size(json_object_get(made, "recipients")), 0);
    assert_int_equal(json_integer_value(json_object_get(made, "message_count")), 0);
    assert_int_equal(strlen(text(made, "api_token")), 28);
}

static void an_inbox_needs_no_name(void **state)
{
    struct fixture *f = *state;
    json_auto_t *a = post(f, "{}", 201);
    json_auto_t *b = post(f, "{}", 201);
    assert_string_not_equal(text(a, "name"), text(b, "name"));
    char target[128];
    snprintf(target, sizeof(target), "/api/v1/inboxes/%s", text(a, "name"));
    json_auto_t *found = fixture_json(f, call("GET", target), 200);
    assert_true(json_equal(a, found));
}

static void an_inbox_expires_when_it_should(void **state)
{
    struct fixture *f = *state;
    char soonest[RFC3339_SIZE], latest[RFC3339_SIZE];
    clock_rfc3339(clock_now_ms() + 3600 * 1000, soonest);
    json_auto_t *inbox = post(f, "{\"ttl_seconds\": 3600}", 201);
    clock_rfc3339(clock_now_ms() + 3600 * 1000, latest);
    assert_true(strcmp(text(inbox, "expires_at"), soonest) >= 0);
    assert_true(strcmp(text(inbox, "expires_at"), latest) <= 0);
    json_auto_t *lasting = post(f, "{\"ttl_seconds\": null}", 201);
    assert_true(json_is_null(json_object_get(lasting, "expires_at")));
}

static void wishes_are_checked(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *body, *field;
    } cases[] = {
        { "{\"name\": \"\"}", "name" },
        { "{\"name\": \"42\"}", "name" },
        { "{\"name\": \"..\"}", "name" },
        { "{\"name\": \"a b\"}", "name" },
        { "{\"name\": \"app@shop.test\"}", "name" },
        { "{\"name\": \"\xC3\xA4\"}", "name" },
        { "{\"name\": null}", "name" },
        { "{\"name\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
          "name" },
        { "{\"ttl_seconds\": 0}", "ttl_seconds" },
        { "{\"ttl_seconds\": -1}", "ttl_seconds" },
        { "{\"ttl_seconds\": 316224001}", "ttl_seconds" },
        { "{\"ttl_seconds\": 1.5}", "ttl_seconds" },
        { "{\"recipients\": \"*\"}", "recipients" },
        { "{\"recipients\": [\"\"]}", "recipients" },
        { "{\"recipients\": [\"a b\"]}", "recipients" },
        { "{\"recipients\": [\"a\\n\"]}", "recipients" },
        { "{\"nmae\": \"x\"}", "nmae" },
        { "{\"smtp\": {}}", "smtp" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_auto_t *problem = post(f, cases[i].body, 400);
        const json_t *fault = json_array_get(json_object_get(problem, "errors"), 0);
        assert_string_equal(text(fault, "field"), cases[i].field);
    }
    json_auto_t *list = fixture_json(f, call("GET", "/api/v1/inboxes"), 200);
    assert_int_equal(json_integer_value(json_object_get(list, "total")), 1);
}

static void taken_names_are_told(void **state)
{
    struct fixture *f = *state;
    json_decref(post(f, "{\"name\": \"Default\"}", 409));
    json_decref(post(f, "{\"name\": \"shop\"}", 201));
    json_decref(post(f, "{\"name\": \"SHOP\"}", 409));
    json_decref(fixture_json(
        f, with_json("PATCH", "/api/v1/inboxes/shop", "{\"name\": \"default\"}"), 409));
}

/* ---- where to send ---- */

static void expect_endpoint(struct fixture *f, const char *host_field, const char *host,
                            const char *url_end)
{
    json_auto_t *inbox =
        fixture_json(f, with(call("GET", "/api/v1/inboxes/shop"), "Host", host_field), 200);
    char url[256];
    snprintf(url, sizeof(url), "smtp://shop:%s@%s", smtp_text(inbox, "password"), url_end);
    assert_string_equal(smtp_text(inbox, "host"), host);
    assert_string_equal(smtp_text(inbox, "url"), url);
}

static void the_address_is_one_that_can_be_reached(void **state)
{
    struct fixture *f = *state;
    static const struct {
        struct api_listener listeners[2];
        const char *host_field, *host, *url_end;
    } cases[] = {
        { { { "smtp", "127.0.0.1:1025" } }, "127.0.0.1:8025", "127.0.0.1", "127.0.0.1:1025" },
        { { { "smtp", "[::1]:1025" } }, "127.0.0.1:8025", "::1", "[::1]:1025" },
        { { { "smtp", "127.0.0.1:1025" }, { "smtp", "192.0.2.7:25" } },
          "localhost",
          "192.0.2.7",
          "192.0.2.7:25" },
        { { { "smtps", "192.0.2.7:465" }, { "smtp", "127.0.0.1:1025" } },
          "localhost",
          "127.0.0.1",
          "127.0.0.1:1025" },
        { { { "smtp", "0.0.0.0:1025" } }, "localhost:8025", "localhost", "localhost:1025" },
        { { { "smtp", "[::]:1025" } }, "[2001:db8::1]:80", "2001:db8::1", "[2001:db8::1]:1025" },
    };
    json_decref(post(f, "{\"name\": \"shop\"}", 201));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        f->api.config.listeners = cases[i].listeners;
        f->api.config.listener_count = cases[i].listeners[1].protocol ? 2 : 1;
        expect_endpoint(f, cases[i].host_field, cases[i].host, cases[i].url_end);
    }
}

static void without_a_port_there_is_no_address(void **state)
{
    struct fixture *f = *state;
    json_auto_t *inbox = fixture_json(f, call("GET", "/api/v1/inboxes/1"), 200);
    const json_t *smtp = json_object_get(inbox, "smtp");
    assert_true(json_is_null(json_object_get(smtp, "host")));
    assert_true(json_is_null(json_object_get(smtp, "port")));
    assert_true(json_is_null(json_object_get(smtp, "url")));
}

/* ---- changing ---- */

static json_t *patch(struct fixture *f, const char *inbox, const char *body, int status)
{
    char target[128];
    snprintf(target, sizeof(target), "/api/v1/inboxes/%s", inbox);
    return fixture_json(f, with_json("PATCH", target, body), status);
}

static void patches_change_what_they_name(void **state)
{
    struct fixture *f = *state;
    json_decref(post(f, "{\"name\": \"shop\"}", 201));
    json_auto_t *a = patch(f, "shop", "{\"recipients\": [\"*@shop.test\", \"a@b.test\"]}", 200);
    assert_int_equal(json_array_size(json_object_get(a, "recipients")), 2);
    json_auto_t *b = patch(f, "shop", "{\"ttl_seconds\": 60, \"name\": \"stall\"}", 200);
    assert_int_equal(json_array_size(json_object_get(b, "recipients")), 2);
    assert_string_equal(text(b, "name"), "stall");
    assert_string_equal(smtp_text(b, "username"), "shop");
    assert_true(json_is_string(json_object_get(b, "expires_at")));
    json_auto_t *c = patch(f, "2", "{\"ttl_seconds\": null, \"recipients\": []}", 200);
    assert_true(json_is_null(json_object_get(c, "expires_at")));
    assert_int_equal(json_array_size(json_object_get(c, "recipients")), 0);
    json_decref(patch(f, "shop", "{\"name\": \"x\"}", 404));
    json_decref(patch(f, "stall", "{}", 400));
    json_decref(patch(f, "stall", "{\"name\": \"..\"}", 400));
}

static void the_default_inbox_stays_what_it_is(void **state)
{
    struct fixture *f = *state;
    json_decref(patch(f, "default", "{\"name\": \"other\"}", 409));
    json_decref(patch(f, "1", "{\"ttl_seconds\": 60}", 409));
    json_decref(patch(f, "1", "{\"ttl_seconds\": null}", 200));
    json_decref(patch(f, "1", "{\"recipients\": [\"*@shop.test\"]}", 200));
}

static void credentials_are_renewed(void **state)
{
    struct fixture *f = *state;
    json_auto_t *before = post(f, "{\"name\": \"shop\"}", 201);
    json_auto_t *after = fixture_json(f, call("POST", "/api/v1/inboxes/shop/credentials"), 200);
    assert_string_not_equal(smtp_text(before, "password"), smtp_text(after, "password"));
    assert_string_not_equal(text(before, "api_token"), text(after, "api_token"));
    json_decref(fixture_json(f, call("POST", "/api/v1/inboxes/nobody/credentials"), 404));
}

/* ---- lists ---- */

static void lists_come_in_pages(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 59; i++)
        json_decref(post(f, "{}", 201));
    json_auto_t *newest = fixture_json(f, call("GET", "/api/v1/inboxes"), 200);
    const json_t *items = json_object_get(newest, "items");
    assert_int_equal(json_array_size(items), 50);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(items, 0), "id")), 60);
    assert_int_equal(json_integer_value(json_object_get(newest, "total")), 60);
    assert_int_equal(json_integer_value(json_object_get(newest, "next")), 11);
    json_auto_t *rest = fixture_json(f, call("GET", "/api/v1/inboxes?before=11"), 200);
    assert_int_equal(json_array_size(json_object_get(rest, "items")), 10);
    assert_true(json_is_null(json_object_get(rest, "next")));
    json_auto_t *oldest = fixture_json(f, call("GET", "/api/v1/inboxes?after=0&limit=2"), 200);
    items = json_object_get(oldest, "items");
    assert_string_equal(text(json_array_get(items, 0), "name"), "default");
    assert_int_equal(json_integer_value(json_object_get(oldest, "next")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STORE(a_new_inbox_has_every_field),
        ON_STORE(an_inbox_needs_no_name),
        ON_STORE(an_inbox_expires_when_it_should),
        ON_STORE(wishes_are_checked),
        ON_STORE(taken_names_are_told),
        ON_STORE(the_address_is_one_that_can_be_reached),
        ON_STORE(without_a_port_there_is_no_address),
        ON_STORE(patches_change_what_they_name),
        ON_STORE(the_default_inbox_stays_what_it_is),
        ON_STORE(credentials_are_renewed),
        ON_STORE(lists_come_in_pages),
    };
    return RUN_TESTS(tests);
}

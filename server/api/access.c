#include "api/access.h"

#include "api/people.h"
#include "api/private.h"
#include "core/clock.h"
#include "http/authorization.h"
#include "http/throttle.h"
#include "secret/secret.h"

#include <errno.h>
#include <stdio.h>

int64_t api_own_inbox(const struct http_request *r)
{
    return r->caller;
}

static struct http_response pass(void)
{
    return (struct http_response){ 0 };
}

/* ---- who it is ---- */

/* There is somebody to keep out: otherwise everybody is the administrator, and only a token that
 * is sent is held to be meant. */
static bool is_locked(const struct api *a)
{
    return a->people || a->config.api_token;
}

static bool is_admin_token(const struct api *a, struct span token)
{
    return a->config.api_token && secret_equal(token, span_of(a->config.api_token));
}

/* -ENOENT: nobody's. */
static int find_token(struct http_request *r, struct span token)
{
    struct store_inbox inbox;
    if (is_admin_token(api_of(r), token))
        return 0;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_inbox_of_token(reader, token, &r->arena, &inbox);
    if (!err)
        r->caller = inbox.id;
    return err;
}

/* A person, or anybody who has the administrator's token for a password: browsers ask for those. */
static int find_person(const struct http_request *r, const struct http_credentials *c)
{
    const struct api *a = api_of(r);
    if (is_admin_token(a, c->password) ||
        (a->people && people_check(a->people, c->user, c->password)))
        return 0;
    return -ENOENT;
}

static int identify(struct http_request *r, const struct http_credentials *c)
{
    switch (c->scheme) {
    case HTTP_BEARER: return find_token(r, c->token);
    case HTTP_BASIC: return find_person(r, c);
    default: return -ENOENT;
    }
}

/* ---- turning away ---- */

/* RFC 6750 section 3 and RFC 7617 section 2. */
static const char bearer_challenge[] = "Bearer realm=\"Mailstop\", error=\"invalid_token\"";
static const char basic_challenge[] = "Basic realm=\"Mailstop\", charset=\"UTF-8\"";

static struct http_response ask_for_login(enum http_scheme scheme)
{
    struct http_response res =
        scheme == HTTP_ANONYMOUS
            ? http_problem(401, "Log in, or send the token of an inbox or the administrator's as "
                                "'Authorization: Bearer ...'")
            : http_problem(401, "That is no login and no token that is good here");
    http_set_header(&res, "WWW-Authenticate",
                    scheme == HTTP_BEARER ? bearer_challenge : basic_challenge);
    return res;
}

static struct http_response slow_down(struct http_request *r, unsigned wait_s)
{
    struct http_response res = http_problem(
        429, "Too many logins from %s were wrong; try again in %u seconds", r->ip, wait_s);
    http_set_header(&res, "Retry-After", arena_printf(&r->arena, "%u", wait_s));
    return res;
}

static struct http_response check_credentials(struct http_request *r,
                                              const struct http_credentials *c)
{
    struct throttle *t = api_of(r)->throttle;
    unsigned wait_s = throttle_wait_s(t, span_of(r->ip), clock_steady_us());
    if (wait_s)
        return slow_down(r, wait_s);
    int err = identify(r, c);
    if (err == -ENOENT) {
        throttle_blame(t, span_of(r->ip), clock_steady_us());
        return ask_for_login(c->scheme);
    }
    return err ? api_store_problem(err, "inbox") : pass();
}

static struct http_response check_caller(struct http_request *r)
{
    struct http_credentials c = http_credentials(r);
    bool is_meant = is_locked(api_of(r)) ? c.scheme != HTTP_ANONYMOUS : c.scheme == HTTP_BEARER;
    if (is_meant)
        return check_credentials(r, &c);
    return is_locked(api_of(r)) ? ask_for_login(c.scheme) : pass();
}

/* ---- tickets ---- */

static void make_ticket(const struct http_request *r, char out[API_TICKET_LEN + 1])
{
    struct span id = http_parameter(r, "id");
    struct secret_digest mac = secret_mac(span_of(api_of(r)->ticket_key), id);
    for (size_t i = 0; i < API_TICKET_LEN / 2; i++)
        snprintf(out + 2 * i, 3, "%02x", mac.bytes[i]);
}

const char *api_ticket(struct http_request *r)
{
    char ticket[API_TICKET_LEN + 1];
    if (!is_locked(api_of(r)))
        return "";
    make_ticket(r, ticket);
    return arena_printf(&r->arena, "?ticket=%s", ticket);
}

static bool has_ticket(const struct http_request *r)
{
    char ticket[API_TICKET_LEN + 1];
    for (size_t i = 0; i < r->query.count; i++)
        if (span_eq(r->query.items[i].name, SPAN("ticket"))) {
            make_ticket(r, ticket);
            return secret_equal(r->query.items[i].value, span_of(ticket));
        }
    return false;
}

/* ---- what it may see ---- */

static struct http_response check_inbox(struct http_request *r)
{
    int64_t id;
    int err = api_find_inbox(r, &id);
    if (!err && id != r->caller)
        err = -ENOENT;
    return err ? api_store_problem(err, "inbox") : pass();
}

static struct http_response check_message(struct http_request *r)
{
    int64_t inbox_id;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_message_inbox(reader, http_parameter_id(r, "id"), &inbox_id);
    if (!err && inbox_id != r->caller)
        err = -ENOENT;
    return err ? api_store_problem(err, "message") : pass();
}

static struct http_response check_session(struct http_request *r)
{
    struct store_session session;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_session_get(reader, http_parameter_id(r, "id"), &r->arena, &session);
    if (!err && session.inbox_id != r->caller)
        err = -ENOENT;
    return err ? api_store_problem(err, "session") : pass();
}

static struct http_response refuse(struct http_request *r)
{
    (void)r;
    return http_problem(404, "There is nothing here for the token of an inbox; the administrator's "
                             "opens it");
}

static struct http_response let_pass(struct http_request *r)
{
    (void)r;
    return pass();
}

/* Of a caller who has one inbox. */
static http_handler *const checks[] = {
    [API_OPEN] = let_pass,         [API_ANYBODY] = let_pass,      [API_OWN] = let_pass,
    [API_INBOX] = check_inbox,     [API_MESSAGE] = check_message, [API_PART] = check_message,
    [API_SESSION] = check_session, [API_ADMIN] = refuse,
};

struct http_response api_admit(struct http_request *r)
{
    enum api_scope scope = r->route ? (enum api_scope)r->route->scope : API_ANYBODY;
    if (scope == API_OPEN || (scope == API_PART && has_ticket(r)))
        return pass();
    struct http_response res = check_caller(r);
    return res.status || r->caller == API_EVERYTHING ? res : checks[scope](r);
}

int api_narrow(struct http_request *r, const char *inbox, int64_t *out)
{
    struct store_inbox found = { .id = r->caller };
    if (inbox) {
        struct store_reader *reader AUTO(api_return) = api_lease(r);
        int err = store_inbox_find(reader, span_of(inbox), &r->arena, &found);
        if (err)
            return err;
    }
    if (r->caller != API_EVERYTHING && found.id != r->caller)
        return -ENOENT;
    *out = found.id;
    return 0;
}

#include "api/inboxes.h"

#include "api/access.h"
#include "api/json.h"
#include "core/clock.h"

#include <errno.h>
#include <inttypes.h>

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500 };
enum { NOT_GIVEN = -2 }; /* of what may be null */
enum { TTL_MAX_S = 10 * 366 * 24 * 3600 };

#define LIMIT_OF_LIMITS INT64_C(1000000000000000)

struct inboxes_query {
    int64_t limit, before, after;
};

struct inbox_body {
    const char *name;
    int64_t ttl_seconds;
    struct http_texts recipients;
    int64_t max_messages, max_age_seconds, max_bytes;
};

#define IN_BODY(member) offsetof(struct inbox_body, member)

/* clang-format off */
const struct http_field inboxes_query[] = {
    { "limit",  HTTP_INTEGER, offsetof(struct inboxes_query, limit),  1, LIMIT_MAX },
    { "before", HTTP_INTEGER, offsetof(struct inboxes_query, before), 1, INT64_MAX },
    { "after",  HTTP_INTEGER, offsetof(struct inboxes_query, after),  0, INT64_MAX },
    { 0 },
};

const struct http_field inbox_wish[] = {
    { "name",        HTTP_TEXT,            IN_BODY(name),        1, STORE_INBOX_NAME_MAX },
    { "ttl_seconds", HTTP_INTEGER_OR_NULL, IN_BODY(ttl_seconds), 1, TTL_MAX_S },
    { "recipients",  HTTP_TEXTS,           IN_BODY(recipients),  1, STORE_PATTERN_MAX },
    { "limits.max_messages",    HTTP_INTEGER_OR_NULL, IN_BODY(max_messages),    1, LIMIT_OF_LIMITS },
    { "limits.max_age_seconds", HTTP_INTEGER_OR_NULL, IN_BODY(max_age_seconds), 1, TTL_MAX_S },
    { "limits.max_bytes",       HTTP_INTEGER_OR_NULL, IN_BODY(max_bytes),       1, LIMIT_OF_LIMITS },
    { 0 },
};
/* clang-format on */

/* ---- an inbox as JSON ---- */

struct view {
    struct store_inbox inbox;
    const char *host; /* NULL: nowhere */
    int64_t port;
};

static json_t *time_or_null(const void *at)
{
    return *(const int64_t *)at ? json_time(at) : json_null();
}

static json_t *recipients(const void *at)
{
    const struct store_texts *texts = at;
    json_t *array = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(array, json_text(&texts->items[i]));
    return array;
}

/* Unreserved characters of RFC 3986 section 2.3 stand for themselves. */
static void put_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        char c = *text;
        bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (is_unreserved)
            buf_putc(out, c);
        else
            buf_printf(out, "%%%02X", (unsigned char)c);
    }
}

static json_t *url(const void *at)
{
    const struct view *v = at;
    struct buf text AUTO(buf_done) = { 0 };
    if (!v->host)
        return json_null();
    buf_append(&text, SPAN("smtp://"));
    put_escaped(&text, v->inbox.username);
    if (v->inbox.password)
        buf_printf(&text, ":%s", v->inbox.password);
    bool is_v6 = span_find(span_of(v->host), ':') < span_of(v->host).len;
    buf_printf(&text, is_v6 ? "@[%s]:%" PRId64 : "@%s:%" PRId64, v->host, v->port);
    return json_stringn(text.ptr, text.len);
}

#define IN_VIEW(member) offsetof(struct view, member)

const struct json_column inbox_smtp_columns[] = {
    { "username", json_text, IN_VIEW(inbox.username) },
    { "password", json_text, IN_VIEW(inbox.password) },
    { "host", json_text, IN_VIEW(host) },
    { "port", json_number_or_null, IN_VIEW(port) },
    { "url", url, 0 },
    { 0 },
};

static json_t *smtp(const void *at)
{
    return json_write(inbox_smtp_columns, at);
}

const struct json_column inbox_limits_columns[] = {
    { "max_messages", json_number_or_null, IN_VIEW(inbox.limits.max_messages) },
    { "max_age_seconds", json_number_or_null, IN_VIEW(inbox.limits.max_age_seconds) },
    { "max_bytes", json_number_or_null, IN_VIEW(inbox.limits.max_bytes) },
    { 0 },
};

static json_t *limits(const void *at)
{
    return json_write(inbox_limits_columns, at);
}

const struct json_column inbox_columns[] = {
    { "id", json_number, IN_VIEW(inbox.id) },
    { "name", json_text, IN_VIEW(inbox.name) },
    { "created_at", json_time, IN_VIEW(inbox.created_at_ms) },
    { "expires_at", time_or_null, IN_VIEW(inbox.expires_at_ms) },
    { "smtp", smtp, 0 },
    { "api_token", json_text, IN_VIEW(inbox.api_token) },
    { "recipients", recipients, IN_VIEW(inbox.recipients) },
    { "limits", limits, 0 },
    { "message_count", json_number, IN_VIEW(inbox.message_count) },
    { "unread_count", json_number, IN_VIEW(inbox.unread_count) },
    { "size_bytes", json_number, IN_VIEW(inbox.size_bytes) },
    { "pruned_count", json_number, IN_VIEW(inbox.pruned_count) },
    { "last_message_at", time_or_null, IN_VIEW(inbox.last_message_at_ms) },
    { 0 },
};

json_t *inbox_json(const struct store_inbox *inbox, const struct api_endpoint *endpoint)
{
    const struct view v = {
        .inbox = *inbox,
        .host = *endpoint->host ? endpoint->host : NULL,
        .port = endpoint->port,
    };
    return json_write(inbox_columns, &v);
}

/* As it is now. */
static struct http_response show(struct http_request *r, int status, struct span id_or_name)
{
    struct store_inbox inbox;
    struct api_endpoint endpoint = api_endpoint(r);
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_inbox_find(reader, id_or_name, &r->arena, &inbox);
    return err ? api_store_problem(err, "inbox") : http_json(status, inbox_json(&inbox, &endpoint));
}

static const char *number(struct http_request *r, int64_t id)
{
    return arena_printf(&r->arena, "%" PRId64, id);
}

/* ---- reading ---- */

static json_t *list_json(const struct http_request *r, const struct store_inbox_page *page)
{
    struct api_endpoint endpoint = api_endpoint(r);
    json_t *items = json_array();
    for (size_t i = 0; i < page->count; i++)
        json_array_append_new(items, inbox_json(&page->items[i], &endpoint));
    json_t *next = page->has_more ? json_integer(page->items[page->count - 1].id) : json_null();
    return json_pack("{s:o, s:I, s:o}", "items", items, "total", (json_int_t)page->total, "next",
                     next);
}

struct http_response inboxes_list(struct http_request *r)
{
    struct inboxes_query q = { LIMIT_DEFAULT, 0, NOT_GIVEN };
    http_read_query(r, &q);
    bool oldest_first = q.after != NOT_GIVEN;
    const struct store_list list = {
        .inbox_id = api_own_inbox(r),
        .before = q.before,
        .after = oldest_first ? q.after : 0,
        .oldest_first = oldest_first,
        .limit = (size_t)q.limit,
    };
    struct store_inbox_page page;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_inboxes_list(reader, &list, &r->arena, &page);
    return err ? api_store_problem(err, "inbox") : http_json(200, list_json(r, &page));
}

struct http_response inbox_get(struct http_request *r)
{
    return show(r, 200, http_parameter(r, "inbox"));
}

/* ---- making and changing ---- */

static struct http_response problem(const struct http_request *r, int err, const char *name)
{
    if (err == -EEXIST)
        return http_problem(
            409, "There is an inbox of the name '%s', or one whose SMTP login it is", name);
    if (err == -EDQUOT)
        return http_problem(
            503, "There are as many inboxes as --max-inboxes allows (%" PRIu64 "); delete some",
            api_of(r)->config.max_inboxes);
    return api_store_problem(err, "inbox");
}

static struct http_response check_body(const struct inbox_body *b)
{
    if (b->name && !store_inbox_name_is_valid(span_of(b->name)))
        return http_field_problem(400, "name",
                                  "may hold letters, digits, '.', '_' and '-', and not digits or "
                                  "dots alone");
    for (size_t i = 0; i < b->recipients.count; i++)
        if (!store_pattern_is_valid(span_of(b->recipients.items[i])))
            return http_field_problem(400, "recipients",
                                      "must be addresses, where * stands for any characters, "
                                      "without blanks and control characters");
    return (struct http_response){ 0 };
}

static int64_t expiry(int64_t ttl_seconds)
{
    return ttl_seconds > 0 ? clock_now_ms() + ttl_seconds * 1000 : 0;
}

static int64_t limit(int64_t given)
{
    return given > 0 ? given : 0;
}

static struct store_limits own_limits(const struct inbox_body *b)
{
    return (struct store_limits){ limit(b->max_messages), limit(b->max_age_seconds),
                                  limit(b->max_bytes) };
}

static struct store_texts patterns(const struct inbox_body *b)
{
    return (struct store_texts){ b->recipients.items, b->recipients.count };
}

struct http_response inbox_create(struct http_request *r)
{
    struct inbox_body b = { .ttl_seconds = HTTP_NULL };
    http_read_body(r, &b);
    struct http_response res = check_body(&b);
    if (res.status)
        return res;
    const struct store_inbox_wish wish = {
        .name = b.name,
        .expires_at_ms = expiry(b.ttl_seconds),
        .recipients = patterns(&b),
        .limits = own_limits(&b),
    };
    int64_t id;
    int err = store_inbox_create(api_of(r)->config.store, &wish, &id);
    if (err)
        return problem(r, err, b.name);
    res = show(r, 201, span_of(number(r, id)));
    http_set_header(&res, "Location", arena_printf(&r->arena, "/api/v1/inboxes/%s", number(r, id)));
    return res;
}

static struct http_response check_default(const struct inbox_body *b)
{
    if (b->name)
        return http_problem(409, "The inbox 'default' keeps its name");
    if (b->ttl_seconds > 0)
        return http_problem(409, "The inbox 'default' does not expire");
    return (struct http_response){ 0 };
}

static bool sets_limits(const struct inbox_body *b)
{
    return b->max_messages != NOT_GIVEN || b->max_age_seconds != NOT_GIVEN ||
           b->max_bytes != NOT_GIVEN;
}

static struct http_response check_patch(const struct inbox_body *b, int64_t id)
{
    if (!b->name && b->ttl_seconds == NOT_GIVEN && !b->recipients.items && !sets_limits(b))
        return http_problem(
            400, "Nothing is to be changed: give name, ttl_seconds, recipients or limits");
    struct http_response res = check_body(b);
    return res.status || id != STORE_DEFAULT_INBOX ? res : check_default(b);
}

struct http_response inbox_change(struct http_request *r)
{
    int64_t id;
    struct inbox_body b = { .ttl_seconds = NOT_GIVEN,
                            .max_messages = NOT_GIVEN,
                            .max_age_seconds = NOT_GIVEN,
                            .max_bytes = NOT_GIVEN };
    http_read_body(r, &b);
    int err = api_find_inbox(r, &id);
    if (err)
        return api_store_problem(err, "inbox");
    struct http_response res = check_patch(&b, id);
    if (res.status)
        return res;
    const struct store_inbox_change change = {
        .name = b.name,
        .sets_expiry = b.ttl_seconds != NOT_GIVEN,
        .sets_recipients = b.recipients.items != NULL,
        .sets_max_messages = b.max_messages != NOT_GIVEN,
        .sets_max_age = b.max_age_seconds != NOT_GIVEN,
        .sets_max_bytes = b.max_bytes != NOT_GIVEN,
        .expires_at_ms = expiry(b.ttl_seconds),
        .recipients = patterns(&b),
        .limits = own_limits(&b),
    };
    err = store_inbox_change(api_of(r)->config.store, id, &change);
    return err ? problem(r, err, b.name) : show(r, 200, span_of(number(r, id)));
}

struct http_response inbox_delete(struct http_request *r)
{
    int64_t id;
    int err = api_find_inbox(r, &id);
    if (!err && id == STORE_DEFAULT_INBOX)
        return http_problem(409, "The inbox 'default' stays; delete its messages instead");
    if (!err)
        err = store_inbox_delete(api_of(r)->config.store, id);
    return err ? api_store_problem(err, "inbox") : http_empty(204);
}

struct http_response inbox_renew(struct http_request *r)
{
    int64_t id;
    int err = api_find_inbox(r, &id);
    if (!err)
        err = store_inbox_renew(api_of(r)->config.store, id);
    return err ? api_store_problem(err, "inbox") : show(r, 200, span_of(number(r, id)));
}

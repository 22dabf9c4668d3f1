#include "api/sessions.h"

#include "api/access.h"
#include "api/json.h"
#include "core/utf8.h"

#include <string.h>

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500 };
enum { NOT_GIVEN = -1 };

struct sessions_query {
    const char *inbox, *outcome, *query;
    int64_t limit, before, after;
};

#define IN_QUERY(member) offsetof(struct sessions_query, member)

/* clang-format off */
const struct http_field sessions_query[] = {
    { "inbox",   HTTP_TEXT,    IN_QUERY(inbox),   1, STORE_INBOX_NAME_MAX },
    { "outcome", HTTP_TEXT,    IN_QUERY(outcome), 1, 16 },
    { "query",   HTTP_TEXT,    IN_QUERY(query),   1, STORE_SESSION_QUERY_MAX },
    { "limit",   HTTP_INTEGER, IN_QUERY(limit),   1, LIMIT_MAX },
    { "before",  HTTP_INTEGER, IN_QUERY(before),  1, INT64_MAX },
    { "after",   HTTP_INTEGER, IN_QUERY(after),   0, INT64_MAX },
    { 0 },
};
/* clang-format on */

/* ---- a session as JSON ---- */

#define AT(type, member) offsetof(struct type, member)

static json_t *port(const void *at)
{
    int number = *(const int *)at;
    return number ? json_integer(number) : json_null();
}

const struct json_column session_client_columns[] = {
    { "ip", json_text, AT(store_client, ip) },
    { "port", port, AT(store_client, port) },
    { "helo", json_text, AT(store_client, helo) },
    { 0 },
};

const struct json_column session_tls_columns[] = {
    { "version", json_text, AT(store_client, tls) },
    { "cipher", json_text, AT(store_client, cipher) },
    { "implicit", json_bool, AT(store_client, is_tls_implicit) },
    { 0 },
};

static json_t *client(const void *at)
{
    return json_write(session_client_columns, at);
}

static json_t *tls(const void *at)
{
    const struct store_client *c = at;
    return c->tls ? json_write(session_tls_columns, c) : json_null();
}

static json_t *ended_at(const void *at)
{
    return *(const int64_t *)at ? json_time(at) : json_null();
}

static json_t *outcome(const void *at)
{
    const char *name = store_outcome_name(*(const enum store_outcome *)at);
    return json_text(&name);
}

static json_t *code(const void *at)
{
    uint64_t number = 0;
    struct span reply = span_of(*(const char *const *)at);
    (void)parse_u64(span_slice(reply, 0, 3), &number);
    return json_integer((json_int_t)number);
}

const struct json_column session_refusal_columns[] = {
    { "command", json_text, AT(store_refusal, command) },
    { "code", code, AT(store_refusal, reply) },
    { "reply", json_text, AT(store_refusal, reply) },
    { 0 },
};

static json_t *refusal(const void *at)
{
    const struct store_refusal *r = at;
    return r->reply ? json_write(session_refusal_columns, r) : json_null();
}

static json_t *messages(const void *at)
{
    const struct store_session *s = at;
    json_t *array = json_array();
    for (size_t i = 0; i < s->messages_listed; i++)
        json_array_append_new(array, json_integer(s->messages[i]));
    return array;
}

static json_t *warnings(const void *at)
{
    const struct store_session *s = at;
    json_t *array = json_array();
    for (size_t i = 0; i < s->warning_count; i++)
        json_array_append_new(array, json_write(warning_columns, &s->warnings[i]));
    return array;
}

/* clang-format off */
#define SESSION_COLUMNS \
    { "id", json_number, AT(store_session, id) }, \
    { "inbox_id", json_number, AT(store_session, inbox_id) }, \
    { "inbox", json_text, AT(store_session, inbox) }, \
    { "started_at", json_time, AT(store_session, started_at_ms) }, \
    { "ended_at", ended_at, AT(store_session, ended_at_ms) }, \
    { "client", client, AT(store_session, client) }, \
    { "tls", tls, AT(store_session, client) }, \
    { "username", json_text, AT(store_session, client.username) }, \
    { "outcome", outcome, AT(store_session, outcome) }, \
    { "failed", json_bool, AT(store_session, is_failed) }, \
    { "refusal", refusal, AT(store_session, refusal) }, \
    { "message_count", json_number, AT(store_session, message_count) }, \
    { "messages", messages, 0 }, \
    { "bytes_in", json_size, AT(store_session, bytes_in) }, \
    { "bytes_out", json_size, AT(store_session, bytes_out) }, \
    { "truncated", json_bool, AT(store_session, is_truncated) }, \
    { "warnings", warnings, 0 }
/* clang-format on */

const struct json_column session_columns[] = { SESSION_COLUMNS, { 0 } };

json_t *session_json(const struct store_session *s)
{
    return json_write(session_columns, s);
}

/* ---- what was said ---- */

static const char *const speakers[] = {
    [STORE_ENTRY_CLIENT] = "client", [STORE_ENTRY_SERVER] = "server",
    [STORE_ENTRY_NOTE] = "mailstop", [STORE_ENTRY_DATA] = "client",
    [STORE_ENTRY_FAULT] = "fault",
};

static json_t *at_ms(const void *at)
{
    return json_real((double)*(const uint64_t *)at / 10);
}

static json_t *from(const void *at)
{
    return json_string(speakers[*(const enum store_entry_kind *)at]);
}

static json_t *text(const void *at)
{
    struct span octets = *(const struct span *)at;
    struct buf clean AUTO(buf_done) = { 0 };
    utf8_scrub(&clean, octets);
    return json_stringn(clean.len ? clean.ptr : "", clean.len);
}

static json_t *message_id(const void *at)
{
    return *(const int64_t *)at ? json_number(at) : json_null();
}

const struct json_column transcript_line_columns[] = {
    { "at_ms", at_ms, AT(store_entry, at) },
    { "from", from, AT(store_entry, kind) },
    { "text", text, AT(store_entry, text) },
    { 0 },
};

const struct json_column transcript_data_columns[] = {
    { "at_ms", at_ms, AT(store_entry, at) },
    { "from", from, AT(store_entry, kind) },
    { "data_bytes", json_size, AT(store_entry, octets) },
    { "message_id", message_id, AT(store_entry, message_id) },
    { 0 },
};

static json_t *entry_json(const struct store_entry *e)
{
    bool is_data = e->kind == STORE_ENTRY_DATA;
    return json_write(is_data ? transcript_data_columns : transcript_line_columns, e);
}

/* put_transcript() fills in the entries. */
const struct json_column transcript_columns[] = {
    SESSION_COLUMNS,
    { "entries", json_no_items, 0 },
    { 0 },
};

/* One at a time: there may be a great many. */
static void put_entries(struct buf *out, const struct store_transcript *t)
{
    for (size_t i = 0; i < t->count; i++) {
        json_auto_t *json = entry_json(&t->items[i]);
        if (i)
            buf_putc(out, ',');
        http_append_json(out, json);
    }
}

/* The entries go between the brackets at the end. */
static void put_transcript(struct buf *out, const struct store_session *s,
                           const struct store_transcript *t)
{
    json_auto_t *json = json_write(transcript_columns, s);
    http_append_json(out, json);
    out->len -= strlen("]}");
    put_entries(out, t);
    buf_append(out, SPAN("]}\n"));
}

static struct http_response show(struct http_request *r, struct store_session *s,
                                 const struct store_transcript *t)
{
    struct buf body = { 0 };
    s->is_truncated |= t->is_cut;
    put_transcript(&body, s, t);
    struct http_response res = http_bytes(200, "application/json", &body);
    http_tag(r, &res);
    return res;
}

/* ---- what is another's ---- */

static bool is_of(struct store_reader *reader, int64_t own_inbox, int64_t message_id)
{
    int64_t inbox_id;
    return store_message_inbox(reader, message_id, &inbox_id) == 0 && inbox_id == own_inbox;
}

void session_hide_others(struct store_reader *reader, int64_t own_inbox, struct store_session *s)
{
    size_t left = 0;
    if (own_inbox == API_EVERYTHING)
        return;
    for (size_t i = 0; i < s->messages_listed; i++)
        if (is_of(reader, own_inbox, s->messages[i]))
            s->messages[left++] = s->messages[i];
    if (left < s->messages_listed)
        s->message_count = (int64_t)left;
    s->messages_listed = left;
}

/* Where the dialogue of a message ends, its reply included, that begins at `first`. *id_out is the
 * message, 0 if it became none. */
static size_t end_of_message(const struct store_transcript *t, size_t first, int64_t *id_out)
{
    size_t end = first;
    *id_out = 0;
    while (end < t->count && t->items[end].kind != STORE_ENTRY_DATA)
        end++;
    if (end < t->count)
        *id_out = t->items[end].message_id;
    while (end < t->count && t->items[end].kind != STORE_ENTRY_SERVER)
        end++;
    return end < t->count ? end + 1 : end;
}

/* What was said for messages of others: who got them is not this caller's to know. */
static void hide_dialogues(struct store_reader *reader, int64_t own_inbox,
                           struct store_transcript *t)
{
    size_t left = 0;
    int64_t id;
    for (size_t first = 0, end; own_inbox != API_EVERYTHING && first < t->count; first = end) {
        end = end_of_message(t, first, &id);
        bool is_hidden = id && !is_of(reader, own_inbox, id);
        for (size_t i = first; i < end && !is_hidden; i++)
            t->items[left++] = t->items[i];
        t->is_cut |= is_hidden;
    }
    if (own_inbox != API_EVERYTHING)
        t->count = left;
}

struct http_response session_get(struct http_request *r)
{
    int64_t id = http_parameter_id(r, "id");
    struct store_session session;
    struct store_transcript transcript;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_session_get(reader, id, &r->arena, &session);
    if (!err)
        err = store_session_transcript(reader, id, &r->arena, &transcript);
    if (err)
        return api_store_problem(err, "session");
    session_hide_others(reader, api_own_inbox(r), &session);
    hide_dialogues(reader, api_own_inbox(r), &transcript);
    return show(r, &session, &transcript);
}

struct http_response message_transcript(struct http_request *r)
{
    struct store_message message;
    struct store_session session;
    struct store_transcript transcript;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = api_find_message(r, reader, &message);
    if (err)
        return api_store_problem(err, "message");
    if (!message.session_id)
        return http_problem(404, "The message came by no SMTP session");
    err = store_message_transcript(reader, message.id, &r->arena, &transcript);
    if (!err)
        err = store_session_get(reader, message.session_id, &r->arena, &session);
    if (err)
        return api_store_problem(err, "message");
    session_hide_others(reader, api_own_inbox(r), &session);
    return show(r, &session, &transcript);
}

/* ---- many ---- */

static bool find_outcome(const char *name, enum store_outcome *out)
{
    if (strcmp(name, "open") == 0) {
        *out = STORE_OPEN;
        return true;
    }
    for (enum store_outcome i = STORE_OPEN + 1; i < STORE_OUTCOME_COUNT; i++)
        if (strcmp(name, store_outcome_name(i)) == 0) {
            *out = i;
            return true;
        }
    return false;
}

/* Status 0: fine. */
static struct http_response read_wanted(struct http_request *r, const struct sessions_query *q,
                                        struct store_session_list *out)
{
    struct store_query_fault fault;
    out->by_outcome = q->outcome != NULL;
    if (q->outcome && !find_outcome(q->outcome, &out->outcome))
        return http_field_problem(400, "outcome",
                                  "must be one of open, quit, dropped, timeout, refused, "
                                  "tls_failed, shutdown");
    if (!q->query)
        return (struct http_response){ 0 };
    out->query = store_session_query_parse(span_of(q->query), &r->arena, &fault);
    return out->query ? (struct http_response){ 0 }
                      : http_field_problem(400, "query", "at character %zu: %s", fault.position + 1,
                                           fault.detail);
}

static json_t *page_json(const struct store_session_page *page)
{
    json_t *items = json_array();
    for (size_t i = 0; i < page->count; i++)
        json_array_append_new(items, session_json(&page->items[i]));
    json_t *next = page->has_more ? json_integer(page->last_id) : json_null();
    return json_pack("{s:o, s:I, s:o}", "items", items, "total", (json_int_t)page->total, "next",
                     next);
}

struct http_response sessions_list(struct http_request *r)
{
    struct sessions_query q = { .limit = LIMIT_DEFAULT, .after = NOT_GIVEN };
    http_read_query(r, &q);
    int64_t inbox_id;
    struct store_session_page page;
    int err = api_narrow(r, q.inbox, &inbox_id);
    if (err)
        return api_store_problem(err, "inbox");
    bool oldest_first = q.after != NOT_GIVEN;
    struct store_session_list wanted = {
        .bounds = { .inbox_id = inbox_id,
                    .before = q.before,
                    .after = oldest_first ? q.after : 0,
                    .oldest_first = oldest_first,
                    .limit = (size_t)q.limit },
    };
    struct http_response res = read_wanted(r, &q, &wanted);
    if (res.status)
        return res;
    if ((q.query || q.outcome) && !r->is_aside)
        return http_aside();
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    err = store_sessions_list(reader, &wanted, &r->arena, &page);
    if (err)
        return api_store_problem(err, "session");
    for (size_t i = 0; i < page.count; i++)
        session_hide_others(reader, api_own_inbox(r), &page.items[i]);
    return http_json(200, page_json(&page));
}

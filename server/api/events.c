/* DESIGN. A stream holds nothing but the id of the last news it told. When the store has news the
 * server asks each stream; it reads on from that id, and what it reads goes out. A client that does
 * not read is not asked, holds nothing, and slows nobody: once the store no longer keeps the news
 * it is due, it is told `reset` and goes on from the newest. */

#include "api/events.h"

#include "api/access.h"
#include "api/inboxes.h"
#include "api/json.h"
#include "api/sessions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
    BATCH = 32,             /* news read at a time */
    ENOUGH = 64 * 1024,     /* octets to send before more news is read */
    EVENT_MAX = 256 * 1024, /* a message that is longer than that is not told, but to be fetched */
};

struct subscription {
    struct store *store;
    int64_t inbox_id;  /* 0: all */
    int64_t own_inbox; /* of the caller */
    int64_t last;      /* news up to this one is told */
    bool is_greeted;
    bool is_resumed; /* the client knows an id already */
    struct api_endpoint endpoint;
};

struct events_query {
    const char *inbox;
};

/* clang-format off */
const struct http_field events_query[] = {
    { "inbox", HTTP_TEXT, offsetof(struct events_query, inbox), 1, 64 },
    { 0 },
};
/* clang-format on */

/* ---- one event ---- */

static const char *const names[] = {
    [STORE_MESSAGE_CREATED] = "message.created", [STORE_MESSAGE_CHANGED] = "message.changed",
    [STORE_MESSAGE_DELETED] = "message.deleted", [STORE_MESSAGES_CLEARED] = "messages.cleared",
    [STORE_INBOX_CREATED] = "inbox.created",     [STORE_INBOX_CHANGED] = "inbox.changed",
    [STORE_INBOX_DELETED] = "inbox.deleted",     [STORE_SESSION_CLOSED] = "session.closed",
    [STORE_MESSAGES_PRUNED] = "messages.pruned",
};

static void put_event(struct buf *out, int64_t id, const char *name, json_t *data)
{
    buf_printf(out, "id: %" PRId64 "\nevent: %s\ndata: ", id, name);
    http_append_json(out, data);
    buf_append(out, SPAN("\n\n"));
    json_decref(data);
}

/* Everything the client knows may be wrong: it has to read anew. */
static void put_reset(struct subscription *s, struct buf *out)
{
    s->last = store_news_last(s->store);
    put_event(out, s->last, "reset", json_object());
}

/* NULL if it is gone: then news of that follows. */
static json_t *message_data(const struct subscription *s, int64_t message_id)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_message message;
    struct store_reader *reader AUTO(api_return) = store_reader_lease(s->store);
    if (store_message_get(reader, message_id, &arena, &message) != 0)
        return NULL;
    return json_write(message_columns, &message);
}

/* NULL likewise. */
static json_t *inbox_data(const struct subscription *s, int64_t inbox_id)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    char id[24];
    snprintf(id, sizeof(id), "%" PRId64, inbox_id);
    struct store_reader *reader AUTO(api_return) = store_reader_lease(s->store);
    if (store_inbox_find(reader, span_of(id), &arena, &inbox) != 0)
        return NULL;
    return inbox_json(&inbox, &s->endpoint);
}

/* NULL likewise. */
static json_t *session_data(const struct subscription *s, int64_t session_id)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_session session;
    struct store_reader *reader AUTO(api_return) = store_reader_lease(s->store);
    if (store_session_get(reader, session_id, &arena, &session) != 0)
        return NULL;
    session_hide_others(reader, s->own_inbox, &session);
    return session_json(&session);
}

static json_t *event_data(const struct subscription *s, const struct store_news *n)
{
    json_int_t inbox_id = n->inbox_id;
    switch (n->type) {
    case STORE_MESSAGE_DELETED:
        return json_pack("{s:I, s:I}", "id", (json_int_t)n->message_id, "inbox_id", inbox_id);
    case STORE_MESSAGES_CLEARED:
        return json_pack("{s:o}", "inbox_id", inbox_id ? json_integer(inbox_id) : json_null());
    case STORE_MESSAGES_PRUNED:
        return json_pack("{s:I, s:I}", "inbox_id", inbox_id, "count", (json_int_t)n->count);
    case STORE_INBOX_CREATED:
    case STORE_INBOX_CHANGED: return inbox_data(s, n->inbox_id);
    case STORE_SESSION_CLOSED: return session_data(s, n->session_id);
    case STORE_INBOX_DELETED: return json_pack("{s:I}", "id", inbox_id);
    default: return message_data(s, n->message_id);
    }
}

static bool concerns(const struct subscription *s, const struct store_news *n)
{
    return s->inbox_id == 0 || n->inbox_id == 0 || n->inbox_id == s->inbox_id;
}

static void put_news(struct subscription *s, const struct store_news *n, struct buf *out)
{
    size_t start = out->len;
    json_t *data = concerns(s, n) ? event_data(s, n) : NULL;
    s->last = n->id;
    if (!data)
        return;
    put_event(out, n->id, names[n->type], data);
    if (out->len - start > EVENT_MAX) {
        out->len = start;
        put_reset(s, out);
    }
}

/* ---- the stream ---- */

/* Tells at once that the stream stands, and where to resume if nothing comes before it breaks. */
static void greet(struct subscription *s, struct buf *out)
{
    s->is_greeted = true;
    if (s->is_resumed)
        buf_append(out, SPAN(":\n\n"));
    else
        buf_printf(out, "id: %" PRId64 "\n\n", s->last);
}

static enum http_next next(void *arg, struct buf *out)
{
    struct subscription *s = arg;
    struct store_news news[BATCH];
    int count;
    if (!s->is_greeted)
        greet(s, out);
    do {
        count = store_news_read(s->store, s->last, news, BATCH);
        if (count < 0)
            put_reset(s, out);
        for (int i = 0; i < count; i++)
            put_news(s, &news[i], out);
    } while (count > 0 && out->len < ENOUGH);
    return HTTP_MORE;
}

struct http_response events_get(struct http_request *r)
{
    struct store *store = api_of(r)->config.store;
    struct span resume_from = http_header(r, "Last-Event-ID");
    uint64_t last = (uint64_t)store_news_last(store);
    struct events_query q = { NULL };
    int64_t inbox_id;
    http_read_query(r, &q);
    if (resume_from.ptr && (!parse_u64(resume_from, &last) || last > INT64_MAX))
        return http_field_problem(400, "Last-Event-ID", "must be the id of an event");
    int err = api_narrow(r, q.inbox, &inbox_id);
    if (err)
        return api_store_problem(err, "inbox");
    struct subscription *s = xcalloc(1, sizeof(*s));
    s->store = store;
    s->inbox_id = inbox_id;
    s->own_inbox = api_own_inbox(r);
    s->last = (int64_t)last;
    s->endpoint = api_endpoint(r);
    s->is_resumed = resume_from.ptr != NULL;
    return http_events(inbox_id, next, free, s);
}

#include "api/messages.h"

#include "api/access.h"
#include "api/json.h"
#include "api/private.h"
#include "api/query.h"

#include <inttypes.h>

enum {
    LIMIT_DEFAULT = 50,
    LIMIT_MAX = 500,
    STEP = 25,                       /* messages held in memory at a time */
    LIST_BYTES_MAX = 4 * 1024 * 1024 /* beyond this a list ends early, and says so by `next` */
};

enum { NOT_GIVEN = -1 };

struct list_query {
    const char *query;
    int64_t limit, before, after;
};

struct delete_query {
    const char *query;
    enum http_choice all;
};

struct latest_query {
    const char *inbox, *query;
};

struct message_patch {
    enum http_choice is_read, is_pinned;
};

/* clang-format off */
const struct http_field list_query[] = {
    QUERY_FIELD(list_query, query),
    { "limit",  HTTP_INTEGER, offsetof(struct list_query, limit),  1, LIMIT_MAX },
    { "before", HTTP_INTEGER, offsetof(struct list_query, before), 1, INT64_MAX },
    { "after",  HTTP_INTEGER, offsetof(struct list_query, after),  0, INT64_MAX },
    { 0 },
};

const struct http_field delete_query[] = {
    QUERY_FIELD(delete_query, query),
    { "all", HTTP_BOOL, offsetof(struct delete_query, all), 0, 0 },
    { 0 },
};

const struct http_field latest_query[] = {
    { "inbox", HTTP_TEXT, offsetof(struct latest_query, inbox), 1, 64 },
    QUERY_FIELD(latest_query, query),
    { 0 },
};

const struct http_field message_patch[] = {
    { "read",   HTTP_BOOL, offsetof(struct message_patch, is_read),   0, 0 },
    { "pinned", HTTP_BOOL, offsetof(struct message_patch, is_pinned), 0, 0 },
    { 0 },
};
/* clang-format on */

/* ---- lists ---- */

/* A list on its way: what was asked for, and what of it is written. */
struct listing {
    struct store_list wanted; /* of the next step */
    size_t left;
    int64_t total, last_id;
    bool has_more;
    struct buf items;
};

static void append_message(struct listing *l, const struct store_message *m)
{
    json_auto_t *json = json_write(message_columns, m);
    if (l->items.len)
        buf_putc(&l->items, ',');
    http_append_json(&l->items, json);
    l->last_id = m->id;
}

/* Messages of any size are listed a few at a time, so that a page of the greatest ones does not
 * stand in memory as a whole. Ids only grow, so steps do not overlap while mail arrives. */
static int list_step(struct store_reader *reader, struct listing *l)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    l->wanted.limit = l->left < STEP ? l->left : STEP;
    int err = store_messages_list(reader, &l->wanted, &arena, &page);
    if (err)
        return err;
    for (size_t i = 0; i < page.count; i++)
        append_message(l, &page.items[i]);
    if (!l->wanted.has_no_total)
        l->total = page.total;
    l->wanted.has_no_total = true;
    l->left -= page.count;
    l->has_more = page.has_more;
    if (page.count)
        *(l->wanted.oldest_first ? &l->wanted.after : &l->wanted.before) = l->last_id;
    return 0;
}

static int list_all(struct store_reader *reader, struct listing *l)
{
    int err;
    do
        err = list_step(reader, l);
    while (!err && l->has_more && l->left && l->items.len < LIST_BYTES_MAX);
    return err;
}

static struct http_response list_response(const struct listing *l)
{
    struct buf body = { 0 };
    buf_append(&body, SPAN("{\"items\":["));
    buf_append(&body, buf_span(&l->items));
    buf_printf(&body, "],\"total\":%" PRId64 ",\"next\":", l->total);
    if (l->has_more)
        buf_printf(&body, "%" PRId64 "}\n", l->last_id);
    else
        buf_append(&body, SPAN("null}\n"));
    return http_bytes(200, "application/json", &body);
}

static struct http_response list(struct http_request *r, struct store_reader *reader,
                                 int64_t inbox_id)
{
    struct list_query q = { NULL, LIMIT_DEFAULT, 0, NOT_GIVEN };
    const struct store_query *query;
    struct http_response problem;
    http_read_query(r, &q);
    if (!query_read(r, q.query, &query, &problem))
        return problem;
    bool oldest_first = q.after != NOT_GIVEN;
    struct listing l = {
        .wanted = { .inbox_id = inbox_id,
                    .before = q.before,
                    .after = oldest_first ? q.after : 0,
                    .oldest_first = oldest_first,
                    .query = query },
        .left = (size_t)q.limit,
    };
    int err = list_all(reader, &l);
    struct http_response res = err ? query_store_problem(err, "inbox") : list_response(&l);
    buf_done(&l.items);
    return res;
}

struct http_response messages_list(struct http_request *r)
{
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    return list(r, reader, api_own_inbox(r));
}

struct http_response inbox_messages_list(struct http_request *r)
{
    struct store_inbox inbox;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_inbox_find(reader, http_parameter(r, "inbox"), &r->arena, &inbox);
    return err ? api_store_problem(err, "inbox") : list(r, reader, inbox.id);
}

/* ---- deleting many ---- */

/* A request that names nothing deletes nothing. */
static struct http_response delete_many(struct http_request *r, int64_t inbox_id)
{
    struct delete_query q = { NULL, HTTP_UNSET };
    struct store *store = api_of(r)->config.store;
    const struct store_query *query;
    struct http_response problem;
    int64_t deleted;
    http_read_query(r, &q);
    if (!query_read(r, q.query, &query, &problem))
        return problem;
    if (query && q.all != HTTP_UNSET)
        return http_field_problem(400, "all", "may not stand beside a query");
    if (!query && q.all != HTTP_YES)
        return http_field_problem(400, "all",
                                  "must be true: all=true deletes every message, "
                                  "query= those that it finds");
    int err = query ? store_messages_delete(store, inbox_id, query, &deleted)
                    : store_messages_clear(store, inbox_id, &deleted);
    if (err)
        return query_store_problem(err, "inbox");
    return http_json(200, json_pack("{s:I}", "deleted", (json_int_t)deleted));
}

struct http_response messages_delete(struct http_request *r)
{
    return delete_many(r, api_own_inbox(r));
}

struct http_response inbox_messages_delete(struct http_request *r)
{
    int64_t inbox_id;
    int err = api_find_inbox(r, &inbox_id);
    return err ? api_store_problem(err, "inbox") : delete_many(r, inbox_id);
}

/* ---- one message ---- */

struct http_response message_get(struct http_request *r)
{
    struct store_message message;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = api_find_message(r, reader, &message);
    return err ? api_store_problem(err, "message") : api_message_response(r, &message);
}

struct http_response message_latest(struct http_request *r)
{
    struct latest_query q = { NULL, NULL };
    struct store_list newest = { .limit = 1, .has_no_total = true };
    struct http_response problem;
    struct store_page page;
    http_read_query(r, &q);
    if (!query_read(r, q.query, &newest.query, &problem))
        return problem;
    int err = api_narrow(r, q.inbox, &newest.inbox_id);
    if (err)
        return api_store_problem(err, "inbox");
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    err = store_messages_list(reader, &newest, &r->arena, &page);
    if (err)
        return query_store_problem(err, "inbox");
    if (page.count == 0)
        return http_problem(404, newest.query ? "The query finds no message yet"
                                              : "There is no message yet");
    return api_message_response(r, &page.items[0]);
}

struct http_response message_patch_flags(struct http_request *r)
{
    struct message_patch p = { HTTP_UNSET, HTTP_UNSET };
    http_read_body(r, &p);
    const struct store_flags flags = {
        .set_read = p.is_read != HTTP_UNSET,
        .read = p.is_read == HTTP_YES,
        .set_pinned = p.is_pinned != HTTP_UNSET,
        .pinned = p.is_pinned == HTTP_YES,
    };
    if (!flags.set_read && !flags.set_pinned)
        return http_problem(400, "Nothing is to be changed: give read or pinned");
    int err = store_message_mark(api_of(r)->config.store, http_parameter_id(r, "id"), flags);
    return err ? api_store_problem(err, "message") : message_get(r);
}

struct http_response message_delete(struct http_request *r)
{
    int err = store_message_delete(api_of(r)->config.store, http_parameter_id(r, "id"));
    return err ? api_store_problem(err, "message") : http_empty(204);
}

#include "api/messages.h"

#include "api/access.h"
#include "api/json.h"
#include "api/private.h"
#include "api/query.h"

#include <inttypes.h>
#include <string.h>

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
    int64_t before;
};

struct latest_query {
    const char *inbox, *query;
};

/* What is to be set. */
struct marks {
    enum http_choice is_read, is_pinned;
    struct http_texts tags;
};

struct messages_patch {
    const json_t *ids;
    const char *query;
    enum http_choice all;
    int64_t before;
    struct marks set;
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
    { "all",    HTTP_BOOL,    offsetof(struct delete_query, all),    0, 0 },
    { "before", HTTP_INTEGER, offsetof(struct delete_query, before), 1, INT64_MAX },
    { 0 },
};

const struct http_field latest_query[] = {
    { "inbox", HTTP_TEXT, offsetof(struct latest_query, inbox), 1, 64 },
    QUERY_FIELD(latest_query, query),
    { 0 },
};

const struct http_field message_patch[] = {
    { "read",   HTTP_BOOL,  offsetof(struct marks, is_read),   0, 0 },
    { "pinned", HTTP_BOOL,  offsetof(struct marks, is_pinned), 0, 0 },
    { "tags",   HTTP_TEXTS, offsetof(struct marks, tags),      1, STORE_TAG_MAX },
    { 0 },
};

const struct http_field messages_patch[] = {
    { "ids",        HTTP_JSON,  offsetof(struct messages_patch, ids),           0, 0 },
    QUERY_FIELD(messages_patch, query),
    { "all",        HTTP_BOOL,  offsetof(struct messages_patch, all),           0, 0 },
    { "before",     HTTP_INTEGER, offsetof(struct messages_patch, before),      1, INT64_MAX },
    { "set.read",   HTTP_BOOL,  offsetof(struct messages_patch, set.is_read),   0, 0 },
    { "set.pinned", HTTP_BOOL,  offsetof(struct messages_patch, set.is_pinned), 0, 0 },
    { "set.tags",   HTTP_TEXTS, offsetof(struct messages_patch, set.tags),      1, STORE_TAG_MAX },
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
    if (query && !r->is_aside)
        return http_aside();
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
    struct delete_query q = { NULL, HTTP_UNSET, 0 };
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
    bool is_some = query || q.before;
    if (is_some && !r->is_aside)
        return http_aside();
    const struct store_choice which = { inbox_id, q.before, query };
    int err = is_some ? store_messages_delete(store, &which, &deleted)
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

/* ---- what is set ---- */

static bool is_tag(const char *text)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7F)
            return false;
    return *text != ' ' && text[strlen(text) - 1] != ' ';
}

/* `field` is what the tags are called in the body. False with *problem filled in if they are none,
 * or nothing is set. */
static bool read_marks(const struct marks *m, const char *field, struct store_flags *out,
                       struct http_response *problem)
{
    *out = (struct store_flags){
        .set_read = m->is_read != HTTP_UNSET,
        .read = m->is_read == HTTP_YES,
        .set_pinned = m->is_pinned != HTTP_UNSET,
        .pinned = m->is_pinned == HTTP_YES,
        .set_tags = m->tags.items != NULL,
        .tags = { m->tags.items, m->tags.count },
    };
    if (!out->set_read && !out->set_pinned && !out->set_tags) {
        *problem = http_problem(400, "Nothing is to be changed: give read, pinned or tags");
        return false;
    }
    bool is_well = m->tags.count <= STORE_TAGS_MAX;
    for (size_t i = 0; is_well && i < m->tags.count; i++)
        is_well = is_tag(m->tags.items[i]);
    if (!is_well)
        *problem = http_field_problem(400, field,
                                      "must be at most %d words without control characters, and "
                                      "without a space at either end",
                                      STORE_TAGS_MAX);
    return is_well;
}

/* ---- changing many ---- */

enum { IDS_MAX = 1000 };

/* In the request's arena; NULL if they are none. */
static const int64_t *read_ids(struct http_request *r, const json_t *json, size_t *count_out)
{
    size_t count = json_array_size(json);
    if (!json_is_array(json) || count == 0 || count > IDS_MAX)
        return NULL;
    int64_t *ids = arena_alloc(&r->arena, count * sizeof(*ids));
    for (size_t i = 0; i < count; i++) {
        const json_t *id = json_array_get(json, i);
        ids[i] = json_integer_value(id);
        if (!json_is_integer(id) || ids[i] <= 0)
            return NULL;
    }
    *count_out = count;
    return ids;
}

/* A request that names nothing changes nothing. */
static struct http_response change_many(struct http_request *r, int64_t inbox_id)
{
    struct messages_patch p = { 0 };
    struct store *store = api_of(r)->config.store;
    const struct store_query *query;
    struct store_flags flags;
    struct http_response problem;
    int64_t count = 0;
    http_read_body(r, &p);
    if ((p.ids != NULL) + (p.query != NULL) + (p.all == HTTP_YES) != 1)
        return http_problem(400, "Say which: one of ids, query, and all with the value true");
    if (!read_marks(&p.set, "set.tags", &flags, &problem) ||
        !query_read(r, p.query, &query, &problem))
        return problem;
    size_t id_count = 0;
    const int64_t *ids = p.ids ? read_ids(r, p.ids, &id_count) : NULL;
    if (p.ids && !ids)
        return http_field_problem(400, "ids", "must be an array of 1 to %d ids", IDS_MAX);
    if (ids && p.before)
        return http_field_problem(400, "before", "may not stand beside ids");
    if (query && !r->is_aside)
        return http_aside();
    const struct store_choice which = { inbox_id, p.before, query };
    int err = ids ? store_messages_mark_some(store, inbox_id, ids, id_count, &flags, &count)
                  : store_messages_mark(store, &which, &flags, &count);
    if (err)
        return query_store_problem(err, "inbox");
    return http_json(200, json_pack("{s:I}", "changed", (json_int_t)count));
}

struct http_response messages_change(struct http_request *r)
{
    return change_many(r, api_own_inbox(r));
}

struct http_response inbox_messages_change(struct http_request *r)
{
    int64_t inbox_id;
    int err = api_find_inbox(r, &inbox_id);
    return err ? api_store_problem(err, "inbox") : change_many(r, inbox_id);
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
    if (newest.query && !r->is_aside)
        return http_aside();
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

struct http_response message_change(struct http_request *r)
{
    struct marks m = { 0 };
    struct store_flags flags;
    struct http_response problem;
    http_read_body(r, &m);
    if (!read_marks(&m, "tags", &flags, &problem))
        return problem;
    int err = store_message_mark(api_of(r)->config.store, http_parameter_id(r, "id"), &flags);
    return err ? api_store_problem(err, "message") : message_get(r);
}

struct http_response message_delete(struct http_request *r)
{
    int err = store_message_delete(api_of(r)->config.store, http_parameter_id(r, "id"));
    return err ? api_store_problem(err, "message") : http_empty(204);
}

/* DESIGN. Nothing is polled. The request sleeps on its inbox's news; each commit that brings mail
 * to the inbox has the store asked again, for what has come since it was asked last: however full
 * the inbox is, only the first look may take long, and is taken aside then. What was looked at is
 * looked at again if the query asks for marks, and some have been changed since. */

#include "api/wait.h"

#include "api/json.h"
#include "api/private.h"
#include "api/query.h"
#include "core/clock.h"

enum {
    TIMEOUT_DEFAULT_S = 30,
    TIMEOUT_MAX_S = 300,
    COUNT_MAX = 500,
    LOOK_BACK = 20, /* of the newest that came, the nearest are told */
    NEAR = 3,
    LOOK_AT_ONCE = 100, /* to look through more messages may take long */
};

struct wait_query {
    const char *query;
    int64_t count, timeout, after;
};

/* clang-format off */
const struct http_field wait_query[] = {
    QUERY_FIELD(wait_query, query),
    { "count",   HTTP_INTEGER, offsetof(struct wait_query, count),   1, COUNT_MAX },
    { "timeout", HTTP_INTEGER, offsetof(struct wait_query, timeout), 0, TIMEOUT_MAX_S },
    { "after",   HTTP_INTEGER, offsetof(struct wait_query, after),   0, INT64_MAX },
    { 0 },
};
/* clang-format on */

struct waiting {
    const struct store_query *query; /* in the request's arena; NULL: any message will do */
    int64_t inbox_id, after;
    size_t wanted;
    json_t *items; /* what was found */
    int64_t cursor;
    int64_t seen;         /* up to this id the inbox has been looked through */
    bool asks_for_marks;  /* which may be changed */
    uint_fast64_t marked; /* as it was when all of it was looked through */
    int64_t pruned;       /* of the inbox, because of limits */
};

static void waiting_free(void *arg)
{
    struct waiting *w = arg;
    json_decref(w->items);
    free(w);
}

/* ---- looking ---- */

/* The newest message of the inbox that has not been looked at; 0: there is none. */
static int find_newest(const struct waiting *w, struct store_reader *reader, int64_t *out)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    const struct store_list newest = {
        .inbox_id = w->inbox_id, .after = w->seen, .limit = 1, .has_no_total = true
    };
    int err = store_messages_list(reader, &newest, &arena, &page);
    if (!err)
        *out = page.count ? page.items[0].id : 0;
    return err;
}

/* Ids are given out in the order of commits: below one that is seen no other appears later. */
static int look_up_to(struct waiting *w, struct store_reader *reader, int64_t newest)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    const struct store_list list = {
        .inbox_id = w->inbox_id,
        .after = w->seen,
        .before = newest < INT64_MAX ? newest + 1 : 0,
        .oldest_first = true,
        .limit = w->wanted - json_array_size(w->items),
        .query = w->query,
        .has_no_total = true,
    };
    int err = store_messages_list(reader, &list, &arena, &page);
    if (err)
        return err;
    for (size_t i = 0; i < page.count; i++) {
        json_array_append_new(w->items, json_write(message_columns, &page.items[i]));
        w->cursor = page.items[i].id;
    }
    w->seen = newest;
    return 0;
}

/* The marks are asked for before the store is: who changes them changes the store first. */
static void start_anew_if_marked(struct waiting *w, const struct api *api)
{
    uint_fast64_t marked = atomic_load(&api->marked);
    if (w->asks_for_marks && marked != w->marked)
        w->seen = w->cursor;
    w->marked = marked;
}

static int look(struct waiting *w, struct store_reader *reader)
{
    int64_t newest;
    int err = api_count_pruned(reader, w->inbox_id, &w->pruned);
    if (!err)
        err = find_newest(w, reader, &newest);
    return err || !newest ? err : look_up_to(w, reader, newest);
}

/* ---- the nearest ---- */

struct near {
    int64_t id;
    json_t *failed; /* the terms it fails, as they were written */
};

/* Takes the terms. Those that fail fewest come first, of several the newest. */
static void keep_near(struct near near[NEAR], int64_t id, json_t *failed)
{
    struct near new = { id, failed };
    for (size_t i = 0; i < NEAR; i++)
        if (!near[i].failed || json_array_size(new.failed) < json_array_size(near[i].failed)) {
            struct near pushed = near[i];
            near[i] = new;
            new = pushed;
        }
    json_decref(new.failed);
}

/* 1, 0, or a negative errno. */
static int matches(struct store_reader *reader, const struct store_query *query, int64_t id,
                   struct arena *arena)
{
    struct store_page page;
    const struct store_list one = {
        .after = id - 1, .before = id + 1, .limit = 1, .query = query, .has_no_total = true
    };
    int err = store_messages_list(reader, &one, arena, &page);
    return err ? err : page.count == 1;
}

/* NULL if it cannot be told: the store failed, or no time is left. */
static json_t *failed_terms(const struct waiting *w, struct store_reader *reader, int64_t id)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_term *terms;
    size_t count = store_query_terms(w->query, &arena, &terms);
    json_t *failed = json_array();
    int got = 0;
    for (size_t i = 0; i < count && got >= 0; i++) {
        got = matches(reader, terms[i].query, id, &arena);
        if (got == 0)
            json_array_append_new(failed, json_string(terms[i].text));
    }
    if (got >= 0)
        return failed;
    json_decref(failed);
    return NULL;
}

static json_t *near_items(const struct waiting *w, struct store_reader *reader)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct near near[NEAR] = { 0 };
    struct store_page page = { 0 };
    json_t *items = json_array();
    const struct store_list newest = {
        .inbox_id = w->inbox_id, .after = w->after, .limit = LOOK_BACK, .has_no_total = true
    };
    if (!w->query || store_messages_list(reader, &newest, &arena, &page) != 0)
        return items;
    for (size_t i = 0; i < page.count; i++) {
        json_t *failed = failed_terms(w, reader, page.items[i].id);
        if (!failed)
            break;
        if (json_array_size(failed))
            keep_near(near, page.items[i].id, failed);
        else
            json_decref(failed); /* it is one of those that were found */
    }
    for (size_t i = 0; i < NEAR && near[i].failed; i++) {
        struct store_message m;
        if (store_message_get(reader, near[i].id, &arena, &m) == 0)
            json_array_append_new(items, json_pack("{s:o, s:O}", "message",
                                                   json_write(message_columns, &m), "failed",
                                                   near[i].failed));
        json_decref(near[i].failed);
    }
    return items;
}

/* ---- the answer ---- */

static bool ask(struct http_request *r, void *arg, bool is_last, struct http_response *out)
{
    struct waiting *w = arg;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    start_anew_if_marked(w, api_of(r));
    int err = look(w, reader);
    if (err)
        *out = query_store_problem(err, "inbox");
    else if (json_array_size(w->items) >= w->wanted)
        *out =
            http_json(200, json_pack("{s:O, s:I, s:I}", "items", w->items, "cursor",
                                     (json_int_t)w->cursor, "pruned_count", (json_int_t)w->pruned));
    else if (is_last)
        *out = http_json(408, json_pack("{s:O, s:o, s:I, s:I}", "items", w->items, "near",
                                        near_items(w, reader), "cursor", (json_int_t)w->cursor,
                                        "pruned_count", (json_int_t)w->pruned));
    else
        return false;
    return true;
}

struct http_response inbox_wait(struct http_request *r)
{
    struct wait_query q = { .count = 1, .timeout = TIMEOUT_DEFAULT_S };
    struct http_response problem;
    const struct store_query *query;
    int64_t inbox_id, newer;
    http_read_query(r, &q);
    int err = api_find_inbox(r, &inbox_id);
    if (!err)
        err = api_count_newer(r, inbox_id, q.after, &newer);
    if (err)
        return api_store_problem(err, "inbox");
    if (!query_read(r, q.query, &query, &problem))
        return problem;
    if (query && newer > LOOK_AT_ONCE && !r->is_aside)
        return http_aside();
    struct waiting *w = xcalloc(1, sizeof(*w));
    w->query = query;
    w->asks_for_marks = query && !store_query_is_lasting(query);
    w->items = json_array();
    w->inbox_id = inbox_id;
    w->after = w->cursor = w->seen = q.after;
    w->wanted = (size_t)q.count;
    uint64_t deadline_us = clock_steady_us() + (uint64_t)q.timeout * 1000000;
    return api_later(r, inbox_id, deadline_us, ask, waiting_free, w);
}

#include "api/json.h"
#include "api/private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct store_reader *api_lease(const struct http_request *r)
{
    return store_reader_lease(api_of(r)->config.store);
}

void api_return(struct store_reader **reader)
{
    store_reader_return(*reader);
}

static struct http_response try_again(const char *why)
{
    struct http_response res = http_problem(503, "%s; try again", why);
    http_set_header(&res, "Retry-After", "1");
    return res;
}

struct http_response api_store_problem(int err, const char *what)
{
    switch (err) {
    case -ENOENT: return http_problem(404, "There is no such %s", what);
    case -EBUSY: return try_again("The store is locked by another program");
    case -EROFS: return try_again("The store cannot be written to");
    case -ENOSPC: return http_problem(507, "There is no room left in the store");
    default: return http_problem(500, "The store failed; the server's log says why");
    }
}

int api_find_inbox(struct http_request *r, int64_t *out)
{
    struct store_inbox inbox;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_inbox_find(reader, http_parameter(r, "inbox"), &r->arena, &inbox);
    if (!err)
        *out = inbox.id;
    return err;
}

static int read_inbox(struct store_reader *reader, int64_t id, struct arena *arena,
                      struct store_inbox *out)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%" PRId64, id);
    return store_inbox_find(reader, (struct span){ text, (size_t)len }, arena, out);
}

int api_count_pruned(struct store_reader *reader, int64_t inbox_id, int64_t *out)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    int err = read_inbox(reader, inbox_id, &arena, &inbox);
    if (!err)
        *out = inbox.pruned_count;
    return err;
}

/* Ids are those of all inboxes, so that between two of them lie as many messages at most. */
int api_count_newer(const struct http_request *r, int64_t inbox_id, int64_t after, int64_t *out)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    struct store_page page;
    const struct store_list newest = { .after = after, .limit = 1, .has_no_total = true };
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = read_inbox(reader, inbox_id, &arena, &inbox);
    if (!err)
        err = store_messages_list(reader, &newest, &arena, &page);
    if (err)
        return err;
    int64_t ids = page.count ? page.items[0].id - after : 0;
    *out = ids < inbox.message_count ? ids : inbox.message_count;
    return 0;
}

struct http_response api_later(struct http_request *r, int64_t topic, uint64_t deadline_us,
                               bool (*ask)(struct http_request *r, void *arg, bool is_last,
                                           struct http_response *out),
                               void (*done)(void *arg), void *arg)
{
    struct http_response res;
    if (!r->is_aside || !ask(r, arg, false, &res))
        return http_later(topic, deadline_us, ask, done, arg);
    done(arg);
    return res;
}

int api_find_message(struct http_request *r, struct store_reader *reader, struct store_message *out)
{
    return store_message_get(reader, http_parameter_id(r, "id"), &r->arena, out);
}

struct http_response api_message_response(struct http_request *r, const struct store_message *m)
{
    struct http_response res = http_json(200, json_write(message_columns, m));
    http_tag(r, &res);
    return res;
}

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

int api_check_inbox(struct store_reader *reader, int64_t id)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    char text[24];
    int len = snprintf(text, sizeof(text), "%" PRId64, id);
    return store_inbox_find(reader, (struct span){ text, (size_t)len }, &arena, &inbox);
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

#include "api/inboxes.h"

#include "api/json.h"
#include "api/private.h"

static json_t *last_message_at(const void *at)
{
    return *(const int64_t *)at ? json_time(at) : json_null();
}

const struct json_column inbox_columns[] = {
    { "id", json_number, offsetof(struct store_inbox, id) },
    { "name", json_text, offsetof(struct store_inbox, name) },
    { "created_at", json_time, offsetof(struct store_inbox, created_at_ms) },
    { "message_count", json_number, offsetof(struct store_inbox, message_count) },
    { "unread_count", json_number, offsetof(struct store_inbox, unread_count) },
    { "size_bytes", json_number, offsetof(struct store_inbox, size_bytes) },
    { "last_message_at", last_message_at, offsetof(struct store_inbox, last_message_at_ms) },
    { 0 },
};

struct http_response inboxes_list(struct http_request *r)
{
    struct store_inbox *inboxes;
    size_t count;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_inboxes_list(reader, &r->arena, &inboxes, &count);
    if (err)
        return api_store_problem(err, "inbox");
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, json_write(inbox_columns, &inboxes[i]));
    return http_json(
        200, json_pack("{s:o, s:I, s:n}", "items", items, "total", (json_int_t)count, "next"));
}

struct http_response inbox_get(struct http_request *r)
{
    struct store_inbox inbox;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_inbox_find(reader, http_parameter(r, "inbox"), &r->arena, &inbox);
    if (err)
        return api_store_problem(err, "inbox");
    return http_json(200, json_write(inbox_columns, &inbox));
}

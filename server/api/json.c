#include "api/json.h"

#include "core/clock.h"
#include "core/utf8.h"

json_t *json_write(const struct json_column *columns, const void *thing)
{
    json_t *object = json_object();
    for (const struct json_column *c = columns; c->name; c++)
        json_object_set_new_nocheck(object, c->name, c->write((const char *)thing + c->offset));
    return object;
}

static json_t *scrubbed(const char *text)
{
    struct buf clean AUTO(buf_done) = { 0 };
    utf8_scrub(&clean, span_of(text));
    return json_stringn(clean.ptr, clean.len);
}

json_t *json_text(const void *at)
{
    const char *text = *(const char *const *)at;
    if (!text)
        return json_null();
    json_t *value = json_string(text);
    return value ? value : scrubbed(text);
}

json_t *json_bool(const void *at)
{
    return json_boolean(*(const bool *)at);
}

json_t *json_number_or_null(const void *at)
{
    return *(const int64_t *)at ? json_number(at) : json_null();
}

json_t *json_number(const void *at)
{
    return json_integer(*(const int64_t *)at);
}

json_t *json_size(const void *at)
{
    return json_integer((json_int_t) * (const uint64_t *)at);
}

json_t *json_time(const void *at)
{
    char text[RFC3339_SIZE];
    return json_string(clock_rfc3339(*(const int64_t *)at, text));
}

json_t *json_addresses(const void *at)
{
    const struct mail_addresses *list = at;
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_write(address_columns, &list->items[i]));
    return array;
}

json_t *json_no_items(const void *at)
{
    (void)at;
    return json_array();
}

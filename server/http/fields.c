#include "http/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DETAIL_MAX = 128 };

/* A value as it was sent: text of a query, or JSON. */
union value {
    enum http_choice choice;
    int64_t integer;
    const char *text;
    const json_t *json;
};

void fields_blame(json_t **errors, struct span field, const char *detail)
{
    if (!*errors)
        *errors = json_array();
    json_array_append_new(
        *errors, json_pack("{s:s%, s:s}", "field", field.ptr, field.len, "detail", detail));
}

static const struct http_field *find(const struct http_field *table, struct span name)
{
    for (const struct http_field *f = table; f && f->name; f++)
        if (span_eq(span_of(f->name), name))
            return f;
    return NULL;
}

static bool in_bounds(const struct http_field *f, int64_t n)
{
    return n >= f->min && n <= f->max;
}

static bool text_to_bool(struct span text, union value *out)
{
    bool is_true = span_eq(text, SPAN("true"));
    out->choice = is_true ? HTTP_YES : HTTP_NO;
    return is_true || span_eq(text, SPAN("false"));
}

static bool text_to_integer(struct span text, int64_t *out)
{
    uint64_t n;
    if (!parse_u64(text, &n) || n > INT64_MAX)
        return false;
    *out = (int64_t)n;
    return true;
}

static bool value_of_text(const struct http_field *f, struct span text, union value *out)
{
    switch (f->type) {
    case HTTP_BOOL: return text_to_bool(text, out);
    case HTTP_INTEGER: return text_to_integer(text, &out->integer) && in_bounds(f, out->integer);
    case HTTP_TEXT: out->text = text.ptr; return in_bounds(f, (int64_t)text.len);
    case HTTP_JSON: break;
    }
    return false;
}

static bool value_of_json(const struct http_field *f, const json_t *json, union value *out)
{
    switch (f->type) {
    case HTTP_BOOL:
        out->choice = json_is_true(json) ? HTTP_YES : HTTP_NO;
        return json_is_boolean(json);
    case HTTP_INTEGER:
        out->integer = json_integer_value(json);
        return json_is_integer(json) && in_bounds(f, out->integer);
    case HTTP_TEXT:
        out->text = json_string_value(json);
        return json_is_string(json) && in_bounds(f, (int64_t)json_string_length(json));
    case HTTP_JSON: out->json = json; return true;
    }
    return false;
}

static void store(const struct http_field *f, union value value, void *out)
{
    void *at = (char *)out + f->offset;
    switch (f->type) {
    case HTTP_BOOL: memcpy(at, &value.choice, sizeof(value.choice)); break;
    case HTTP_INTEGER: memcpy(at, &value.integer, sizeof(value.integer)); break;
    case HTTP_TEXT: memcpy(at, &value.text, sizeof(value.text)); break;
    case HTTP_JSON: memcpy(at, &value.json, sizeof(value.json)); break;
    }
}

static void blame_value(json_t **errors, const struct http_field *f)
{
    char detail[DETAIL_MAX] = "must be true or false";
    if (f->type == HTTP_INTEGER)
        snprintf(detail, sizeof(detail), "must be a whole number from %" PRId64 " to %" PRId64,
                 f->min, f->max);
    if (f->type == HTTP_TEXT)
        snprintf(detail, sizeof(detail), "must be a text of %" PRId64 " to %" PRId64 " octets",
                 f->min, f->max);
    fields_blame(errors, span_of(f->name), detail);
}

static bool stands_before(const struct http_pairs *query, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (span_eq(query->items[i].name, query->items[at].name))
            return true;
    return false;
}

json_t *fields_check_query(const struct http_field *table, const struct http_pairs *query)
{
    json_t *errors = NULL;
    for (size_t i = 0; i < query->count; i++) {
        union value value;
        const struct http_pair *pair = &query->items[i];
        const struct http_field *f = find(table, pair->name);
        if (!f)
            fields_blame(&errors, pair->name, "is no parameter of this resource");
        else if (stands_before(query, i))
            fields_blame(&errors, pair->name, "may be given once");
        else if (!value_of_text(f, pair->value, &value))
            blame_value(&errors, f);
    }
    return errors;
}

json_t *fields_check_json(const struct http_field *table, const json_t *object)
{
    json_t *errors = NULL;
    const char *name;
    json_t *json;
    /* The iterator takes no const; it changes nothing. */
    json_object_foreach((json_t *)object, name, json)
    {
        union value value;
        const struct http_field *f = find(table, span_of(name));
        if (!f)
            fields_blame(&errors, span_of(name), "is no field of this resource");
        else if (!value_of_json(f, json, &value))
            blame_value(&errors, f);
    }
    return errors;
}

void fields_read_query(const struct http_field *table, const struct http_pairs *query, void *out)
{
    for (size_t i = 0; i < query->count; i++) {
        union value value;
        const struct http_field *f = find(table, query->items[i].name);
        if (f && value_of_text(f, query->items[i].value, &value))
            store(f, value, out);
    }
}

void fields_read_json(const struct http_field *table, const json_t *object, void *out)
{
    for (const struct http_field *f = table; f && f->name; f++) {
        union value value;
        const json_t *json = json_object_get(object, f->name);
        if (json && value_of_json(f, json, &value))
            store(f, value, out);
    }
}

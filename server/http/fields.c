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
        if (f->type != HTTP_RAW && span_eq(span_of(f->name), name))
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
    case HTTP_INTEGER:
    case HTTP_INTEGER_OR_NULL:
        return text_to_integer(text, &out->integer) && in_bounds(f, out->integer);
    case HTTP_TEXT: out->text = text.ptr; return in_bounds(f, (int64_t)text.len);
    case HTTP_TEXTS:
    case HTTP_JSON:
    case HTTP_RAW: break;
    }
    return false;
}

static bool integer_of_json(const struct http_field *f, const json_t *json, int64_t *out)
{
    bool is_null = f->type == HTTP_INTEGER_OR_NULL && json_is_null(json);
    *out = is_null ? HTTP_NULL : json_integer_value(json);
    return is_null || (json_is_integer(json) && in_bounds(f, *out));
}

static bool is_text(const struct http_field *f, const json_t *json)
{
    return json_is_string(json) && in_bounds(f, (int64_t)json_string_length(json));
}

static bool is_list_of_texts(const struct http_field *f, const json_t *json)
{
    for (size_t i = 0; i < json_array_size(json); i++)
        if (!is_text(f, json_array_get(json, i)))
            return false;
    return json_is_array(json) && json_array_size(json) <= HTTP_MAX_TEXTS;
}

static bool value_of_json(const struct http_field *f, const json_t *json, union value *out)
{
    switch (f->type) {
    case HTTP_BOOL:
        out->choice = json_is_true(json) ? HTTP_YES : HTTP_NO;
        return json_is_boolean(json);
    case HTTP_INTEGER:
    case HTTP_INTEGER_OR_NULL: return integer_of_json(f, json, &out->integer);
    case HTTP_TEXT: out->text = json_string_value(json); return is_text(f, json);
    case HTTP_TEXTS: out->json = json; return is_list_of_texts(f, json);
    case HTTP_JSON: out->json = json; return true;
    case HTTP_RAW: break;
    }
    return false;
}

static struct http_texts texts_of(const json_t *list, struct arena *arena)
{
    struct http_texts texts = { .count = json_array_size(list) };
    texts.items = arena_alloc(arena, (texts.count + 1) * sizeof(*texts.items));
    for (size_t i = 0; i < texts.count; i++)
        texts.items[i] = json_string_value(json_array_get(list, i));
    return texts;
}

/* Lists come from JSON alone, which has an arena for them. */
static void store(const struct http_field *f, union value value, struct arena *arena, void *out)
{
    void *at = (char *)out + f->offset;
    switch (f->type) {
    case HTTP_BOOL: memcpy(at, &value.choice, sizeof(value.choice)); break;
    case HTTP_INTEGER:
    case HTTP_INTEGER_OR_NULL: memcpy(at, &value.integer, sizeof(value.integer)); break;
    case HTTP_TEXT: memcpy(at, &value.text, sizeof(value.text)); break;
    case HTTP_JSON: memcpy(at, &value.json, sizeof(value.json)); break;
    case HTTP_TEXTS: {
        struct http_texts texts = texts_of(value.json, arena);
        memcpy(at, &texts, sizeof(texts));
        break;
    }
    case HTTP_RAW: break;
    }
}

static void blame_value(json_t **errors, const struct http_field *f)
{
    char detail[DETAIL_MAX] = "must be true or false";
    if (f->type == HTTP_INTEGER || f->type == HTTP_INTEGER_OR_NULL)
        snprintf(detail, sizeof(detail), "must be a whole number from %" PRId64 " to %" PRId64 "%s",
                 f->min, f->max, f->type == HTTP_INTEGER ? "" : ", or null");
    if (f->type == HTTP_TEXT)
        snprintf(detail, sizeof(detail), "must be a text of %" PRId64 " to %" PRId64 " octets",
                 f->min, f->max);
    if (f->type == HTTP_TEXTS)
        snprintf(detail, sizeof(detail),
                 "must be a list of at most %d texts of %" PRId64 " to %" PRId64 " octets",
                 HTTP_MAX_TEXTS, f->min, f->max);
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

/* ---- objects ---- */

/* Some field lies in the object of this name, "limits" for "limits.max_age_seconds". */
static bool is_object(const struct http_field *table, struct span name)
{
    for (const struct http_field *f = table; f && f->name; f++)
        if (span_starts_with(span_of(f->name), name) && f->name[name.len] == '.')
            return true;
    return false;
}

static void check_object(const struct http_field *table, struct span prefix, const json_t *object,
                         json_t **errors);

static void check_member(const struct http_field *table, struct span name, const json_t *json,
                         json_t **errors)
{
    union value value;
    const struct http_field *f = find(table, name);
    if (f) {
        if (!value_of_json(f, json, &value))
            blame_value(errors, f);
    } else if (!is_object(table, name)) {
        fields_blame(errors, name, "is no field of this resource");
    } else if (!json_is_object(json)) {
        fields_blame(errors, name, "must be an object");
    } else {
        check_object(table, name, json, errors);
    }
}

/* A name as sent has no dot: in the table dots lead into objects. */
static void check_object(const struct http_field *table, struct span prefix, const json_t *object,
                         json_t **errors)
{
    const char *key;
    json_t *json;
    /* The iterator takes no const; it changes nothing. */
    json_object_foreach((json_t *)object, key, json)
    {
        struct buf name AUTO(buf_done) = { 0 };
        buf_append(&name, prefix);
        if (prefix.len)
            buf_putc(&name, '.');
        buf_append(&name, span_of(key));
        if (strchr(key, '.'))
            fields_blame(errors, buf_span(&name), "is no field of this resource");
        else
            check_member(table, buf_span(&name), json, errors);
    }
}

json_t *fields_check_json(const struct http_field *table, const json_t *object)
{
    json_t *errors = NULL;
    check_object(table, (struct span){ 0 }, object, &errors);
    return errors;
}

/* NULL if it was not given. */
static const json_t *member(const json_t *object, struct span name)
{
    while (object && name.len) {
        struct span key = span_cut(&name, '.');
        object = json_object_getn(object, key.ptr, key.len);
    }
    return object;
}

/* ---- reading ---- */

void fields_read_query(const struct http_field *table, const struct http_pairs *query, void *out)
{
    for (size_t i = 0; i < query->count; i++) {
        union value value;
        const struct http_field *f = find(table, query->items[i].name);
        if (f && value_of_text(f, query->items[i].value, &value))
            store(f, value, NULL, out);
    }
}

void fields_read_json(const struct http_field *table, const json_t *object, struct arena *arena,
                      void *out)
{
    for (const struct http_field *f = table; f && f->name; f++) {
        union value value;
        const json_t *json = member(object, span_of(f->name));
        if (json && value_of_json(f, json, &value))
            store(f, value, arena, out);
    }
}

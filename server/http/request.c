#include "http/http.h"

#include "http/fields.h"
#include "http/target.h"

void http_request_init(struct http_request *r, const char *method, struct span target)
{
    *r = (struct http_request){ .method = method };
    r->fault = target_parse(r, target);
}

void http_request_done(struct http_request *r)
{
    json_decref(r->json);
    arena_done(&r->arena);
}

struct span http_header(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->headers.count; i++)
        if (span_ieq(r->headers.items[i].name, span_of(name)))
            return r->headers.items[i].value;
    return (struct span){ 0 };
}

/* The pattern's segments stand where the path's do. */
struct span http_parameter(const struct http_request *r, const char *name)
{
    struct span pattern = span_of(r->route->path);
    span_cut(&pattern, '/');
    for (size_t i = 0; i < r->segment_count; i++) {
        struct span segment = span_cut(&pattern, '/');
        if (segment.len > 1 && span_eq(span_slice(segment, 1, segment.len), span_of(name)))
            return r->segments[i];
    }
    return (struct span){ 0 };
}

int64_t http_parameter_id(const struct http_request *r, const char *name)
{
    int64_t id = 0;
    parse_id(http_parameter(r, name), &id);
    return id;
}

void http_read_query(struct http_request *r, void *out)
{
    fields_read_query(r->route->query, &r->query, out);
}

void http_read_body(struct http_request *r, void *out)
{
    fields_read_json(r->route->body, r->json, &r->arena, out);
}

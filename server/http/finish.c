#include "http/finish.h"

#include "http/guard.h"
#include "http/gzip.h"
#include "http/negotiate.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* Safe unless a handler knows better. Nothing is kept by a browser without asking again: what is
 * stored here may be deleted, or be another's after a restart. */
static const struct {
    const char *name, *value;
} usual[] = {
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox" },
    { "Cache-Control", "no-cache" },
    { "Vary", "Origin" },
};

static bool has_header(const struct http_response *res, const char *name)
{
    for (size_t i = 0; i < res->header_count; i++)
        if (strcasecmp(res->headers[i].name, name) == 0)
            return true;
    return false;
}

static void add_usual(struct http_response *res)
{
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (!has_header(res, usual[i].name))
            http_set_header(res, usual[i].name, usual[i].value);
}

/* The answer to a page of a listed origin may be read by it. */
static void share(const struct http_site *site, struct http_request *r, struct http_response *res)
{
    struct span origin = http_header(r, "Origin");
    if (!origin_is_listed(origin, (struct guard_list){ site->origins, site->origin_count }))
        return;
    http_set_header(res, "Access-Control-Allow-Origin", arena_copy(&r->arena, origin));
    http_set_header(res, "Access-Control-Expose-Headers", "ETag, Location");
}

static bool is_reading(const struct http_request *r)
{
    return strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
}

/* The headers stay: a cache replaces its own by them (RFC 9111 3.2), policies included. */
static void not_modified(struct http_response *res)
{
    struct http_response same = *res;
    same.status = 304;
    same.body = HTTP_EMPTY;
    same.done = NULL;
    http_response_done(res);
    *res = same;
}

/* If-Range: a part is of use only to who has the rest of the same thing (RFC 9110 13.1.5). */
static bool wants_range(const struct http_request *r, const struct http_response *res)
{
    struct span condition = http_header(r, "If-Range");
    return !condition.ptr || span_eq(condition, span_of(res->etag));
}

static void not_satisfiable(struct http_request *r, struct http_response *res)
{
    const char *size = arena_printf(&r->arena, "bytes */%" PRIu64, res->source.size);
    http_response_done(res);
    *res = http_problem(416, "The range lies outside what is there");
    http_set_header(res, "Content-Range", size);
}

/* What is empty has no range, and is sent as it is: who wants the first octets of whatever there is
 * gets them (RFC 9110 14.2 lets a server ignore the field). */
static void cut_range(struct http_request *r, struct http_response *res)
{
    uint64_t size = res->source.size;
    if (size == 0)
        return;
    enum range range = range_parse(http_header(r, "Range"), size, &res->start, &res->length);
    if (range == RANGE_OUTSIDE)
        not_satisfiable(r, res);
    if (range != RANGE_ONE)
        return;
    res->status = 206;
    http_set_header(res, "Content-Range",
                    arena_printf(&r->arena, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, res->start,
                                 res->start + res->length - 1, size));
}

/* Of GET alone: HEAD tells of the whole (RFC 9110 14.2). */
static void answer_range(struct http_request *r, struct http_response *res)
{
    http_set_header(res, "Accept-Ranges", "bytes");
    if (strcmp(r->method, "GET") == 0 && wants_range(r, res))
        cut_range(r, res);
}

/* Handlers name our own addresses as they are at the root. */
static void move_below_base(const struct http_site *site, struct http_request *r,
                            struct http_response *res)
{
    for (size_t i = 0; i < res->header_count; i++)
        if (strcasecmp(res->headers[i].name, "Location") == 0)
            res->headers[i].value =
                arena_printf(&r->arena, "%s%s", site->base, res->headers[i].value);
}

void http_finish(const struct http_site *site, struct http_request *r, struct http_response *res)
{
    bool is_packed = gzip_begin(r, res);
    if (is_reading(r)) {
        if (res->etag && etag_listed(http_header(r, "If-None-Match"), span_of(res->etag)))
            not_modified(res);
        else if (res->takes_ranges)
            answer_range(r, res);
    }
    if (res->etag)
        http_set_header(res, "ETag", res->etag);
    if (is_packed && res->body == HTTP_OWNED)
        gzip_finish(res);
    if (site->base && *site->base)
        move_below_base(site, r, res);
    share(site, r, res);
    add_usual(res);
}

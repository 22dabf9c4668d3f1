#include "http/fields.h"
#include "http/finish.h"
#include "http/guard.h"
#include "http/header.h"
#include "http/negotiate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* ---- routes ---- */

/* ":name" takes any segment, "#name" one that can be an id. */
static bool segment_fits(struct span pattern, struct span segment)
{
    int64_t id;
    if (span_starts_with(pattern, SPAN("#")))
        return parse_id(segment, &id);
    if (span_starts_with(pattern, SPAN(":")))
        return segment.len > 0;
    return span_eq(pattern, segment);
}

static bool path_fits(const char *route_path, const struct http_request *r)
{
    struct span pattern = span_of(route_path);
    span_cut(&pattern, '/');
    for (size_t i = 0; i < r->segment_count; i++)
        if (pattern.len == 0 || !segment_fits(span_cut(&pattern, '/'), r->segments[i]))
            return false;
    return pattern.len == 0;
}

/* HEAD is GET whose body is not sent; the server leaves it out. */
static bool method_fits(const char *route_method, const char *method)
{
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    return strcmp(route_method, method) == 0;
}

/* The methods the path is known by, "GET, HEAD, DELETE, OPTIONS"; empty if it is not known. */
static void list_methods(const struct http_site *site, const struct http_request *r,
                         struct buf *out)
{
    for (size_t i = 0; i < site->route_count; i++) {
        const struct http_route *route = &site->routes[i];
        if (path_fits(route->path, r))
            buf_printf(out, "%s%s, ", route->method,
                       strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
    }
    if (out->len)
        buf_append(out, SPAN("OPTIONS"));
}

static const struct http_route *find_route(const struct http_site *site,
                                           const struct http_request *r)
{
    for (size_t i = 0; i < site->route_count; i++)
        if (method_fits(site->routes[i].method, r->method) && path_fits(site->routes[i].path, r))
            return &site->routes[i];
    return NULL;
}

/* ---- before the body ---- */

static struct http_response pass(void)
{
    return (struct http_response){ 0 };
}

/* The HTML of a message has no origin, and browsers say so when it shows its own pictures. What is
 * asked for in this mode can be shown and not read, and only where Cross-Origin-Resource-Policy of
 * the answer allows it. */
static bool is_embedding(const struct http_request *r, struct span origin)
{
    bool is_get = strcmp(r->method, "GET") == 0;
    return is_get && span_eq(origin, SPAN("null")) &&
           span_eq(http_header(r, "Sec-Fetch-Mode"), SPAN("no-cors"));
}

static struct http_response check_caller(const struct http_site *site, const struct http_request *r)
{
    struct span host = http_header(r, "Host");
    struct span origin = http_header(r, "Origin");
    if (!host.ptr)
        return http_problem(400, "The request has no Host field");
    if (!host_is_allowed(host, (struct guard_list){ site->hosts, site->host_count }))
        return http_problem(403,
                            "This server does not answer to the name '%.*s'. "
                            "Call it by its address, or start it with --allowed-host.",
                            SPAN_ARG(host));
    if (!origin.ptr || origin_is_own(origin, host) || is_embedding(r, origin) ||
        origin_is_listed(origin, (struct guard_list){ site->origins, site->origin_count }))
        return pass();
    return http_problem(403,
                        "Pages of '%.*s' may not call this server. "
                        "Start it with --cors-origin if they should.",
                        SPAN_ARG(origin));
}

static struct http_response check_form(struct http_request *r)
{
    const struct http_fault *fault = header_check(r);
    if (fault)
        r->fault = fault;
    if (!r->fault)
        return pass();
    struct http_response res = http_errors_problem(r->fault->status, r->fault->detail, NULL);
    if (r->fault->is_endless)
        http_set_header(&res, "Connection", "close");
    return res;
}

static struct http_response answer_options(struct http_request *r, struct span methods)
{
    struct http_response res = http_empty(204);
    const char *allow = arena_copy(&r->arena, methods);
    http_set_header(&res, "Allow", allow);
    if (http_header(r, "Access-Control-Request-Method").ptr) {
        http_set_header(&res, "Access-Control-Allow-Methods", allow);
        http_set_header(&res, "Access-Control-Allow-Headers",
                        "Authorization, Content-Type, If-None-Match, Last-Event-ID, Range");
    }
    return res;
}

/* A browser asks what it may before it shows who asks. */
static struct http_response check_options(const struct http_site *site, struct http_request *r)
{
    struct buf methods AUTO(buf_done) = { 0 };
    if (strcmp(r->method, "OPTIONS") != 0)
        return pass();
    list_methods(site, r, &methods);
    return methods.len ? answer_options(r, buf_span(&methods)) : pass();
}

/* No route took it: is it the method, or the path? */
static struct http_response answer_elsewhere(const struct http_site *site, struct http_request *r)
{
    struct buf methods AUTO(buf_done) = { 0 };
    list_methods(site, r, &methods);
    if (methods.len) {
        struct http_response res =
            http_problem(405, "%s is not possible here; use %s", r->method, buf_text(&methods));
        http_set_header(&res, "Allow", arena_copy(&r->arena, buf_span(&methods)));
        return res;
    }
    if (site->fallback)
        return site->fallback(r);
    return http_problem(404, "There is nothing at this address");
}

static bool announces_body(const struct http_request *r)
{
    struct span length = http_header(r, "Content-Length");
    return http_header(r, "Transfer-Encoding").ptr || (length.ptr && !span_eq(length, SPAN("0")));
}

/* What the route takes as it is, beside JSON; NULL: nothing. */
static const char *raw_type(const struct http_request *r)
{
    for (const struct http_field *f = r->route->body; f && f->name; f++)
        if (f->type == HTTP_RAW)
            return f->name;
    return NULL;
}

bool http_takes_raw(const struct http_request *r)
{
    const char *type = r->route ? raw_type(r) : NULL;
    return type && is_media_type(http_header(r, "Content-Type"), span_of(type));
}

static struct http_response too_large(uint64_t max)
{
    return http_problem(413, "The body may have %" PRIu64 " octets at most", max);
}

struct http_response http_raw_problem(const struct http_site *site, int err)
{
    switch (err) {
    case -EFBIG: return too_large(site->raw_max);
    case -ENOSPC: return http_problem(507, "There is no room left for the message");
    default: return http_problem(503, "Too much mail is arriving at once; try again later");
    }
}

static struct http_response check_body_type(const struct http_site *site,
                                            const struct http_request *r)
{
    uint64_t length = 0;
    uint64_t max = http_takes_raw(r) ? site->raw_max : HTTP_MAX_BODY;
    parse_u64(http_header(r, "Content-Length"), &length);
    if (!r->route->body)
        return announces_body(r) ? http_problem(400, "This request takes no body") : pass();
    if (!http_takes_raw(r) &&
        !is_media_type(http_header(r, "Content-Type"), SPAN("application/json")))
        return http_problem(415, "The body must be of type application/json%s%s",
                            raw_type(r) ? " or " : "", raw_type(r) ? raw_type(r) : "");
    return length > max ? too_large(max) : pass();
}

static struct http_response check_query(const struct http_request *r)
{
    json_t *errors = fields_check_query(r->route->query, &r->query);
    return errors ? http_errors_problem(400, "The query is not as it must be", errors) : pass();
}

static struct http_response admit(const struct http_site *site, struct http_request *r)
{
    struct http_response res = check_caller(site, r);
    if (!res.status)
        res = check_form(r);
    if (res.status)
        return res;
    r->route = find_route(site, r);
    res = check_options(site, r);
    if (!res.status && site->admit)
        res = site->admit(r);
    if (res.status)
        return res;
    if (!r->route)
        return answer_elsewhere(site, r);
    res = check_query(r);
    return res.status ? res : check_body_type(site, r);
}

struct http_response http_admit(const struct http_site *site, struct http_request *r)
{
    struct http_response res = admit(site, r);
    if (res.status)
        http_finish(site, r, &res);
    return res;
}

/* ---- with the body ---- */

static struct http_response check_body(struct http_request *r)
{
    json_error_t error;
    if (!r->route->body || r->raw)
        return pass();
    if (r->body.len > HTTP_MAX_BODY)
        return too_large(HTTP_MAX_BODY);
    r->json = json_loadb(r->body.ptr, r->body.len, JSON_REJECT_DUPLICATES, &error);
    if (!r->json)
        return http_problem(400, "The body is not JSON: %s (line %d, column %d)", error.text,
                            error.line, error.column);
    if (!json_is_object(r->json))
        return http_problem(400, "The body must be a JSON object");
    json_t *errors = fields_check_json(r->route->body, r->json);
    return errors ? http_errors_problem(400, "The body is not as it must be", errors) : pass();
}

/* What is not known yet is finished when it is. */
static struct http_response finished(const struct http_site *site, struct http_request *r,
                                     struct http_response res)
{
    if (res.body != HTTP_LATER && res.body != HTTP_ASIDE)
        http_finish(site, r, &res);
    return res;
}

struct http_response http_run(const struct http_site *site, struct http_request *r)
{
    struct http_response res = check_body(r);
    return finished(site, r, res.status ? res : r->route->run(r));
}

struct http_response http_run_aside(const struct http_site *site, struct http_request *r)
{
    r->is_aside = true;
    return finished(site, r, r->route->run(r));
}

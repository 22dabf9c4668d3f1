#pragma once
/* Calls a site as the server would, without the server:
 *
 *     struct answer a;
 *     ask(&site, NULL, with(call("GET", "/items"), "Host", "evil.test"), &a);
 *     ...
 *     forget(&a); */

#include "../test.h"

#include "http/http.h"

#include <string.h>

enum { CALL_HEADERS = 8 };

struct call {
    const char *method, *target;
    struct http_pair headers[CALL_HEADERS]; /* a Host is added if there is none */
    size_t header_count;
    const char *body;
};

struct answer {
    int status;
    struct http_response response; /* whose body has been read */
    struct buf body;
    struct http_request request;
};

static inline struct call call(const char *method, const char *target)
{
    return (struct call){ .method = method, .target = target };
}

/* NULL as value: not sent. */
static inline struct call with(struct call c, const char *name, const char *value)
{
    if (value)
        c.headers[c.header_count++] = (struct http_pair){ span_of(name), span_of(value) };
    return c;
}

static inline struct call sending(struct call c, const char *body)
{
    c.body = body;
    return c;
}

static inline void read_body(struct http_response *res, struct buf *out)
{
    enum { STEP = 7 }; /* odd and small, so that what is made step by step is made in many */
    if (res->body == HTTP_OWNED || res->body == HTTP_STATIC)
        buf_append(out, res->bytes);
    uint64_t at = 0;
    while (res->body == HTTP_STREAM && at < res->length) {
        size_t left = res->length - at < STEP ? (size_t)(res->length - at) : STEP;
        int64_t got =
            res->source.read(res->source.arg, res->start + at, buf_reserve(out, STEP), left);
        assert_true(got >= 0);
        out->len += (size_t)got;
        at += (uint64_t)got;
        if (got == 0)
            break;
    }
}

/* What the server makes of a call, not yet read or sent. */
static inline struct http_response respond(const struct http_site *site, void *app, struct call c,
                                           struct http_request *r)
{
    http_request_init(r, c.method, span_of(c.target));
    r->app = app;
    r->ip = "192.0.2.1";
    r->headers.items = arena_alloc(&r->arena, (CALL_HEADERS + 1) * sizeof(*r->headers.items));
    memcpy(r->headers.items, c.headers, c.header_count * sizeof(*c.headers));
    r->headers.count = c.header_count;
    if (!http_header(r, "Host").ptr)
        r->headers.items[r->headers.count++] =
            (struct http_pair){ SPAN("Host"), SPAN("127.0.0.1:8025") };
    r->body = span_of(c.body);
    struct http_response res = http_admit(site, r);
    if (!res.status)
        res = http_run(site, r);
    return res.body == HTTP_ASIDE ? http_run_aside(site, r) : res;
}

static inline void ask(const struct http_site *site, void *app, struct call c, struct answer *out)
{
    *out = (struct answer){ 0 };
    struct http_response res = respond(site, app, c, &out->request);
    read_body(&res, &out->body);
    out->status = res.status;
    out->response = res;
    http_response_done(&res);
}

static inline void forget(struct answer *a)
{
    buf_done(&a->body);
    http_request_done(&a->request);
}

/* NULL if it was not sent. */
static inline const char *header(const struct answer *a, const char *name)
{
    for (size_t i = 0; i < a->response.header_count; i++)
        if (strcmp(a->response.headers[i].name, name) == 0)
            return a->response.headers[i].value;
    return NULL;
}

static inline json_t *json_body(const struct answer *a)
{
    return json_loadb(a->body.ptr, a->body.len, 0, NULL);
}

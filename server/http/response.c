#include "http/http.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

static struct http_response of_type(int status, const char *type, enum http_body body)
{
    struct http_response res = { .status = status, .body = body };
    http_set_header(&res, "Content-Type", type);
    return res;
}

void http_response_done(struct http_response *res)
{
    if (res->body == HTTP_OWNED)
        free((char *)res->bytes.ptr);
    if (res->done)
        res->done(res->arg);
    *res = (struct http_response){ 0 };
}

void http_set_header(struct http_response *res, const char *name, const char *value)
{
    size_t i = 0;
    while (i < res->header_count && strcasecmp(res->headers[i].name, name) != 0)
        i++;
    assert(i < HTTP_RESPONSE_HEADERS);
    res->headers[i].name = name;
    res->headers[i].value = value;
    if (i == res->header_count)
        res->header_count++;
}

struct http_response http_empty(int status)
{
    return (struct http_response){ .status = status };
}

/* FNV-1a: tells two states of one thing apart, and guards nothing. */
static uint64_t hash(struct span bytes)
{
    uint64_t sum = 0xCBF29CE484222325;
    for (size_t i = 0; i < bytes.len; i++)
        sum = (sum ^ (unsigned char)bytes.ptr[i]) * 0x100000001B3;
    return sum;
}

void http_tag(struct http_request *r, struct http_response *res)
{
    res->etag = arena_printf(&r->arena, "\"%016" PRIx64 "\"", hash(res->bytes));
}

struct http_response http_bytes(int status, const char *type, struct buf *bytes)
{
    struct http_response res = of_type(status, type, HTTP_OWNED);
    res.bytes.len = bytes->len;
    res.bytes.ptr = buf_take(bytes);
    return res;
}

static int append(const char *text, size_t len, void *out)
{
    buf_append(out, (struct span){ text, len });
    return 0;
}

void http_append_json(struct buf *out, const json_t *value)
{
    int err = json_dump_callback(value, append, out,
                                 JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    assert(err == 0);
    (void)err;
}

/* By way of our own buffer: what jansson allocates need not be plain memory. */
struct http_response http_json(int status, json_t *value)
{
    struct buf text = { 0 };
    http_append_json(&text, value);
    buf_putc(&text, '\n');
    json_decref(value);
    return http_bytes(status, "application/json", &text);
}

struct http_response http_stream(const char *type, struct source source, void (*done)(void *arg))
{
    struct http_response res = of_type(200, type, HTTP_STREAM);
    res.source = source;
    res.length = source.size;
    res.done = done;
    res.arg = source.arg;
    return res;
}

struct http_response http_later(int64_t topic, uint64_t deadline_us,
                                bool (*ask)(struct http_request *r, void *arg, bool is_last,
                                            struct http_response *out),
                                void (*done)(void *arg), void *arg)
{
    return (struct http_response){
        .body = HTTP_LATER,
        .topic = topic,
        .deadline_us = deadline_us,
        .ask = ask,
        .done = done,
        .arg = arg,
    };
}

struct http_response http_aside(void)
{
    return (struct http_response){ .body = HTTP_ASIDE };
}

struct http_response http_events(int64_t topic, enum http_next (*next)(void *arg, struct buf *out),
                                 void (*done)(void *arg), void *arg)
{
    struct http_response res = of_type(200, "text/event-stream", HTTP_EVENTS);
    res.topic = topic;
    res.next = next;
    res.done = done;
    res.arg = arg;
    /* nginx holds a stream back unless told not to. */
    http_set_header(&res, "X-Accel-Buffering", "no");
    return res;
}

/* A small site for tests of the HTTP server alone: prints its address, serves until its standard
 * input ends. */

#include "core/clock.h"
#include "http/http.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct http_server *server;
static atomic_int newest; /* what event streams tell */
static atomic_int open_streams;

/* ---- bodies of any size, made up as they are read: the octet at n is n modulo 251 ---- */

enum { FAILS_AT = 100000 };

static int64_t read_made_up(void *arg, uint64_t at, void *out, size_t len)
{
    uint64_t size = *(uint64_t *)arg;
    size_t count = len < size - at ? len : (size_t)(size - at);
    for (size_t i = 0; i < count; i++)
        ((unsigned char *)out)[i] = (unsigned char)((at + i) % 251);
    return (int64_t)count;
}

static int64_t read_and_fail(void *arg, uint64_t at, void *out, size_t len)
{
    return at >= FAILS_AT ? -EIO : read_made_up(arg, at, out, len);
}

static int64_t read_and_stop(void *arg, uint64_t at, void *out, size_t len)
{
    return at >= FAILS_AT ? 0 : read_made_up(arg, at, out, len);
}

struct size_query {
    int64_t size;
};

/* clang-format off */
static const struct http_field size_query[] = {
    { "size", HTTP_INTEGER, offsetof(struct size_query, size), 0, INT64_MAX },
    { 0 },
};
/* clang-format on */

static struct http_response made_up(struct http_request *r,
                                    int64_t (*read)(void *, uint64_t, void *, size_t))
{
    struct size_query q = { .size = 10 };
    uint64_t *size = xmalloc(sizeof(*size));
    http_read_query(r, &q);
    *size = (uint64_t)q.size;
    return http_stream("application/octet-stream", (struct source){ *size, read, size }, free);
}

static struct http_response get_sized(struct http_request *r)
{
    struct http_response res = made_up(r, read_made_up);
    res.takes_ranges = true;
    res.etag = "\"made-up\"";
    return res;
}

static struct http_response get_unsized(struct http_request *r)
{
    struct http_response res = made_up(r, read_made_up);
    res.length = (uint64_t)HTTP_SIZE_UNKNOWN;
    return res;
}

static struct http_response get_failing(struct http_request *r)
{
    return made_up(r, read_and_fail);
}

static struct http_response get_short(struct http_request *r)
{
    return made_up(r, read_and_stop);
}

/* ---- bodies that are sent to us ---- */

struct item {
    const char *text;
};

/* clang-format off */
static const struct http_field item_fields[] = {
    { "text", HTTP_TEXT, offsetof(struct item, text), 0, HTTP_MAX_BODY },
    { 0 },
};
/* clang-format on */

static struct http_response patch_item(struct http_request *r)
{
    struct item item = { .text = "" };
    http_read_body(r, &item);
    return http_json(200, json_pack("{s:i}", "length", (int)strlen(item.text)));
}

/* ---- events ---- */

static enum http_next next_event(void *arg, struct buf *out)
{
    int *told = arg;
    int now = atomic_load(&newest);
    while (*told < now)
        buf_printf(out, "id: %d\n\n", ++*told);
    return HTTP_MORE;
}

static void stream_done(void *arg)
{
    atomic_fetch_sub(&open_streams, 1);
    free(arg);
}

static struct http_response get_events(struct http_request *r)
{
    (void)r;
    int *told = xmalloc(sizeof(*told));
    *told = atomic_load(&newest);
    atomic_fetch_add(&open_streams, 1);
    return http_events(HTTP_ANY_TOPIC, next_event, stream_done, told);
}

static struct http_response get_open_streams(struct http_request *r)
{
    (void)r;
    return http_json(200, json_integer(atomic_load(&open_streams)));
}

static struct http_response post_event(struct http_request *r)
{
    (void)r;
    int now = atomic_fetch_add(&newest, 1) + 1;
    http_wake(server, HTTP_ANY_TOPIC);
    return http_json(200, json_integer(now));
}

/* ---- an answer that is given when there is something newer than `after` ---- */

struct later_query {
    int64_t after, timeout_ms;
};

/* clang-format off */
static const struct http_field later_query[] = {
    { "after",      HTTP_INTEGER, offsetof(struct later_query, after),      0, INT64_MAX },
    { "timeout_ms", HTTP_INTEGER, offsetof(struct later_query, timeout_ms), 0, 600000 },
    { 0 },
};
/* clang-format on */

static bool tell_newer(struct http_request *r, void *arg, bool is_last, struct http_response *out)
{
    const int *after = arg;
    int now = atomic_load(&newest);
    (void)r;
    if (now <= *after && !is_last)
        return false;
    *out = http_json(now > *after ? 200 : 408, json_integer(now));
    return true;
}

static struct http_response get_later(struct http_request *r)
{
    struct later_query q = { .timeout_ms = 30000 };
    http_read_query(r, &q);
    int *after = xmalloc(sizeof(*after));
    *after = (int)q.after;
    atomic_fetch_add(&open_streams, 1);
    return http_later(HTTP_ANY_TOPIC, clock_steady_us() + (uint64_t)q.timeout_ms * 1000, tell_newer,
                      stream_done, after);
}

/* clang-format off */
static const struct http_route routes[] = {
    { "GET",   "/sized",   get_sized, 0,        size_query,  NULL },
    { "GET",   "/unsized", get_unsized, 0,      size_query,  NULL },
    { "GET",   "/failing", get_failing, 0,      size_query,  NULL },
    { "GET",   "/short",   get_short, 0,        size_query,  NULL },
    { "PATCH", "/item",    patch_item, 0,       NULL,       item_fields },
    { "GET",   "/events",  get_events, 0,       NULL,       NULL },
    { "POST",  "/events",  post_event, 0,       NULL,       NULL },
    { "GET",   "/later",   get_later, 0,        later_query, NULL },
    { "GET",   "/streams", get_open_streams, 0, NULL,       NULL },
};
/* clang-format on */

/* http_site [SECONDS]: within which a header must be there. */
int main(int count, char **arguments)
{
    char end;
    struct buf why AUTO(buf_done) = { 0 };
    const struct http_config config = {
        .listen = "127.0.0.1:0",
        .site = { .routes = routes, .route_count = ARRAY_LEN(routes) },
        .threads = 2,
        .max_connections = 100,
        .max_connections_per_ip = 50,
        .max_event_streams = 20,
        .max_waits = 20,
        .idle_timeout_s = 60,
        .header_timeout_s = count > 1 ? (unsigned)atoi(arguments[1]) : 60,
    };
    if (http_open(&config, &server, &why) || http_start(server, &why)) {
        fprintf(stderr, "%s\n", buf_text(&why));
        return 1;
    }
    printf("%s\n", http_address(server));
    fflush(stdout);
    while (read(STDIN_FILENO, &end, 1) > 0)
        continue;
    http_close(server);
    return atomic_load(&open_streams) ? 2 : 0;
}

#include "core/log.h"
#include "core/netaddr.h"
#include "http/aside.h"
#include "http/connections.h"
#include "http/events.h"
#include "http/finish.h"
#include "http/reply.h"
#include "http/target.h"
#include "tls/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum {
    BACKLOG = 511,
    CONNECTION_MEMORY = 32 * 1024, /* a request's header and both buffers */
    DRAIN_MAX = 64 * 1024 * 1024,  /* what is read past of a refused request's body */
    BEAT_S = 15,
    SPARE_CONNECTIONS = 2 * CONNECTIONS_REFUSED_MAX,
};

struct http_server {
    struct http_config config;
    char address[NETADDR_TEXT];
    int fd;
    struct hub *hub;
    struct aside *aside;
    struct connections *connections;
    struct MHD_Daemon *daemon;
};

/* One request and its answer. */
struct exchange {
    struct http_request request;
    struct http_response refusal; /* status 0: none */
    struct hub_wait *wait;        /* of an answer that is given later; otherwise NULL */
    struct aside_job aside;       /* of one that took long */
    struct buf body;
    struct spool raw; /* where the request's `raw` points, if it does */
    size_t drained;
    bool is_begun;
};

/* ---- the request ---- */

/* libmicrohttpd's first word about a request: its target, before it takes it apart itself. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    const struct http_server *s = cls;
    struct exchange *x = xcalloc(1, sizeof(*x));
    (void)connection;
    http_request_init(&x->request, "", target_below(span_of(target), s->config.site.base));
    return x;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                 size_t name_len, const char *value, size_t value_len)
{
    struct http_request *r = cls;
    (void)kind;
    r->headers.items[r->headers.count++] =
        (struct http_pair){ { name, name_len }, { value ? value : "", value_len } };
    return r->headers.count > HTTP_MAX_FIELDS ? MHD_NO : MHD_YES; /* one more tells that */
}

static struct http_response admit(const struct http_server *s, struct http_request *r,
                                  const struct http_connection *c)
{
    struct http_response res = http_connection_refusal(c);
    if (!res.status)
        return http_admit(&s->config.site, r);
    http_finish(&s->config.site, r, &res);
    return res;
}

/* Header and method stay where libmicrohttpd keeps them, until the exchange is over. */
static void begin(struct http_server *s, struct exchange *x, struct MHD_Connection *connection,
                  const char *method)
{
    struct http_request *r = &x->request;
    struct http_connection *c = http_connection_of(connection);
    x->is_begun = true;
    watch_header_came(http_connection_watched(c));
    r->app = s->config.app;
    r->ip = http_connection_ip(c);
    r->method = method;
    r->headers.items = arena_alloc(&r->arena, (HTTP_MAX_FIELDS + 1) * sizeof(*r->headers.items));
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_header, r);
    x->refusal = admit(s, r, c);
    if (x->refusal.status || !http_takes_raw(r))
        return;
    spool_init(&x->raw, s->config.site.spools);
    r->raw = &x->raw;
}

/* ---- the answer ---- */

/* Instead of what there is no place for. The connection makes place for another. */
static void too_many(const struct http_server *s, struct exchange *x, const char *what,
                     struct http_response *res)
{
    http_response_done(res);
    *res = http_problem(503, "There are too many %s; close one, or try again later", what);
    http_set_header(res, "Retry-After", "5");
    http_set_header(res, "Connection", "close");
    http_finish(&s->config.site, &x->request, res);
}

static struct MHD_Response *make_reply(struct http_server *s, struct MHD_Connection *connection,
                                       struct exchange *x, struct http_response *res)
{
    if (res->body != HTTP_EVENTS)
        return reply_of(res);
    struct MHD_Response *reply = hub_stream(s->hub, connection, res);
    if (reply)
        return reply;
    too_many(s, x, "event streams", res);
    return reply_of(res);
}

/* libmicrohttpd ends a chunked body even where HEAD left it out, and the client would read that as
 * the next answer. A body that ends with the connection has no such end. */
static void mend_head(struct MHD_Response *reply, const struct exchange *x,
                      const struct http_response *res)
{
    bool is_chunked = res->body == HTTP_EVENTS ||
                      (res->body == HTTP_STREAM && res->length == (uint64_t)HTTP_SIZE_UNKNOWN);
    if (is_chunked && strcmp(x->request.method, "HEAD") == 0)
        MHD_set_response_options(reply, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

static enum MHD_Result send_response(struct http_server *s, struct MHD_Connection *connection,
                                     struct exchange *x, struct http_response res)
{
    struct MHD_Response *reply = make_reply(s, connection, x, &res);
    if (!reply)
        return MHD_NO;
    reply_add_headers(reply, &res);
    mend_head(reply, x, &res);
    log_debug("http", "answered", log_str("method", x->request.method),
              log_span("path", x->request.path), log_num("status", res.status));
    if (s->config.answered)
        s->config.answered(&x->request, res.status);
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned)res.status, reply);
    MHD_destroy_response(reply);
    return queued;
}

/* ---- answers that are given later ---- */

/* Called again by libmicrohttpd each time the hub has resumed the connection. */
static enum MHD_Result ask_again(struct http_server *s, struct MHD_Connection *connection,
                                 struct exchange *x)
{
    struct http_response res = { 0 };
    switch (hub_wait_ask(x->wait, &x->request, &res)) {
    case HUB_ASLEEP: return MHD_YES;
    case HUB_GONE: return MHD_NO;
    case HUB_ANSWERED: break;
    }
    http_finish(&s->config.site, &x->request, &res);
    return send_response(s, connection, x, res);
}

/* ---- answers that may take long ---- */

static enum MHD_Result run_aside(struct http_server *s, struct MHD_Connection *connection,
                                 struct exchange *x, struct http_response *res)
{
    x->aside = (struct aside_job){ .connection = connection, .request = &x->request };
    if (aside_run(s->aside, &x->aside))
        return MHD_YES;
    too_many(s, x, "requests that may take long", res);
    return send_response(s, connection, x, *res);
}

static struct http_response take_response(struct aside_job *job)
{
    struct http_response res = job->response;
    *job = (struct aside_job){ 0 };
    return res;
}

static enum MHD_Result answer(struct http_server *s, struct MHD_Connection *connection,
                              struct exchange *x, struct http_response res)
{
    if (res.body == HTTP_ASIDE)
        return run_aside(s, connection, x, &res);
    if (res.body != HTTP_LATER)
        return send_response(s, connection, x, res);
    x->wait = hub_wait_new(s->hub, connection, &res);
    if (x->wait)
        return ask_again(s, connection, x);
    too_many(s, x, "requests that wait", &res);
    return send_response(s, connection, x, res);
}

/* A refusal is answered after the body has been read past, so that the client is listening and the
 * connection stays usable; if the body is too long for that, at once, which closes it. */
static bool is_drainable(const struct http_request *r)
{
    uint64_t length = 0;
    parse_u64(http_header(r, "Content-Length"), &length);
    return length <= DRAIN_MAX && !(r->fault && r->fault->is_endless);
}

static struct http_response take_refusal(struct exchange *x)
{
    struct http_response res = x->refusal;
    x->refusal = (struct http_response){ 0 };
    return res;
}

static void take_raw(const struct http_site *site, struct exchange *x, struct span bytes)
{
    bool has_room = bytes.len <= site->raw_max - x->raw.size;
    int err = has_room ? spool_append(&x->raw, bytes) : -EFBIG;
    if (!err)
        return;
    spool_done(&x->raw);
    x->request.raw = NULL;
    x->refusal = http_raw_problem(site, err);
    http_finish(site, &x->request, &x->refusal);
}

/* What is beyond the limit is counted, not kept: one octet more than allowed tells that. */
static enum MHD_Result take_body(const struct http_site *site, struct exchange *x,
                                 struct span bytes)
{
    if (x->request.raw) {
        take_raw(site, x, bytes);
        return MHD_YES;
    }
    x->drained += bytes.len;
    if (x->drained > DRAIN_MAX)
        return MHD_NO;
    size_t room = x->refusal.status ? 0 : HTTP_MAX_BODY + 1 - x->body.len;
    buf_append(&x->body, span_slice(bytes, 0, room));
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **exchange)
{
    struct http_server *s = cls;
    struct exchange *x = *exchange;
    (void)url;
    (void)version;
    if (!x->is_begun) {
        begin(s, x, connection, method);
        if (x->refusal.status && !is_drainable(&x->request))
            return send_response(s, connection, x, take_refusal(x));
        return MHD_YES;
    }
    if (*upload_len) {
        struct span bytes = { upload, *upload_len };
        *upload_len = 0;
        return take_body(&s->config.site, x, bytes);
    }
    if (x->wait)
        return ask_again(s, connection, x);
    if (x->aside.is_over)
        return answer(s, connection, x, take_response(&x->aside));
    x->request.body = buf_span(&x->body);
    return answer(s, connection, x,
                  x->refusal.status ? take_refusal(x) : http_run(&s->config.site, &x->request));
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **exchange,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *x = *exchange;
    (void)cls;
    (void)why;
    if (!x)
        return;
    watch_request_over(http_connection_watched(http_connection_of(connection)));
    hub_wait_free(x->wait);
    http_response_done(&x->refusal);
    http_response_done(&x->aside.response);
    if (x->request.raw)
        spool_done(&x->raw);
    http_request_done(&x->request);
    buf_done(&x->body);
    free(x);
    *exchange = NULL;
}

static void __attribute__((format(printf, 2, 0)))
on_log(void *cls, const char *format, va_list args)
{
    struct buf text AUTO(buf_done) = { 0 };
    (void)cls;
    buf_vprintf(&text, format, args);
    log_debug("http", "libmicrohttpd", log_span("text", buf_span(&text)));
}

/* ---- start and stop ---- */

/* Our own socket, so that what is wrong with the address is known. Its number or negative errno. */
static int listen_at(const struct sockaddr_storage *addr)
{
    int one = 1;
    int fd = socket(addr->ss_family, SOCK_STREAM, 0);
    socklen_t size =
        addr->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
        bind(fd, (const struct sockaddr *)addr, size) < 0 || listen(fd, BACKLOG) < 0) {
        int err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

static void note_address(struct http_server *s, int fd)
{
    struct sockaddr_storage bound = { 0 };
    socklen_t size = sizeof(bound);
    getsockname(fd, (struct sockaddr *)&bound, &size);
    netaddr_format(&bound, s->address);
}

/* As for SMTP: AEAD ciphers with forward secrecy. */
static char tls_priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
                             ":-RSA:-DHE-RSA:-AES-256-CBC:-AES-128-CBC";

/* The pair is what libmicrohttpd cannot start without; each connection shows what it is lent. */
static struct MHD_Daemon *start_daemon(struct http_server *s)
{
    const struct http_config *c = &s->config;
    const struct MHD_OptionItem none = { MHD_OPTION_END, 0, NULL };
    const struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0,
          c->tls ? (void *)(uintptr_t)tls_lender_cert(c->tls) : NULL },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, c->tls ? (void *)(uintptr_t)tls_lender_key(c->tls) : NULL },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, tls_priority },
        none,
    };
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
            (c->tls ? MHD_USE_TLS : 0),
        0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, s->fd, MHD_OPTION_THREAD_POOL_SIZE, c->threads,
        MHD_OPTION_CONNECTION_LIMIT, c->max_connections + SPARE_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, c->idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_URI_LOG_CALLBACK,
        on_target, s, MHD_OPTION_NOTIFY_CONNECTION, connections_notify, s->connections,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_ARRAY, c->tls ? tls : &none,
        MHD_OPTION_END);
}

static int fail(struct buf *why, const struct http_config *c, int err)
{
    buf_printf(why, "Cannot serve HTTP at %s: %s", c->listen, strerror(-err));
    return err;
}

int http_open(const struct http_config *config, struct http_server **out, struct buf *why)
{
    struct sockaddr_storage addr;
    if (!netaddr_parse(span_of(config->listen), &addr))
        return fail(why, config, -EINVAL);
    int fd = listen_at(&addr);
    if (fd < 0)
        return fail(why, config, fd);
    struct http_server *s = xcalloc(1, sizeof(*s));
    s->config = *config;
    s->fd = fd;
    s->hub = hub_start((struct hub_limits){
        .streams = config->max_event_streams, .waits = config->max_waits, .beat_s = BEAT_S });
    s->aside = aside_start(&s->config.site);
    s->connections = connections_start(
        &(struct connections_config){ .max = config->max_connections,
                                      .max_per_ip = config->max_connections_per_ip,
                                      .header_timeout_s = config->header_timeout_s,
                                      .tls = config->tls });
    note_address(s, fd);
    *out = s;
    return 0;
}

int http_start(struct http_server *s, struct buf *why)
{
    s->daemon = start_daemon(s);
    return s->daemon ? 0 : fail(why, &s->config, -EIO);
}

const char *http_address(const struct http_server *s)
{
    return s->address;
}

void http_wake(struct http_server *s, int64_t topic)
{
    hub_wake(s->hub, topic);
}

void http_close(struct http_server *s)
{
    if (!s)
        return;
    aside_stop(s->aside);
    hub_close(s->hub);
    if (s->daemon)
        MHD_stop_daemon(s->daemon); /* closes the socket too */
    else
        close(s->fd);
    hub_free(s->hub);
    aside_free(s->aside);
    connections_stop(s->connections);
    free(s);
}

/* One SMTP connection: the only place that knows both the engine and the network.
 *
 * Bytes are fed to the engine straight from the server's read buffer. While a message is being
 * stored, or replies wait to be sent, the socket is not read, and what was read already waits in
 * `in`: that is the whole of pipelining and back-pressure. A connection that is over shuts down
 * its side and reads on until the client has closed too, because closing with bytes unread would
 * reset the connection and might take the last reply with it. */

#include "core/log.h"
#include "smtp/delivery.h"
#include "smtp/private.h"

#include <assert.h>
#include <errno.h>

enum {
    OUTPUT_HIGH = 64 * 1024, /* the engine rests while so many reply bytes are unsent */
    LINGER_MS = 2000,        /* how long a client may take to close after we ended the session */
};

struct conn {
    struct list by_activity; /* in conns or conns_ending of the server */
    struct list by_age;
    struct smtp_server *server;
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct smtp_engine *engine;
    struct peer *peer;
    struct buf in;                      /* read, not yet consumed */
    struct buf sending;                 /* what the write in flight sends */
    struct store_delivery *delivery;    /* the message that is arriving; NULL between messages */
    const struct smtp_reply *end_reply; /* ends the session when the message is settled */
    uint64_t number;
    uint64_t started_ms, active_ms; /* on the loop's clock */
    uint64_t messages, bytes_in;
    int spool_error;  /* why the message that is arriving cannot be kept */
    bool is_settling; /* a delivery is with a worker or the writer */
    bool is_writing;
    bool is_ending; /* nothing more is fed to the engine */
    bool is_closed; /* the handle is gone; freed when nothing is settling */
    char ip[NETADDR_TEXT];
};

static const struct smtp_reply idle_too_long = { 421, "4.4.2", "Idle for too long; closing" };
static const struct smtp_reply session_too_long = { 421, "4.4.2",
                                                    "The session lasts too long; closing" };
static const struct smtp_reply shutting_down = { 421, "4.3.2", "Mailstop is stopping; closing" };

static const struct smtp_reply no_tls = { 454, "4.7.0", "TLS is not available" };

static void resume(struct conn *c);

/* ---- life ---- */

static void maybe_free(struct conn *c)
{
    if (!c->is_closed || c->is_settling)
        return;
    buf_done(&c->in);
    buf_done(&c->sending);
    store_delivery_free(c->delivery);
    smtp_engine_free(c->engine);
    free(c);
}

static void on_closed(uv_handle_t *handle)
{
    struct conn *c = handle->data;
    struct smtp_server *s = c->server;
    log_info("smtp", "session closed", log_num("session", (int64_t)c->number), log_str("ip", c->ip),
             log_num("messages", (int64_t)c->messages), log_num("bytes", (int64_t)c->bytes_in),
             log_num("ms", (int64_t)(uv_now(s->loop) - c->started_ms)));
    c->is_closed = true;
    s->conn_count--;
    maybe_free(c);
    smtp_server_check_done(s);
}

static void close_now(struct conn *c)
{
    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    c->is_ending = true;
    list_remove(&c->by_activity);
    list_remove(&c->by_age);
    peers_leave(c->peer);
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void touch(struct conn *c, struct list *order)
{
    list_remove(&c->by_activity);
    list_append(order, &c->by_activity);
    c->active_ms = uv_now(c->server->loop);
}

/* ---- reading ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct conn *c = handle->data;
    (void)suggested;
    *out = uv_buf_init(c->server->read_buffer, SMTP_READ_SIZE);
}

static bool is_blocked(const struct conn *c)
{
    return c->is_settling || c->is_writing;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

/* Reads when the engine could go on, or when only the client's end is awaited. */
static void update_reading(struct conn *c)
{
    uv_stream_t *stream = (uv_stream_t *)&c->tcp;
    if (uv_is_closing((uv_handle_t *)stream))
        return;
    if (c->is_ending || !is_blocked(c))
        (void)uv_read_start(stream, on_alloc, on_read); /* again does no harm */
    else
        (void)uv_read_stop(stream);
}

/* ---- writing ---- */

static void on_written(uv_write_t *write, int status);

/* Sends what it can at once; the rest goes out behind the loop's back, one write at a time. */
static void flush(struct conn *c)
{
    struct buf *out = smtp_engine_output(c->engine);
    if (out->len == 0 || c->is_writing || uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    uv_buf_t bytes = uv_buf_init(out->ptr, (unsigned)out->len);
    int sent = uv_try_write((uv_stream_t *)&c->tcp, &bytes, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
        close_now(c);
        return;
    }
    buf_consume(out, sent > 0 ? (size_t)sent : 0);
    if (out->len == 0)
        return;
    c->sending = *out;
    *out = (struct buf){ 0 };
    c->is_writing = true;
    c->write.data = c;
    bytes = uv_buf_init(c->sending.ptr, (unsigned)c->sending.len);
    if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &bytes, 1, on_written))
        close_now(c);
}

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
    struct conn *c = shutdown->data;
    if (status < 0)
        close_now(c);
}

/* Nothing more will be sent; what the client still sends is read until it closes too. */
static void shut_down(struct conn *c)
{
    c->shutdown.data = c;
    if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shutdown))
        close_now(c);
}

static void on_written(uv_write_t *write, int status)
{
    struct conn *c = write->data;
    c->is_writing = false;
    buf_done(&c->sending);
    if (status < 0) {
        close_now(c);
    } else if (c->is_ending) {
        flush(c);
        if (!c->is_writing)
            shut_down(c);
    } else {
        resume(c);
    }
}

/* Nothing more is fed to the engine; what it has said so far is sent. */
static void finish(struct conn *c)
{
    c->is_ending = true;
    buf_done(&c->in);
    flush(c);
    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    touch(c, &c->server->conns_ending);
    if (!c->is_writing)
        shut_down(c);
    update_reading(c);
}

static void end(struct conn *c, const struct smtp_reply *reply)
{
    if (c->is_ending)
        return;
    if (c->is_settling) {
        c->end_reply = reply;
        return;
    }
    smtp_engine_end(c->engine, reply);
    finish(c);
}

/* ---- the message ---- */

static struct store_delivery *arriving(struct conn *c)
{
    if (!c->delivery)
        c->delivery = store_delivery_new(c->server->config->spool_dir);
    return c->delivery;
}

static void discard(struct conn *c)
{
    store_delivery_free(c->delivery);
    c->delivery = NULL;
    c->spool_error = 0;
}

static void keep(struct conn *c, struct span body)
{
    if (c->spool_error)
        return;
    c->spool_error = spool_append(&arriving(c)->raw, body);
    if (c->spool_error)
        log_error("smtp", "cannot spool a message; is the disk full?",
                  log_num("session", (int64_t)c->number),
                  log_str("error", uv_strerror(c->spool_error)),
                  log_str("folder", c->server->config->spool_dir));
}

static void deliver(struct conn *c)
{
    if (c->spool_error) {
        int err = c->spool_error;
        discard(c);
        smtp_engine_answer(c->engine, delivery_refusal(err));
        return;
    }
    struct store_delivery *d = arriving(c);
    delivery_describe(d, smtp_engine_envelope(c->engine), c->ip);
    d->reply_to = &c->server->settled;
    d->owner = c;
    c->delivery = NULL;
    c->is_settling = true;
    c->server->deliveries_out++;
    delivery_send(c->server->loop, c->server->store, d);
}

void conn_settle(struct store_delivery *d)
{
    struct conn *c = d->owner;
    c->is_settling = false;
    if (d->result == 0) {
        c->messages++;
        smtp_engine_stored(c->engine, d->message.id);
        log_info("smtp", "stored", log_num("session", (int64_t)c->number),
                 log_num("id", d->message.id), log_num("bytes", (int64_t)d->raw.size));
    } else {
        smtp_engine_answer(c->engine, delivery_refusal(d->result));
        log_warn("smtp", "not stored", log_num("session", (int64_t)c->number),
                 log_str("error", uv_strerror(d->result)));
    }
    store_delivery_free(d);
    if (c->is_closed)
        maybe_free(c);
    else if (c->end_reply)
        end(c, c->end_reply);
    else
        resume(c);
}

/* ---- the pump ---- */

static void on_event(struct conn *c, enum smtp_event event)
{
    switch (event) {
    case SMTP_NEED_INPUT: break;
    case SMTP_BODY: keep(c, smtp_engine_body(c->engine)); break;
    case SMTP_ASK_MAIL:
    case SMTP_ASK_RCPT: smtp_engine_answer(c->engine, NULL); break; /* everybody is welcome */
    case SMTP_ASK_STARTTLS: smtp_engine_answer(c->engine, &no_tls); break;
    case SMTP_STARTTLS: break; /* not before a yes */
    case SMTP_ASK_MESSAGE: deliver(c); break;
    case SMTP_DISCARD: discard(c); break;
    case SMTP_CLOSE: c->is_ending = true; break;
    }
}

/* Runs the engine as far as the bytes at hand and the client's reading allow. */
static void pump(struct conn *c, struct span *in)
{
    enum smtp_event event = SMTP_BODY;
    while (event != SMTP_NEED_INPUT && !is_blocked(c) && !c->is_ending) {
        event = smtp_engine_next(c->engine, in);
        on_event(c, event);
        if (smtp_engine_output(c->engine)->len >= OUTPUT_HIGH)
            flush(c);
    }
    if (c->is_ending)
        finish(c);
    else
        flush(c);
    update_reading(c);
}

static void resume(struct conn *c)
{
    if (uv_is_closing((uv_handle_t *)&c->tcp) || c->is_ending)
        return;
    touch(c, &c->server->conns);
    struct buf held = c->in; /* the pump may end the session, which drops c->in */
    c->in = (struct buf){ 0 };
    struct span rest = buf_span(&held);
    pump(c, &rest);
    if (rest.len && !c->is_ending) {
        buf_consume(&held, held.len - rest.len);
        c->in = held;
    } else {
        buf_done(&held);
    }
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct conn *c = stream->data;
    if (count < 0) {
        close_now(c);
        return;
    }
    c->bytes_in += (uint64_t)count;
    if (c->is_ending)
        return; /* the session is over; what still comes is read so that closing is clean */
    touch(c, &c->server->conns);
    struct span in = { buffer->base, (size_t)count };
    assert(c->in.len == 0); /* nothing is read while bytes wait */
    pump(c, &in);
    if (!c->is_ending)
        buf_append(&c->in, in);
}

/* ---- coming and going ---- */

static void refuse(struct conn *c)
{
    static char text[] = "421 4.7.0 Too many connections; try again later\r\n";
    uv_buf_t bytes = uv_buf_init(text, sizeof(text) - 1);
    (void)uv_try_write((uv_stream_t *)&c->tcp, &bytes, 1); /* a courtesy; the close says it too */
    log_warn("smtp", "too many connections", log_str("ip", c->ip),
             log_num("connections", (int64_t)c->server->conn_count));
    close_now(c);
}

static void greet(struct conn *c)
{
    (void)uv_tcp_nodelay(&c->tcp, 1);
    log_debug("smtp", "session opened", log_num("session", (int64_t)c->number),
              log_str("ip", c->ip));
    flush(c);
    update_reading(c);
}

void conn_accept(struct smtp_server *s, uv_stream_t *listener)
{
    struct conn *c = xcalloc(1, sizeof(*c));
    struct sockaddr_storage addr = { 0 };
    int len = sizeof(addr);
    if (uv_tcp_init(s->loop, &c->tcp)) {
        free(c);
        return;
    }
    c->server = s;
    c->tcp.data = c;
    c->number = ++s->sessions;
    c->started_ms = uv_now(s->loop);
    s->conn_count++;
    list_init(&c->by_activity);
    list_append(&s->conns_by_age, &c->by_age);
    touch(c, &s->conns);
    c->engine = smtp_engine_new(&s->config->proto, 0);
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) ||
        uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&addr, &len)) {
        close_now(c);
        return;
    }
    netaddr_format_ip(&addr, c->ip);
    if (s->conn_count <= s->config->max_connections)
        c->peer = peers_enter(&s->peers, &addr, s->config->max_connections_per_ip);
    if (c->peer)
        greet(c);
    else
        refuse(c);
}

void conn_end_all(struct smtp_server *s)
{
    struct list *next;
    for (struct list *l = s->conns_by_age.next; l != &s->conns_by_age; l = next) {
        next = l->next;
        end(container_of(l, struct conn, by_age), &shutting_down);
    }
}

static struct conn *first(struct list *by_activity)
{
    return list_is_empty(by_activity) ? NULL
                                      : container_of(by_activity->next, struct conn, by_activity);
}

void conn_sweep(struct smtp_server *s)
{
    uint64_t now = uv_now(s->loop);
    struct conn *c;
    while ((c = first(&s->conns_ending)) && now - c->active_ms >= LINGER_MS)
        close_now(c);
    while ((c = first(&s->conns)) && now - c->active_ms >= s->config->idle_timeout_ms) {
        if (c->is_settling)
            touch(c, &s->conns); /* it waits for us */
        else
            end(c, &idle_too_long);
    }
    struct list *next;
    for (struct list *l = s->conns_by_age.next; l != &s->conns_by_age; l = next) {
        next = l->next;
        c = container_of(l, struct conn, by_age);
        if (now - c->started_ms < s->config->session_timeout_ms)
            break;
        end(c, &session_too_long);
    }
}

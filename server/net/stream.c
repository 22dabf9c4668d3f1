/* One connection of a client, whatever is spoken on it, encrypted or not.
 *
 * What is read goes to the protocol straight from the host's read buffer, and what the protocol
 * says is sent from the protocol's own buffer; only what cannot be passed on at once is kept here.
 * A stream that is over shuts down its side and reads on until the client has closed too, because
 * closing with bytes unread would reset the connection and might take the last reply with it. */

#include "core/log.h"
#include "net/private.h"

#include <assert.h>

static const struct net_protocol *protocol_of(const struct net_stream *s)
{
    return s->host->config.protocol;
}

static bool is_closing(const struct net_stream *s)
{
    return uv_is_closing(&s->uv.handle);
}

/* ---- life ---- */

static void on_closed(uv_handle_t *handle)
{
    struct net_stream *s = handle->data;
    struct net_host *h = s->host;
    struct tls *tls = s->tls;
    buf_done(&s->in);
    buf_done(&s->sending);
    h->stream_count--;
    h->config.protocol->closed(s); /* may free it */
    tls_free(tls);
    net_host_check_stopped(h);
}

void net_stream_close(struct net_stream *s)
{
    if (is_closing(s))
        return;
    s->is_ending = true;
    list_remove(&s->by_activity);
    list_remove(&s->by_age);
    peers_leave(s->peer);
    slow_free(s->slow);
    s->slow = NULL;
    uv_close(&s->uv.handle, on_closed);
}

void net_stream_touch(struct net_stream *s, struct list *order)
{
    list_remove(&s->by_activity);
    list_append(order, &s->by_activity);
    s->active_ms = uv_now(s->host->loop);
}

/* ---- reading ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct net_stream *s = handle->data;
    (void)suggested;
    *out = uv_buf_init(s->host->read_buffer, (unsigned)slow_share_in(s->slow, NET_READ_SIZE));
}

bool net_stream_is_blocked(const struct net_stream *s)
{
    return s->is_held || s->is_writing || s->is_shaking || s->is_ending;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

/* Where TLS comes first, nothing is said or heard before it. */
static bool awaits_tls(const struct net_stream *s)
{
    return s->is_tls_first && !s->tls;
}

/* Reads until something waits, though nothing could be passed on: most clients say nothing before
 * they are answered, and to stop and start for each answer costs system calls. */
static void update_reading(struct net_stream *s)
{
    if (is_closing(s))
        return;
    bool has_room =
        s->in.len == 0 && !s->is_input_over && !awaits_tls(s) && !slow_waits_in(s->slow);
    if (s->is_ending || s->is_ignored || has_room)
        (void)uv_read_start(&s->uv.stream, on_alloc, on_read); /* again does no harm */
    else
        (void)uv_read_stop(&s->uv.stream);
}

/* ---- writing ---- */

static void on_written(uv_write_t *write, int status);
static void written(struct net_stream *s);

/* What is to be sent, as it is sent. */
static struct buf *encode(struct net_stream *s)
{
    if (!s->is_shaking)
        s->bytes_out += s->out->len;
    if (!s->tls)
        return s->out;
    if (!s->is_shaking)
        tls_put(s->tls, s->out);
    if (s->is_ending)
        tls_end(s->tls);
    return tls_output(s->tls);
}

/* It is not the client who is slow; but a server that stops waits for nobody. */
static void excuse(struct net_stream *s)
{
    struct net_host *h = s->host;
    if (!s->is_shaking && !h->is_stopping)
        net_stream_touch(s, s->is_ending ? &h->ending : &h->active);
}

/* A share of it; the next goes when the throttle says so. */
static void send_slowly(struct net_stream *s)
{
    size_t share = slow_share_out(s->slow, s->sending.len);
    uv_buf_t bytes = uv_buf_init(s->sending.ptr, (unsigned)share);
    int sent = uv_try_write(&s->uv.stream, &bytes, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
        net_stream_close(s);
        return;
    }
    if (sent > 0)
        excuse(s);
    buf_consume(&s->sending, sent > 0 ? (size_t)sent : 0);
    (void)slow_took_out(s->slow, sent > 0 ? (size_t)sent : slow_share_out(s->slow, SIZE_MAX));
}

static void may_write(struct net_stream *s)
{
    if (s->sending.len)
        send_slowly(s);
    else
        written(s);
}

/* Sends what it can at once; the rest goes out behind the loop's back, one write at a time. */
static void flush(struct net_stream *s)
{
    if (s->is_writing || awaits_tls(s) || is_closing(s))
        return;
    struct buf *out = encode(s);
    if (out->len == 0)
        return;
    if (slow_share_out(s->slow, SIZE_MAX) < SIZE_MAX) {
        s->sending = *out;
        *out = (struct buf){ 0 };
        s->is_writing = true;
        send_slowly(s);
        return;
    }
    uv_buf_t bytes = uv_buf_init(out->ptr, (unsigned)out->len);
    int sent = uv_try_write(&s->uv.stream, &bytes, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
        net_stream_close(s);
        return;
    }
    buf_consume(out, sent > 0 ? (size_t)sent : 0);
    if (out->len == 0)
        return;
    s->sending = *out;
    *out = (struct buf){ 0 };
    s->is_writing = true;
    s->write.data = s;
    bytes = uv_buf_init(s->sending.ptr, (unsigned)s->sending.len);
    if (uv_write(&s->write, &s->uv.stream, &bytes, 1, on_written))
        net_stream_close(s);
}

void net_stream_flush(struct net_stream *s)
{
    flush(s);
}

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
    if (status < 0)
        net_stream_close(shutdown->data);
}

/* Nothing more will be sent; what the client still sends is read until it closes too. */
static void shut_down(struct net_stream *s)
{
    s->shutdown.data = s;
    if (uv_shutdown(&s->shutdown, &s->uv.stream, on_shutdown))
        net_stream_close(s);
}

/* ---- the pump ---- */

/* Lets the protocol go on as far as the octets at hand and the client's reading allow. */
static void pump(struct net_stream *s, struct span *in)
{
    net_stream_touch(s, &s->host->active);
    protocol_of(s)->input(s, in);
    if (s->is_input_over && !net_stream_is_blocked(s))
        net_stream_end(s);
    else if (!s->is_ending)
        flush(s);
}

static void go_on(struct net_stream *s)
{
    if (net_stream_is_blocked(s)) {
        update_reading(s);
        return;
    }
    struct buf held = s->in; /* the pump may end the session, which drops s->in */
    s->in = (struct buf){ 0 };
    struct span rest = buf_span(&held);
    pump(s, &rest);
    if (rest.len && !s->is_ending) {
        buf_consume(&held, held.len - rest.len);
        s->in = held;
    } else {
        buf_done(&held);
    }
    update_reading(s);
}

static void take(struct net_stream *s, struct span in)
{
    s->bytes_in += in.len;
    assert(s->in.len == 0); /* nothing is read while octets wait */
    if (!net_stream_is_blocked(s))
        pump(s, &in);
    if (!s->is_ending)
        buf_append(&s->in, in);
    update_reading(s);
}

/* ---- TLS ---- */

static void fail_tls(struct net_stream *s, const char *why)
{
    log_info(protocol_of(s)->name, "TLS failed", log_num("session", (int64_t)s->number),
             log_str("ip", s->ip), log_str("reason", why));
    net_stream_end(s); /* which sends what TLS says of it */
    s->outcome = NET_TLS_FAILED;
    s->tls_failure = why;
}

void net_stream_give_up_tls(struct net_stream *s)
{
    fail_tls(s, "the handshake takes too long");
}

static void begin_tls(struct net_stream *s, struct tls_identity *identity)
{
    s->tls = tls_new(identity ? identity : s->host->config.identity);
    s->must_fail = !identity;
    s->is_shaking = true;
    net_stream_touch(s, &s->host->shaking);
}

static void secure(struct net_stream *s)
{
    s->is_shaking = false;
    protocol_of(s)->secured(s);
}

/* What a server says that finds nothing in common with the client: RFC 8446 6.2. */
static void refuse_tls(struct net_stream *s)
{
    static const char alert[] = { 21, 3, 3, 0, 2, 2, 40 }; /* fatal, handshake_failure */
    buf_append(tls_output(s->tls), (struct span){ alert, sizeof(alert) });
    fail_tls(s, "a fault plan says so");
}

static void take_encrypted(struct net_stream *s, struct span in)
{
    struct buf *plain = &s->host->decrypted;
    if (s->must_fail) {
        refuse_tls(s);
        return;
    }
    buf_clear(plain);
    enum tls_state state = tls_take(s->tls, in, plain);
    if (state == TLS_FAILED) {
        fail_tls(s, tls_failure(s->tls));
        return;
    }
    s->is_input_over = state == TLS_ENDED;
    if (s->is_shaking && state != TLS_HANDSHAKE)
        secure(s);
    if (s->is_shaking) {
        flush(s);
        update_reading(s);
    } else if (!s->is_ending) {
        take(s, buf_span(plain));
    }
}

/* ---- what libuv tells ---- */

/* The client has closed its side, or is gone. What it has said is answered all the same. */
static void on_end(struct net_stream *s, bool is_gone)
{
    bool is_owed = !is_gone && !s->is_ending && !s->is_ignored;
    if (s->is_shaking && !s->is_ending) {
        fail_tls(s, "the client closed the connection");
    } else if (is_owed && net_stream_is_blocked(s)) {
        s->is_input_over = true;
        return;
    } else if (s->tls) {
        tls_end(s->tls);
        flush(s);
    }
    net_stream_close(s);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct net_stream *s = stream->data;
    struct span in = { buffer->base, count > 0 ? (size_t)count : 0 };
    if (slow_took_in(s->slow, in.len))
        update_reading(s);
    if (count < 0)
        on_end(s, count != UV_EOF);
    else if (s->is_ending || s->is_ignored)
        return; /* the session is over; what still comes is read so that closing is clean */
    else if (s->tls)
        take_encrypted(s, in);
    else
        take(s, in);
}

static void on_written(uv_write_t *write, int status)
{
    struct net_stream *s = write->data;
    if (status < 0) {
        s->is_writing = false;
        net_stream_close(s);
    } else {
        written(s);
    }
}

static void written(struct net_stream *s)
{
    s->is_writing = false;
    buf_done(&s->sending);
    if (s->is_ending) {
        flush(s);
        if (!s->is_writing)
            shut_down(s);
    } else {
        flush(s); /* what the protocol said meanwhile */
        go_on(s);
    }
}

void net_stream_hold(struct net_stream *s)
{
    s->is_held = true;
}

void net_stream_resume(struct net_stream *s)
{
    s->is_held = false;
    go_on(s);
}

void net_stream_ignore(struct net_stream *s)
{
    s->is_ignored = true;
    update_reading(s);
}

void net_stream_throttle(struct net_stream *s, uint64_t in_rate, uint64_t out_rate)
{
    static const struct slow_owner owner = { update_reading, may_write };
    if (!s->slow)
        s->slow = slow_new(s, &owner);
    slow_set(s->slow, in_rate, out_rate);
}

void net_stream_drop(struct net_stream *s)
{
    s->outcome = NET_ENDED;
    flush(s);
    net_stream_close(s);
}

void net_stream_start_tls(struct net_stream *s, struct tls_identity *identity)
{
    flush(s);
    if (!s->is_ending)
        begin_tls(s, identity);
}

struct tls_facts net_stream_tls(const struct net_stream *s)
{
    return s->tls && !s->is_shaking ? tls_facts(s->tls) : (struct tls_facts){ 0 };
}

/* Sends what is left to say. */
static void begin_end(struct net_stream *s)
{
    s->is_ending = true;
    s->outcome = NET_ENDED;
    buf_done(&s->in);
    flush(s);
}

static void linger(struct net_stream *s)
{
    if (is_closing(s))
        return;
    net_stream_touch(s, &s->host->ending);
    if (!s->is_writing)
        shut_down(s);
    update_reading(s);
}

void net_stream_end(struct net_stream *s)
{
    if (s->is_ending)
        return;
    begin_end(s);
    linger(s);
}

void net_stream_part(struct net_stream *s)
{
    if (s->is_ending)
        return;
    begin_end(s);
    if (s->is_writing || s->tls)
        linger(s);
    else
        net_stream_close(s);
}

/* ---- coming ---- */

static void refuse(struct net_stream *s)
{
    struct span text = span_of(protocol_of(s)->too_many);
    uv_buf_t bytes = uv_buf_init((char *)text.ptr, (unsigned)text.len);
    if (!s->is_tls_first)
        (void)uv_try_write(&s->uv.stream, &bytes, 1); /* a courtesy; the close says it too */
    log_warn(protocol_of(s)->name, "too many connections", log_str("ip", s->ip),
             log_num("connections", (int64_t)s->host->stream_count));
    net_stream_close(s);
    s->outcome = NET_REFUSED;
}

static void greet(struct net_stream *s)
{
    log_debug(protocol_of(s)->name, "session opened", log_num("session", (int64_t)s->number),
              log_str("ip", s->ip));
    protocol_of(s)->welcome(s);
    if (s->is_ending)
        return;
    flush(s);
    update_reading(s);
}

static void enter(struct net_host *h, struct net_stream *s, bool is_tls_first)
{
    s->host = h;
    s->uv.handle.data = s;
    s->started_ms = uv_now(h->loop);
    s->is_tls_first = is_tls_first;
    h->stream_count++;
    list_init(&s->by_activity);
    list_append(&h->by_age, &s->by_age);
    net_stream_touch(s, &h->active);
}

/* Makes the stream one of the listener's kind. Neither makes a socket yet: nothing can fail. */
static void init_handle(struct net_stream *s, const uv_stream_t *listener)
{
    if (listener->type == UV_TCP)
        (void)uv_tcp_init(listener->loop, &s->uv.tcp);
    else
        (void)uv_pipe_init(listener->loop, &s->uv.pipe, 0);
}

static int accept_from(struct net_stream *s, uv_stream_t *listener)
{
    struct sockaddr_storage addr = { .ss_family = AF_UNIX };
    int len = sizeof(addr);
    int err = uv_accept(listener, &s->uv.stream);
    if (!err && listener->type == UV_TCP)
        err = uv_tcp_getpeername(&s->uv.tcp, (struct sockaddr *)&addr, &len);
    if (err)
        return err;
    netaddr_format_ip(&addr, s->ip);
    s->port = netaddr_port(&addr);
    return 0;
}

void net_stream_accept(struct net_host *h, uv_stream_t *listener, bool is_tls_first)
{
    struct net_stream *s = h->config.protocol->open(h->config.owner, is_tls_first);
    init_handle(s, listener);
    enter(h, s, is_tls_first);
    if (accept_from(s, listener)) {
        net_stream_close(s);
        return;
    }
    if (h->stream_count <= h->config.max_streams)
        s->peer = peers_enter(&h->peers, s->ip, h->config.max_streams_per_ip);
    if (s->peer)
        greet(s);
    else
        refuse(s);
}

/* One SMTP session: the only place that knows the engine, the network and the store.
 *
 * What the client says is fed to the engine; what the engine says is sent by the stream from the
 * engine's own buffer. While a message is being stored the stream is held. */

#include "smtp/conn.h"
#include "core/log.h"
#include "core/metrics.h"
#include "secret/secret.h"

#include <errno.h>

/* The engine's replies are sent when so many octets of them wait, though input is left. */
enum { OUTPUT_HIGH = 64 * 1024 };

/* How the server ends a session. */
struct dismissal {
    struct smtp_reply reply;
    enum store_outcome outcome;
};

static struct conn *conn_of(struct net_stream *stream)
{
    return container_of(stream, struct conn, stream);
}

/* ---- coming and going ---- */

struct net_stream *conn_open(void *owner, bool is_tls_first)
{
    struct conn *c = xcalloc(1, sizeof(*c));
    c->server = owner;
    c->engine = smtp_engine_new(&c->server->config->proto, is_tls_first ? SMTP_PEER_ENCRYPTED : 0);
    c->stream.out = smtp_engine_output(c->engine);
    metric_add(&metrics.smtp_connections_opened, 1);
    session_start(&c->session, &c->server->sessions, &c->stream, c->engine);
    c->stream.number = (uint64_t)c->session.id;
    return &c->stream;
}

static bool is_trusted(const struct conn *c)
{
    const struct smtp_server_config *config = c->server->config;
    for (size_t i = 0; i < config->xclient_from_count; i++)
        if (netaddr_is_in(c->stream.ip, config->xclient_from[i]))
            return true;
    return false;
}

static void greet(struct conn *c)
{
    mishap_befalls_greeting(c);
    session_take_replies(&c->session);
}

void conn_welcome(struct net_stream *stream)
{
    struct conn *c = conn_of(stream);
    if (is_trusted(c))
        smtp_engine_trust(c->engine);
    if (!stream->is_tls_first)
        greet(c);
    else if (!mishap_befalls(c, SMTP_STARTTLS))
        conn_react(c, SMTP_STARTTLS);
}

/* The stream is gone; what has not ended the session otherwise did now. */
static void end_closed(struct conn *c)
{
    struct session *s = &c->session;
    switch (c->stream.outcome) {
    case NET_REFUSED: session_end_refused(s, smtp_protocol.too_many); break;
    case NET_TLS_FAILED: session_end(s, STORE_TLS_FAILED, c->stream.tls_failure); break;
    case NET_CLIENT_LEFT:
    case NET_ENDED: session_end(s, STORE_DROPPED, "The client closed the connection"); break;
    }
}

/* Somebody has something that he brings back. */
static bool is_out(const struct conn *c)
{
    return c->is_settling || c->login;
}

static void maybe_free(struct conn *c)
{
    if (!c->is_closed || is_out(c))
        return;
    end_closed(c);
    session_done(&c->session);
    store_delivery_free(c->delivery);
    smtp_engine_free(c->engine);
    free(c);
}

/* A refusal that waits for its time need not be said any more. */
static void hurry_login(struct conn *c)
{
    if (c->login && login_hurry(c->login))
        c->login = NULL;
}

void conn_closed(struct net_stream *stream)
{
    struct conn *c = conn_of(stream);
    log_info("smtp", "session closed", log_num("session", (int64_t)stream->number),
             log_str("ip", stream->ip), log_num("messages", c->session.message_count),
             log_num("bytes", (int64_t)stream->bytes_in),
             log_num("ms", (int64_t)(uv_now(c->server->loop) - stream->started_ms)));
    metric_add(&metrics.smtp_connections_closed, 1);
    metric_add(&metrics.smtp_bytes_in, stream->bytes_in);
    c->is_closed = true;
    hurry_login(c);
    mishap_end(c);
    maybe_free(c);
}

void conn_discard(struct conn *c)
{
    store_delivery_free(c->delivery);
    c->delivery = NULL;
    c->spool_error = 0;
    c->body_bytes = 0;
}

void conn_end(struct conn *c, enum store_outcome outcome)
{
    session_take_replies(&c->session);
    if (outcome == STORE_QUIT)
        net_stream_part(&c->stream);
    else
        net_stream_end(&c->stream);
    session_end(&c->session, outcome, NULL);
}

static void dismiss(struct conn *c, const struct dismissal *d)
{
    conn_discard(c); /* now, not when the client has closed */
    smtp_engine_end(c->engine, &d->reply);
    conn_end(c, d->outcome);
}

void conn_dismiss(struct net_stream *stream, enum net_dismissal why)
{
    static const struct dismissal dismissals[] = {
        [NET_IDLE_TOO_LONG] = { { 421, "4.4.2", "Idle for too long; closing" }, STORE_TIMEOUT },
        [NET_SESSION_TOO_LONG] = { { 421, "4.4.2", "The session lasts too long; closing" },
                                   STORE_TIMEOUT },
        [NET_STOPPING] = { { 421, "4.3.2", "Mailstop is stopping; closing" }, STORE_SHUTDOWN },
    };
    struct conn *c = conn_of(stream);
    hurry_login(c);
    mishap_end(c);
    if (is_out(c))
        c->dismissal = &dismissals[why];
    else
        dismiss(c, &dismissals[why]);
}

/* ---- the message ---- */

static struct store_delivery *arriving(struct conn *c)
{
    if (!c->delivery)
        c->delivery = store_delivery_new(c->server->config->spools);
    return c->delivery;
}

static const struct smtp_reply *cannot_keep(struct conn *c, int err)
{
    struct smtp_server *s = c->server;
    delivery_complain(&s->complaint, err, uv_now(s->loop), s->config->spools);
    return delivery_refusal(err);
}

/* RFC 1870 section 6.3: what will not fit need not be sent. */
static const struct smtp_reply *may_begin(struct conn *c)
{
    uint64_t size = smtp_engine_envelope(c->engine)->size;
    return spools_have_room(c->server->config->spools, size) ? NULL : cannot_keep(c, -ENOBUFS);
}

/* What cannot be kept in whole is not kept in part: others need the room. */
static void keep(struct conn *c, struct span body)
{
    c->body_bytes += body.len;
    if (c->spool_error)
        return;
    int err = spool_append(&arriving(c)->raw, body);
    if (err) {
        conn_discard(c);
        c->spool_error = err;
    }
}

static void deliver(struct conn *c)
{
    c->body_bytes = 0;
    if (c->spool_error) {
        smtp_engine_answer(c->engine, cannot_keep(c, c->spool_error));
        c->spool_error = 0;
        return;
    }
    struct store_delivery *d = arriving(c);
    const struct store_client client = session_client(&c->session);
    const struct smtp_envelope *envelope = smtp_engine_envelope(c->engine);
    delivery_describe(d, envelope, &client);
    d->message.inbox_id = envelope->username.len ? c->inbox_id : 0;
    session_deliver(&c->session, d);
    d->reply_to = &c->server->settled;
    d->owner = c;
    c->delivery = NULL;
    c->is_settling = true;
    net_stream_hold(&c->stream);
    c->server->deliveries_out++;
    workers_post(&c->server->workers, d);
}

/* If the stream is gone, nobody hears the reply. */
void conn_go_on(struct conn *c)
{
    if (c->is_closed) {
        maybe_free(c);
        return;
    }
    if (is_out(c) || c->mishap.pause || c->mishap.is_stalled)
        return;
    session_take_replies(&c->session);
    if (c->dismissal)
        dismiss(c, c->dismissal);
    else
        net_stream_resume(&c->stream);
}

static void answer_stored(struct conn *c, int64_t id)
{
    if (mishap_befalls_stored(c))
        return;
    smtp_engine_stored(c->engine, id);
    (void)mishap_befalls_answered(c);
}

void conn_settle(struct store_delivery *d)
{
    struct conn *c = d->owner;
    c->is_settling = false;
    if (d->result == 0) {
        session_stored(&c->session, d);
        if (!c->is_closed)
            answer_stored(c, d->message.id);
        log_info("smtp", "stored", log_num("session", (int64_t)c->stream.number),
                 log_num("id", d->message.id), log_num("bytes", (int64_t)d->raw.size));
    } else {
        smtp_engine_answer(c->engine, delivery_refusal(d->result));
        log_warn("smtp", "not stored", log_num("session", (int64_t)c->stream.number),
                 log_str("error", uv_strerror(d->result)));
    }
    store_delivery_free(d);
    conn_go_on(c);
}

/* ---- logins ---- */

/* Made of letters and digits that nobody else was given. */
static void give_nonce(struct conn *c)
{
    char nonce[SECRET_SIZE];
    secret_make(nonce);
    smtp_engine_nonce(c->engine, nonce);
}

/* By AUTH, or because a trusted proxy says so. */
static void become(struct conn *c, int64_t inbox_id)
{
    c->inbox_id = inbox_id;
    if (inbox_id)
        c->session.inbox_id = inbox_id;
    if (!smtp_engine_login(c->engine)->mechanism)
        session_speak_for(&c->session, smtp_engine_xclient(c->engine));
}

static void accept_login(struct conn *c)
{
    c->is_let_in = false;
    smtp_engine_answer(c->engine, NULL);
    mishap_throttle(c, c->inbox_id);
}

/* The inbox's own plan may have something against it. */
static void let_in(struct conn *c)
{
    c->is_let_in = true;
    if (!mishap_befalls(c, SMTP_ASK_AUTH))
        accept_login(c);
}

static void logged_in(void *owner, const struct smtp_reply *refusal,
                      const struct store_inbox *inbox)
{
    struct conn *c = owner;
    struct span username = smtp_engine_login(c->engine)->username;
    if (refusal)
        log_warn("smtp", "login refused", log_num("session", (int64_t)c->stream.number),
                 log_str("ip", c->stream.ip), log_span("username", username),
                 log_str("why", refusal->text));
    else
        log_debug("smtp", "logged in", log_num("session", (int64_t)c->stream.number),
                  log_span("username", username), log_str("inbox", inbox->name));
    c->login = NULL;
    c->login_failures += refusal != NULL;
    if (inbox)
        become(c, inbox->id);
    if (refusal || c->is_closed || c->dismissal) /* which no plan holds up */
        smtp_engine_answer(c->engine, refusal);
    else
        let_in(c);
    conn_go_on(c);
}

static void log_in(struct conn *c)
{
    const struct login_config config = {
        .loop = c->server->loop,
        .store = c->server->store,
        .may_create = c->server->config->auto_create,
    };
    net_stream_hold(&c->stream);
    c->login = login_start(&config, c->engine, c->login_failures, logged_in, c);
}

/* Whoever has logged in at the proxy need not show a password here. */
static void speak_for(struct conn *c)
{
    if (smtp_engine_login(c->engine)->username.len) {
        log_in(c);
        return;
    }
    become(c, 0);
    smtp_engine_answer(c->engine, NULL);
}

/* ---- the pump ---- */

static void start_tls(struct conn *c)
{
    net_stream_start_tls(&c->stream, mishap_identity(c));
    c->mishap.tls = FAULT_TLS_NONE;
}

void conn_react(struct conn *c, enum smtp_event event)
{
    switch (event) {
    case SMTP_NEED_INPUT: break;
    case SMTP_LINE: session_take_line(&c->session); break;
    case SMTP_BODY: break; /* is kept */
    case SMTP_ASK_STEP: smtp_engine_answer(c->engine, NULL); break;
    case SMTP_ASK_XCLIENT: speak_for(c); break;
    case SMTP_ASK_MAIL: smtp_engine_answer(c->engine, may_begin(c)); break;
    case SMTP_ASK_RCPT: smtp_engine_answer(c->engine, NULL); break;     /* everybody is welcome */
    case SMTP_ASK_STARTTLS: smtp_engine_answer(c->engine, NULL); break; /* else it is not offered */
    case SMTP_STARTTLS: start_tls(c); break;
    case SMTP_ASK_NONCE: give_nonce(c); break;
    case SMTP_ASK_AUTH: c->is_let_in ? accept_login(c) : log_in(c); break;
    case SMTP_ASK_MESSAGE: deliver(c); break;
    case SMTP_DISCARD: conn_discard(c); break;
    case SMTP_CLOSE:
        conn_end(c, c->session.transcript.last_code == 221 ? STORE_QUIT : STORE_REFUSED);
        break;
    }
}

static void on_event(struct conn *c, enum smtp_event event)
{
    if (event == SMTP_BODY)
        keep(c, smtp_engine_body(c->engine));
    if (!mishap_befalls(c, event))
        conn_react(c, event);
}

/* Runs the engine as far as the bytes at hand and the client's reading allow. */
void conn_input(struct net_stream *stream, struct span *in)
{
    struct conn *c = conn_of(stream);
    enum smtp_event event = SMTP_BODY;
    while (event != SMTP_NEED_INPUT && !net_stream_is_blocked(stream)) {
        event = smtp_engine_next(c->engine, in);
        session_take_data(&c->session);
        session_take_replies(&c->session);
        on_event(c, event);
        session_take_replies(&c->session);
        if (stream->out->len >= OUTPUT_HIGH)
            net_stream_flush(stream);
    }
    if (event != SMTP_STARTTLS)
        return;
    (void)smtp_engine_next(c->engine, in); /* drops what is not TLS */
    session_take_notes(&c->session);
}

void conn_secured(struct net_stream *stream)
{
    struct conn *c = conn_of(stream);
    struct tls_facts tls = net_stream_tls(stream);
    session_secure(&c->session);
    log_debug("smtp", "TLS started", log_num("session", (int64_t)stream->number),
              log_str("version", tls.version), log_str("cipher", tls.cipher),
              log_str("sni", tls.sni));
    if (stream->is_tls_first)
        greet(c);
    else
        smtp_engine_tls_started(c->engine);
}

#include "tls/private.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    RECORD_MAX = 16 * 1024,    /* octets that one record can say: RFC 8446 5.1 */
    HANDSHAKE_MAX = 64 * 1024, /* no client needs so many octets to introduce itself */
    FAILURE_SIZE = 128,
};

struct tls {
    gnutls_session_t session;
    struct tls_pair *pair;
    enum tls_state state;
    struct span in; /* what GnuTLS has not yet pulled */
    struct buf out;
    size_t handshake_bytes;
    bool is_end_said;
    char sni[TLS_SNI_SIZE];
    char failure[FAILURE_SIZE];
};

/* ---- GnuTLS's side of the memory ---- */

static ssize_t pull(gnutls_transport_ptr_t ptr, void *to, size_t room)
{
    struct tls *t = ptr;
    size_t count = t->in.len < room ? t->in.len : room;
    if (count == 0) {
        gnutls_transport_set_errno(t->session, EAGAIN);
        return -1;
    }
    memcpy(to, t->in.ptr, count);
    t->in = span_slice(t->in, count, t->in.len);
    return (ssize_t)count;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const void *from, size_t count)
{
    struct tls *t = ptr;
    buf_append(&t->out, (struct span){ from, count });
    return (ssize_t)count;
}

/* ---- life ---- */

/* No tickets: a client that comes again shakes hands again, and no key outlives a session. */
struct tls *tls_new(struct tls_identity *identity)
{
    struct tls *t = xcalloc(1, sizeof(*t));
    t->pair = identity->pair;
    t->pair->sessions++;
    tls_must(gnutls_init(&t->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS));
    tls_must(gnutls_priority_set(t->session, identity->priority));
    tls_must(gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->pair->credentials));
    gnutls_handshake_set_timeout(t->session, GNUTLS_INDEFINITE_TIMEOUT); /* the host has a clock */
    gnutls_transport_set_ptr(t->session, t);
    gnutls_transport_set_pull_function(t->session, pull);
    gnutls_transport_set_push_function(t->session, push);
    return t;
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    gnutls_deinit(t->session);
    tls_pair_release(t->pair);
    buf_done(&t->out);
    free(t);
}

/* ---- taking ---- */

static enum tls_state fail(struct tls *t, const char *why)
{
    snprintf(t->failure, sizeof(t->failure), "%s", why);
    return TLS_FAILED;
}

/* Tells the client why as well, as far as TLS has a word for it. */
static enum tls_state fail_with(struct tls *t, int code)
{
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        snprintf(t->failure, sizeof(t->failure), "the client says: %s",
                 gnutls_alert_get_name(gnutls_alert_get(t->session)));
        return TLS_FAILED;
    }
    (void)gnutls_alert_send_appropriate(t->session, code);
    return fail(t, gnutls_strerror(code));
}

static void keep_sni(struct tls *t)
{
    unsigned type;
    size_t size = sizeof(t->sni) - 1;
    if (gnutls_server_name_get(t->session, t->sni, &size, &type, 0) < 0)
        t->sni[0] = '\0';
}

static enum tls_state shake_hands(struct tls *t)
{
    int code;
    do
        code = gnutls_handshake(t->session);
    while (code == GNUTLS_E_WARNING_ALERT_RECEIVED);
    if (code == GNUTLS_E_AGAIN)
        return t->handshake_bytes > HANDSHAKE_MAX ? fail(t, "the handshake is too long")
                                                  : TLS_HANDSHAKE;
    if (code < 0)
        return fail_with(t, code);
    keep_sni(t);
    return TLS_OPEN;
}

/* Renegotiation (RFC 5246 7.4.1.1) is refused, and ends the session: no client of mail needs it,
 * and it is the cheapest way to keep a server busy. */
static enum tls_state refuse_renegotiation(struct tls *t)
{
    (void)gnutls_alert_send(t->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
    return fail(t, "the client asked for renegotiation");
}

/* GnuTLS also says "again" when it has taken a message of its own, such as new keys. */
static bool is_more_at_hand(const struct tls *t, ssize_t code)
{
    return code == GNUTLS_E_AGAIN && t->in.len > 0;
}

static enum tls_state decrypt(struct tls *t, struct buf *plain)
{
    ssize_t count;
    do {
        count = gnutls_record_recv(t->session, buf_reserve(plain, RECORD_MAX), RECORD_MAX);
        plain->len += count > 0 ? (size_t)count : 0;
    } while (count > 0 || count == GNUTLS_E_WARNING_ALERT_RECEIVED || is_more_at_hand(t, count));
    switch (count) {
    case 0: return TLS_ENDED;
    case GNUTLS_E_AGAIN: return TLS_OPEN;
    case GNUTLS_E_REHANDSHAKE: return refuse_renegotiation(t);
    default: return fail_with(t, (int)count);
    }
}

enum tls_state tls_take(struct tls *t, struct span in, struct buf *plain)
{
    t->in = in;
    if (t->state == TLS_HANDSHAKE) {
        t->handshake_bytes += in.len;
        t->state = shake_hands(t);
    }
    if (t->state == TLS_OPEN)
        t->state = decrypt(t, plain);
    t->in = (struct span){ 0 };
    return t->state;
}

/* ---- putting ---- */

void tls_put(struct tls *t, struct buf *plain)
{
    struct span rest = buf_span(plain);
    assert(t->state != TLS_HANDSHAKE);
    while (rest.len && t->state != TLS_FAILED) {
        ssize_t count = gnutls_record_send(t->session, rest.ptr, rest.len);
        if (count < 0)
            t->state = fail(t, gnutls_strerror((int)count));
        else
            rest = span_slice(rest, (size_t)count, rest.len);
    }
    buf_clear(plain);
}

void tls_end(struct tls *t)
{
    if (t->is_end_said || t->state == TLS_HANDSHAKE || t->state == TLS_FAILED)
        return;
    t->is_end_said = true;
    (void)gnutls_bye(t->session, GNUTLS_SHUT_WR); /* memory takes it whole */
}

struct buf *tls_output(struct tls *t)
{
    return &t->out;
}

/* ---- views ---- */

struct tls_facts tls_facts(const struct tls *t)
{
    return (struct tls_facts){
        .version = gnutls_protocol_get_name(gnutls_protocol_get_version(t->session)),
        .cipher = gnutls_ciphersuite_get(t->session),
        .sni = t->sni[0] ? t->sni : NULL,
    };
}

const char *tls_failure(const struct tls *t)
{
    return t->failure;
}

#pragma once
/* What is kept of sessions: each takes down what is said in it, goes along with its messages, and
 * is reported to the store when it ends, and before if it lasts. */

#include "core/list.h"
#include "net/net.h"
#include "smtp/allowance.h"
#include "smtp/proto/engine.h"
#include "smtp/transcript.h"

/* Of all sessions of a server. */
struct sessions {
    struct store *store; /* borrowed */
    uv_timer_t beat;     /* while there are any of these: */
    struct list young;   /* struct session.young: not reported yet, the oldest first */
    struct list reports; /* struct store_report.link, to be given to the store together */
    size_t held;         /* octets of all transcripts */

    /* Of sessions without a message, what is recorded, in pieces of 4 KB; who comes faster is
     * counted, and the next one that is recorded says how many there were. */
    struct quota {
        struct allowance allowance;
        uint64_t left_out;
        uint64_t said_us; /* in the log, when; 0: never */
    } silent, refused;    /* the latter are those that there was no room for */
};

void sessions_start(struct sessions *all, uv_loop_t *loop, struct store *store);

/* No session is left. Gives the last reports away and closes the handle. */
void sessions_stop(struct sessions *all);

struct session {
    struct list young;
    struct sessions *all;
    struct net_stream *stream;  /* borrowed */
    struct smtp_engine *engine; /* borrowed */
    int64_t id;
    int64_t inbox_id; /* which it belongs to, as far as is known; a login changes it */
    int64_t started_at_ms;
    struct transcript transcript;
    uint64_t taken;     /* octets of what the server said that are taken down */
    uint64_t data;      /* octets of messages that are taken down */
    unsigned noted;     /* of the engine's notes of the session, those that were taken down */
    unsigned noted_now; /* and of the transaction's */
    struct arena arena; /* of what TLS agreed on */
    const char *tls, *cipher;
    char ip[NETADDR_IP];          /* of the client, if a proxy says so; else "" */
    unsigned port;                /* likewise */
    char asked[12];               /* the client's last command, as far as it is letters */
    struct store_refusal refusal; /* the first */
    int64_t message_count;
    bool is_refused; /* there was no room for it */
    bool is_reported, is_opening_reported;
    bool is_over;
};

/* The greeting is in the stream's output. */
void session_start(struct session *s, struct sessions *all, struct net_stream *stream,
                   struct smtp_engine *engine);

/* Frees what it holds. */
void session_done(struct session *s);

/* The engine shows a line. */
void session_take_line(struct session *s);

/* The engine may have said something: after each answer, before the stream sends it. */
void session_take_replies(struct session *s);

/* More of a message may have come. */
void session_take_data(struct session *s);

/* The engine may have noted something that no reply follows: what it notes is told behind the line
 * that it is about, before the reply. */
void session_take_notes(struct session *s);

/* Something is done to the client on purpose: what, and by which rule, as "rule 2: 451 ...". Before
 * what the server says by it. */
void session_fault(struct session *s, const char *what);

/* TLS has begun. */
void session_secure(struct session *s);

/* A trusted proxy says whom it speaks for. */
void session_speak_for(struct session *s, const struct smtp_xclient *x);

/* Who the client is, as far as the connection or a proxy tells. What it points to lasts as long as
 * the session. */
struct store_client session_client(const struct session *s);

/* The delivery is about to go: says by which session it came, and what was said. */
void session_deliver(struct session *s, struct store_delivery *d);

/* It is stored. */
void session_stored(struct session *s, const struct store_delivery *d);

/* It is over, and no delivery is under way. Only the first call counts. `what` says what happened
 * where what was said does not; else NULL. */
void session_end(struct session *s, enum store_outcome outcome, const char *what);

/* The limits have no room for it, and the client hears this. */
void session_end_refused(struct session *s, const char *reply);

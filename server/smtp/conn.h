#pragma once
/* What the files of a session share: conn.c runs it, mishap.c does to it what a fault plan says. */

#include "faults/board.h"
#include "smtp/login.h"
#include "smtp/pause.h"
#include "smtp/private.h"

struct conn {
    struct net_stream stream;
    struct smtp_server *server;
    struct smtp_engine *engine;
    struct session session;
    struct store_delivery *delivery; /* the message that is arriving; NULL between messages */
    struct login *login;             /* that waits for its answer */
    int64_t inbox_id;                /* whose login it was, while somebody is logged in */
    unsigned login_failures;
    const struct dismissal *dismissal; /* ends the session when nothing is out any more */
    int spool_error;                   /* why the message that is arriving cannot be kept */
    uint64_t body_bytes;               /* of it, so far */
    bool is_settling;                  /* a delivery is with a worker or the writer */
    bool is_let_in;                    /* the login that is asked about is good */
    bool is_closed;                    /* the stream is gone; freed when nothing is out any more */

    struct mishap {
        struct fault_found fault; /* that is being carried out; no rule: none */
        enum smtp_event event;    /* at which it was found; SMTP_NEED_INPUT: the greeting */
        struct pause *pause;      /* which comes first */
        bool is_stalled;          /* nothing more happens */
        struct buf greeting;      /* what waits for it */
        bool hides;               /* extensions, until the next EHLO */
        bool drops;               /* when the message is stored, */
        enum fault_drop moment;   /* and when then */
        enum fault_tls tls;       /* of the handshake that comes */
        int64_t throttled_by;     /* the inbox whose plan was asked for that last */
    } mishap;
};

/* What is done where no fault is: answers the engine's question, or reacts to what it tells. */
void conn_react(struct conn *c, enum smtp_event event);

/* Goes on with what the client says, if nothing is waited for. */
void conn_go_on(struct conn *c);

/* The message that is arriving is not kept. */
void conn_discard(struct conn *c);

/* What has been said is sent, then the connection is closed. */
void conn_end(struct conn *c, enum store_outcome outcome);

/* ---- mishap.c ---- */

/* True: a plan has something to say about it, and conn_react() is called in time if at all. */
bool mishap_befalls(struct conn *c, enum smtp_event event);

/* The greeting is in the output, and taken out of it if it has to wait. */
void mishap_befalls_greeting(struct conn *c);

/* The inbox is known, by a login or a recipient: what its plan has for the rest of the session. */
void mishap_throttle(struct conn *c, int64_t inbox_id);

/* The message is stored. True: nobody is to hear of it. */
bool mishap_befalls_stored(struct conn *c);

/* The reply to that is in the output. True: the connection was dropped behind it. */
bool mishap_befalls_answered(struct conn *c);

/* What the handshake shows; NULL: it fails. */
struct tls_identity *mishap_identity(struct conn *c);

/* Nothing is waited for any more. */
void mishap_end(struct conn *c);

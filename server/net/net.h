#pragma once
/* What protocols share: listeners, and streams of octets between a client and its session.
 *
 * A host serves one protocol: it listens, accepts within limits, and ends sessions that last too
 * long. A stream is one accepted connection. The protocol embeds it in what it keeps for a
 * session, puts what it has to say into a buffer of its own, and is given what the client says:
 *
 *     accepted → open(), welcome() → what is in *out is sent
 *     octets   → input()   → what is in *out is sent
 *     TLS      → secured() → what is in *out is sent
 *     too long → dismiss() → net_stream_end()
 *     gone     → closed()
 *
 * TLS is between the protocol and the connection, from the start or from net_stream_start_tls() on;
 * the protocol is given and gives the same octets as without.
 *
 * While replies wait to be sent, or the protocol waits for somebody (net_stream_hold()), what the
 * client says waits here, and while something waits, nothing more is read: that is the whole of
 * pipelining and back-pressure.
 *
 * Everything here belongs to the loop's thread. */

#include "core/buf.h"
#include "core/list.h"
#include "core/netaddr.h"
#include "tls/tls.h"

#include <uv.h>

struct net_host;
struct net_stream;
struct peer;
struct slow;

/* How it ended, as far as it can be seen from here. */
enum net_outcome {
    NET_CLIENT_LEFT,
    NET_ENDED,   /* the protocol ended it */
    NET_REFUSED, /* there was no room */
    NET_TLS_FAILED,
};

enum net_dismissal { NET_IDLE_TOO_LONG, NET_SESSION_TOO_LONG, NET_STOPPING };

struct net_protocol {
    const char *name;     /* in the log */
    const char *too_many; /* what a client hears that the limits have no room for */

    /* A session for one client more: zeroed, save `out`, `number` and what is the protocol's own.
     * If TLS comes first, *out is sent behind it. */
    struct net_stream *(*open)(void *owner, bool is_tls_first);

    /* There is room for it, and its address is known. It may be held, dropped or ended. If TLS
     * comes first it calls net_stream_start_tls(), now or later. */
    void (*welcome)(struct net_stream *s);

    /* Takes octets off the front of *in, and stops where net_stream_is_blocked(). What is left is
     * given again, with nothing new if nothing came, when it may go on. */
    void (*input)(struct net_stream *s, struct span *in);

    /* TLS has begun. */
    void (*secured)(struct net_stream *s);

    /* The session is to end: net_stream_end() at once, or when the stream is no longer held. */
    void (*dismiss)(struct net_stream *s, enum net_dismissal why);

    /* The connection is gone, and the stream is the protocol's to free, now or later. It knows of
     * TLS until this returns. */
    void (*closed)(struct net_stream *s);

    /* After net_host_stop(): no listener and no stream is left. */
    void (*stopped)(void *owner);
};

struct net_stream {
    /* For the protocol to read, `out` and `number` to set. */
    struct net_host *host;
    struct buf *out;              /* what is to be sent; emptied from the front */
    uint64_t number;              /* of the session, by which the log names it */
    uint64_t started_ms;          /* on the loop's clock */
    uint64_t bytes_in, bytes_out; /* to and from the protocol, as they are without TLS */
    bool is_held;
    bool is_tls_first; /* rather than begun in the course of it */
    enum net_outcome outcome;
    const char *tls_failure; /* why, if it failed */
    char ip[NETADDR_IP];     /* "unix" where there is none */
    unsigned port;           /* likewise 0 */

    /* What follows is for this folder. */
    struct list by_activity; /* in `shaking`, `active` or `ending` of the host */
    struct list by_age;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct peer *peer;
    struct slow *slow;  /* NULL: as fast as it goes */
    struct tls *tls;    /* NULL: octets are what they are */
    struct buf in;      /* read, not yet consumed */
    struct buf sending; /* what the write in flight sends */
    uint64_t active_ms;
    bool is_writing;
    bool must_fail;     /* the handshake that begins */
    bool is_shaking;    /* TLS is about to begin; until then the protocol rests */
    bool is_ignored;    /* what the client says */
    bool is_input_over; /* the client will say no more */
    bool is_ending;     /* nothing more is given to the protocol */
};

struct net_config {
    const struct net_protocol *protocol; /* borrowed */
    void *owner;                         /* given to open() and stopped() */
    size_t max_streams;
    size_t max_streams_per_ip;
    uint64_t idle_timeout_ms;
    uint64_t session_timeout_ms;
    uint64_t handshake_timeout_ms;
    struct tls_identity *identity; /* NULL: there is no TLS */
};

/* ---- hosts ---- */

struct net_host *net_host_new(uv_loop_t *loop, const struct net_config *config);

/* Listens on one address more; *bound_out tells which port it became. A Unix socket's file is made
 * as the umask says, in place of one that nobody listens at, and goes with the host; -EEXIST is a
 * file that is no socket. */
int net_host_listen(struct net_host *h, const struct sockaddr_storage *addr, bool is_tls_first,
                    struct sockaddr_storage *bound_out);

/* Stops listening and dismisses everybody. */
void net_host_stop(struct net_host *h);

/* After the loop has run out. NULL is accepted. */
void net_host_free(struct net_host *h);

/* ---- streams ---- */

/* Nothing more should be taken from the client now. */
bool net_stream_is_blocked(const struct net_stream *s);

/* Sends what it can of *out at once, though input() has not returned. */
void net_stream_flush(struct net_stream *s);

/* The protocol waits for somebody: until net_stream_resume() it is given nothing, and is not idle.
 * After closed() only the protocol knows of it. */
void net_stream_hold(struct net_stream *s);
void net_stream_resume(struct net_stream *s);

/* While it is held: what the client says is thrown away until it leaves or is dismissed. */
void net_stream_ignore(struct net_stream *s);

/* Octets a second from and to the client; 0: as fast as it goes. What has come already, or is on
 * its way, is not held back. */
void net_stream_throttle(struct net_stream *s, uint64_t in_rate, uint64_t out_rate);

/* From input(): sends what is in *out as it is, unless TLS comes first, then shakes hands and shows
 * `identity`; NULL: the handshake fails. What the client has said already is the protocol's to
 * drop; it is given nothing until secured(). */
void net_stream_start_tls(struct net_stream *s, struct tls_identity *identity);

/* What TLS agreed on; all NULL without it. */
struct tls_facts net_stream_tls(const struct net_stream *s);

/* Nothing more is given to the protocol; what is in *out is sent, then the connection is closed. */
void net_stream_end(struct net_stream *s);

/* The same where the client has asked for it and says no more: if all is sent at once, nobody waits
 * until it closes. */
void net_stream_part(struct net_stream *s);

/* Sends what it can of *out at once, and closes without more ado. */
void net_stream_drop(struct net_stream *s);

#pragma once
/* What the files of this folder share. */

#include "core/list.h"
#include "core/netaddr.h"
#include "smtp/peers.h"
#include "smtp/server.h"

enum { SMTP_READ_SIZE = 64 * 1024 };

struct smtp_server {
    uv_loop_t *loop;
    const struct smtp_server_config *config;
    struct store *store;
    struct list listeners;    /* struct listener.link */
    struct list conns;        /* struct conn.by_activity; least recently active first */
    struct list conns_ending; /* the same link; ended earliest first */
    struct list conns_by_age; /* struct conn.by_age; oldest first */
    size_t conn_count;
    struct peers peers;
    struct mailbox settled;    /* struct store_delivery.letter, from the writer */
    uv_async_t settled_signal; /* wakes the loop for `settled` */
    uv_timer_t sweep;          /* looks for sessions that have lasted too long */
    size_t deliveries_out;     /* not yet settled */
    bool is_stopping;
    uint64_t sessions;                /* how many there were: the number of the newest */
    char read_buffer[SMTP_READ_SIZE]; /* of whichever connection is being read */
};

/* Takes over the connection that waits at the listener. */
void conn_accept(struct smtp_server *s, uv_stream_t *listener);

/* A settled delivery comes back; frees it. */
void conn_settle(struct store_delivery *d);

/* Ends sessions that are over their time. */
void conn_sweep(struct smtp_server *s);

/* Ends all sessions because the server stops. */
void conn_end_all(struct smtp_server *s);

/* Closes the remaining handles once nothing more can come back. */
void smtp_server_check_done(struct smtp_server *s);

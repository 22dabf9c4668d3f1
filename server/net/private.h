#pragma once
/* What the files of this folder share. */

#include "net/net.h"
#include "net/peers.h"

enum { NET_READ_SIZE = 64 * 1024 };

struct net_host {
    uv_loop_t *loop;
    struct net_config config;
    struct list listeners; /* struct listener.link */
    struct list shaking;   /* struct net_stream.by_activity; who began earliest first */
    struct list active;    /* the same link; least recently active first */
    struct list ending;    /* the same link; ended earliest first */
    struct list by_age;    /* struct net_stream.by_age; oldest first */
    size_t stream_count;
    struct peers peers;
    uv_timer_t sweep; /* looks for sessions that have lasted too long */
    bool is_stopping;
    char read_buffer[NET_READ_SIZE]; /* of whichever stream is being read */
    struct buf decrypted;            /* what it says, if it is encrypted */
};

/* Takes over the connection that waits at the listener. */
void net_stream_accept(struct net_host *h, uv_stream_t *listener, bool is_tls_first);

/* A socket bound to the path, of which it removes what nobody listens at. */
int net_unix_bind(const struct sockaddr_storage *addr, int *fd_out);

/* As active as can be: the last in `order`. */
void net_stream_touch(struct net_stream *s, struct list *order);

/* The handshake did not come to an end in time. */
void net_stream_give_up_tls(struct net_stream *s);

void net_stream_close(struct net_stream *s);

/* Tells the owner once nothing is left. */
void net_host_check_stopped(struct net_host *h);

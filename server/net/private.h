#pragma once
/* What the files of this folder share. */

#include "core/peers.h"
#include "net/net.h"

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

/* ---- throttles: slow.c ---- */

/* Told when it may go on. */
struct slow_owner {
    void (*may_read)(struct net_stream *s);
    void (*may_write)(struct net_stream *s);
};

struct slow *slow_new(struct net_stream *s, const struct slow_owner *owner);
void slow_set(struct slow *slow, uint64_t in_rate, uint64_t out_rate);
void slow_free(struct slow *slow); /* NULL is accepted, here and below: nothing is slow */

/* How many octets may go at a time, of so many. */
size_t slow_share_in(const struct slow *slow, size_t most);
size_t slow_share_out(const struct slow *slow, size_t most);

/* So many went: the next may when the owner is told. False: at once. */
bool slow_took_in(struct slow *slow, size_t octets);
bool slow_took_out(struct slow *slow, size_t octets);

/* The owner is yet to be told. */
bool slow_waits_in(const struct slow *slow);

/* The handshake did not come to an end in time. */
void net_stream_give_up_tls(struct net_stream *s);

void net_stream_close(struct net_stream *s);

/* Tells the owner once nothing is left. */
void net_host_check_stopped(struct net_host *h);

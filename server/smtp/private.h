#pragma once
/* What the files of this folder share. */

#include "net/net.h"
#include "smtp/delivery.h"
#include "smtp/server.h"
#include "smtp/session.h"
#include "smtp/workers.h"

struct smtp_server {
    uv_loop_t *loop;
    const struct smtp_server_config *config;
    struct store *store;
    struct workers workers;
    struct sessions sessions;
    struct net_host *host;
    struct complaint complaint;             /* about spools */
    struct mailbox settled;                 /* struct store_delivery.letter, from the writer */
    uv_async_t settled_signal;              /* wakes the loop for `settled` */
    uv_prepare_t before_sleep;              /* when the workers get what there is */
    struct tls_identity *flawed[TLS_FLAWS]; /* for fault plans; NULL until one asks for it */
    size_t deliveries_out;                  /* not yet settled */
    bool is_over;                           /* no listener and no connection is left */
};

extern const struct net_protocol smtp_protocol;

/* For net_protocol: the session of one connection; `owner` is the smtp_server. */
struct net_stream *conn_open(void *owner, bool is_tls_first);
void conn_welcome(struct net_stream *stream);
void conn_input(struct net_stream *stream, struct span *in);
void conn_secured(struct net_stream *stream);
void conn_dismiss(struct net_stream *stream, enum net_dismissal why);
void conn_closed(struct net_stream *stream);

/* A settled delivery comes back; frees it. */
void conn_settle(struct store_delivery *d);

#pragma once
/* Takes mail over the network: listeners and connections on a libuv loop, the protocol engine
 * between them and the store.
 *
 * Everything here belongs to the loop's thread. A finished message is read by a worker thread,
 * stored by the store's writer, and answered back here: 250 only after it is committed. */

#include "smtp/proto/engine.h"
#include "store/store.h"
#include "tls/tls.h"

#include <sys/socket.h>
#include <uv.h>

struct fault_board;
struct smtp_server;

/* Borrowed until smtp_server_free(). */
struct smtp_server_config {
    struct smtp_config proto;
    struct spools *spools; /* of the bodies that arrive */
    size_t max_connections;
    size_t max_connections_per_ip;
    uint64_t idle_timeout_ms;
    uint64_t session_timeout_ms;
    const char *const *xclient_from; /* as netaddr_is_block() has them: who may say XCLIENT */
    size_t xclient_from_count;
    struct fault_board *faults;    /* the plans in force */
    bool magic_addresses;          /* recipients may say themselves what befalls them */
    bool auto_create;              /* a login with an unknown name makes an inbox */
    struct tls_identity *identity; /* NULL: no TLS, which `proto` must not offer then */
};

int smtp_server_new(uv_loop_t *loop, const struct smtp_server_config *config, struct store *store,
                    struct smtp_server **out);

/* Listens on one address more, for SMTP, or for SMTP inside TLS (RFC 8314 3.3); *bound_out tells
 * which port it became. */
int smtp_server_listen(struct smtp_server *s, const struct sockaddr_storage *addr,
                       bool is_tls_first, struct sockaddr_storage *bound_out);

/* Stops listening, lets messages that are being stored be answered, says 421 to everyone, and
 * closes. The loop runs out of the server's handles when that is done. */
void smtp_server_stop(struct smtp_server *s);

/* After the loop has run out. NULL is accepted. */
void smtp_server_free(struct smtp_server *s);

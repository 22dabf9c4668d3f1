#pragma once
/* The REST API v1 and the page, served over HTTP. web/openapi.yaml says what it answers. */

#include "core/buf.h"

struct fault_board;
struct spools;
struct store;
struct tls_lender;
struct api;

struct api_listener {
    const char *protocol; /* "smtp", "smtps" */
    const char *address;  /* "127.0.0.1:1025", "unix:PATH" */
};

/* All of it is borrowed until api_stop(). */
struct api_config {
    const char *listen; /* "127.0.0.1:8025"; port 0 takes a free one */
    struct store *store;
    struct fault_board *faults; /* the plans in force */
    const char *version;
    const char *const
        *allowed_hosts; /* names it may be called by, beside addresses and localhost */
    size_t allowed_host_count;
    const char *const *origins; /* of pages elsewhere that may call it */
    size_t origin_count;
    const char *base; /* "/mail", where all of it is behind a proxy; "" or NULL: at the root */
    struct tls_lender *tls; /* for HTTPS; NULL: HTTP */
    const char *ca_pem;     /* of the server's certificate; NULL: there is none of its own */
    const char *auth_file;  /* of people, as htpasswd -B makes it; NULL: none */
    const char *api_token;  /* the administrator's; NULL: none. With neither, everybody may call */
    const struct api_listener *listeners; /* the others that the program opened, for `info` */
    size_t listener_count;
    struct spools *spools; /* for `info` */
    /* Limits, for `info`; the last two hold for HTTP too. */
    uint64_t max_message_size;
    uint64_t max_inboxes;
    int64_t max_messages, max_age_seconds, max_bytes; /* 0: none */
    uint64_t max_recipients;
    uint64_t max_connections;
    uint64_t max_connections_per_ip;
};

/* Listens to the store's news until it is stopped. On failure `*why` is a sentence for the
 * operator. */
int api_start(const struct api_config *config, struct api **out, struct buf *why);

/* Where it listens, "127.0.0.1:8025"; "" before it does. */
const char *api_address(const struct api *a);

/* Ends streams and closes connections; before the store is closed. NULL is accepted. */
void api_stop(struct api *a);

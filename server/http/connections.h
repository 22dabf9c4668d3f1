#pragma once
/* What outlives their requests. How many there may be, in all and from one address;
 * what certificate each shows; and that none keeps its next header back for too long. */

#include "http/http.h"
#include "http/watch.h"

#include <microhttpd.h>

struct tls_lender;
struct connections;
struct http_connection;

struct connections_config {
    size_t max, max_per_ip;
    unsigned header_timeout_s;
    struct tls_lender *tls; /* NULL: there is no TLS */
};

/* Beyond the limit so many more are taken to be told that there are too many, and closed. */
enum { CONNECTIONS_REFUSED_MAX = 100 };

struct connections *connections_start(const struct connections_config *config);

/* When no connection is left. */
void connections_stop(struct connections *all);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the connections. */
void connections_notify(void *all, struct MHD_Connection *connection, void **context,
                        enum MHD_ConnectionNotificationCode code);

struct http_connection *http_connection_of(struct MHD_Connection *connection);

struct watched *http_connection_watched(struct http_connection *c);
const char *http_connection_ip(const struct http_connection *c); /* of the client */

/* Whether the client of a suspended connection has gone, at which libmicrohttpd does not look. One
 * that has closed its side may still read, but of those that ask for what lasts, none does. */
bool http_connection_is_gone(struct MHD_Connection *connection);

/* What to answer on a connection that is one too many; status 0: it is not. */
struct http_response http_connection_refusal(const struct http_connection *c);

#pragma once
/* Connections: what outlives their requests. How many there may be, in all and from one address;
 * what certificate each shows; and that none keeps its next header back for too long. */

#include "http/http.h"
#include "http/watch.h"

#include <microhttpd.h>

struct tls_lender;
struct lines;
struct line;

struct lines_config {
    size_t max, max_per_ip;
    unsigned header_timeout_s;
    struct tls_lender *tls; /* NULL: there is no TLS */
};

/* Beyond the limit so many more are taken to be told that there are too many, and closed. */
enum { LINES_REFUSED_MAX = 100 };

struct lines *lines_start(const struct lines_config *config);

/* When no connection is left. */
void lines_stop(struct lines *all);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the lines. */
void lines_notify(void *all, struct MHD_Connection *connection, void **context,
                  enum MHD_ConnectionNotificationCode code);

struct line *line_of(struct MHD_Connection *connection);

struct watched *line_watched(struct line *line);
const char *line_ip(const struct line *line); /* of the client */

/* Whether the client of a suspended connection has gone, at which libmicrohttpd does not look. One
 * that has closed its side may still read, but of those that ask for what lasts, none does. */
bool line_is_gone(struct MHD_Connection *connection);

/* What to answer on a connection that is one too many; status 0: it is not. */
struct http_response line_refusal(const struct line *line);

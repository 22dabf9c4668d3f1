#pragma once
/* What lasts: event streams, and answers that are waited for.
 *
 * Both are suspended connections while there is nothing to say: they cost no thread. One thread of
 * the hub resumes those whose topic is called, whose time has come, or whose client is gone, and
 * each then asks its owner on the server's threads. What a slow client has not read is not kept
 * here: its owner is simply not asked. */

#include "http/http.h"

#include <microhttpd.h>

struct hub;

struct hub_limits {
    size_t streams, waits; /* at a time */
    unsigned beat_s;       /* no stream is silent for longer */
};

struct hub *hub_start(struct hub_limits limits);

/* Ends streams and has answers given, and waits a moment for these to be sent. Before the daemon is
 * stopped. */
void hub_close(struct hub *h);

/* After the daemon was stopped. */
void hub_free(struct hub *h);

/* See http_wake(). */
void hub_wake(struct hub *h, int64_t topic);

/* NULL if there are too many already; otherwise the stream has taken over `events`. */
struct MHD_Response *hub_stream(struct hub *h, struct MHD_Connection *connection,
                                const struct http_response *events);

/* One answer that is waited for. */
struct hub_wait;

/* NULL if there are too many already; otherwise it has taken over `later`. */
struct hub_wait *hub_wait_new(struct hub *h, struct MHD_Connection *connection,
                              const struct http_response *later);

/* When the answer has been sent, or nobody wants it. NULL is accepted. */
void hub_wait_free(struct hub_wait *w);

enum hub_answer {
    HUB_ANSWERED, /* *out is the answer */
    HUB_ASLEEP,   /* the connection is suspended; to be asked again when it is resumed */
    HUB_GONE,     /* nobody waits for it any more */
};

enum hub_answer hub_wait_ask(struct hub_wait *w, struct http_request *r, struct http_response *out);

#pragma once
/* Event streams that sleep until there is news.
 *
 * A stream is a suspended connection: it costs no thread. One thread of the hub resumes all that
 * sleep when it is called, and each asks its owner for what is new on the server's threads. What a
 * slow client has not read is not kept here: its owner is simply not asked. */

#include "http/http.h"

#include <microhttpd.h>

struct hub;

/* At most `limit` streams at a time; none is silent for longer than `beat_s`. */
struct hub *hub_start(size_t limit, unsigned beat_s);

/* Streams end when they are next asked; none sleeps from then on. Before the daemon is stopped. */
void hub_close(struct hub *h);

/* After the daemon was stopped. */
void hub_free(struct hub *h);

void hub_wake(struct hub *h);

/* NULL if there are too many already; otherwise the stream has taken over `events`. */
struct MHD_Response *hub_stream(struct hub *h, struct MHD_Connection *connection,
                                const struct http_response *events);

#pragma once
/* Event streams that sleep until there is news.
 *
 * A stream is a suspended connection: it costs no thread. http_wake() sets a flag; one thread of
 * the hub then resumes every stream that sleeps, and each asks its owner for what is new on the
 * server's threads. A stream notes how often the hub was woken before it asks, and falls asleep
 * only if that is still so: no news can slip in between. What a slow client has not read is not
 * kept here: its owner is simply not asked. */

#include "http/http.h"

#include <microhttpd.h>
#include <pthread.h>

struct hub;

/* At most `limit` streams at a time; `beat_s` is how long one stays silent. */
struct hub *hub_start(size_t limit, unsigned beat_s);

/* Streams end when they are next asked; none sleeps from then on. Before the daemon is stopped. */
void hub_close(struct hub *h);

/* After the daemon was stopped. */
void hub_free(struct hub *h);

void hub_wake(struct hub *h);

/* NULL if there are too many already; otherwise the stream has taken over `events`. */
struct MHD_Response *hub_stream(struct hub *h, struct MHD_Connection *connection,
                                const struct http_response *events);

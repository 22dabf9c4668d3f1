#pragma once
/* Threads for requests that may take long, so that those who answer all others stay free. A
 * connection is suspended while its request waits for such a thread and is run there. */

#include "http/http.h"

#include <microhttpd.h>

struct aside;

/* One request on its way, part of what its connection keeps; `= { 0 }`. */
struct aside_job {
    struct aside_job *next;
    struct MHD_Connection *connection;
    struct http_request *request; /* borrowed */
    struct http_response response;
    bool is_over; /* the connection runs again, and `response` is what was answered */
};

struct aside *aside_start(const struct http_site *site);

/* Suspends the connection and has http_run_aside() run the request. False if too many wait, or it
 * has been stopped. */
bool aside_run(struct aside *a, struct aside_job *job);

/* What runs is run to its end, what waits is refused; then nothing is suspended any more. */
void aside_stop(struct aside *a);

void aside_free(struct aside *a);

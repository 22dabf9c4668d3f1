#pragma once
/* What happened so far, in numbers, for whoever watches the process. Each number is counted in one
 * place, by whatever thread is there, and costs one relaxed addition; like the log it belongs to
 * the process and not to one of its parts. */

#include <stdatomic.h>
#include <stdint.h>

enum {
    METRICS_CODES = 600, /* of replies and of statuses */
    METRICS_ROUTES = 64, /* of HTTP; the last is for what is in no route */
    METRICS_OUTCOMES = 8,
    METRICS_TIMES = 12,
};

typedef _Atomic uint64_t metric;

/* How often something took at most so many microseconds: metrics_times has the bounds, and the last
 * count is of what took longer. */
struct metric_times {
    metric counts[METRICS_TIMES + 1];
    metric sum_us;
};

extern const uint64_t metrics_times[METRICS_TIMES];

struct metrics {
    metric messages_stored; /* copies counted */
    metric message_bytes;   /* of them */
    metric messages_pruned;
    metric smtp_connections_opened, smtp_connections_closed;
    metric smtp_bytes_in;
    metric smtp_replies[METRICS_CODES];
    metric smtp_sessions[METRICS_OUTCOMES]; /* enum store_outcome */
    metric smtp_tls_1_2, smtp_tls_1_3;
    metric store_jobs_given, store_jobs_done;
    struct metric_times store_commits;
    metric http_requests[METRICS_ROUTES][METRICS_CODES];
    metric http_streams_opened, http_streams_closed;
    metric http_waits_begun, http_waits_ended;
};

extern struct metrics metrics;

static inline void metric_add(metric *m, uint64_t n)
{
    atomic_fetch_add_explicit(m, n, memory_order_relaxed);
}

static inline uint64_t metric_read(const metric *m)
{
    return atomic_load_explicit(m, memory_order_relaxed);
}

/* A code that is none is counted as 0. */
static inline void metric_add_code(metric counts[METRICS_CODES], int code)
{
    metric_add(&counts[code > 0 && code < METRICS_CODES ? code : 0], 1);
}

void metric_add_time(struct metric_times *t, uint64_t us);

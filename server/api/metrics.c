#include "api/metrics.h"

#include "api/private.h"
#include "core/metrics.h"

#include <assert.h>
#include <inttypes.h>

/* ---- the format: text, version 0.0.4 ---- */

static void begin(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP mailstop_%s %s\n# TYPE mailstop_%s %s\n", name, help, name, type);
}

static void put(struct buf *out, const char *name, const char *type, const char *help,
                uint64_t value)
{
    begin(out, name, type, help);
    buf_printf(out, "mailstop_%s %" PRIu64 "\n", name, value);
}

static void put_counter(struct buf *out, const char *name, const char *help, const metric *m)
{
    put(out, name, "counter", help, metric_read(m));
}

/* What was begun and is not over; a number of either may be a moment ahead. */
static void put_now(struct buf *out, const char *name, const char *help, const metric *begun,
                    const metric *over)
{
    uint64_t ended = metric_read(over);
    uint64_t started = metric_read(begun);
    put(out, name, "gauge", help, started > ended ? started - ended : 0);
}

/* ---- those with labels ---- */

static void put_replies(struct buf *out)
{
    begin(out, "smtp_replies_total", "counter", "SMTP replies by code.");
    for (int code = 0; code < METRICS_CODES; code++)
        if (metric_read(&metrics.smtp_replies[code]))
            buf_printf(out, "mailstop_smtp_replies_total{code=\"%03d\"} %" PRIu64 "\n", code,
                       metric_read(&metrics.smtp_replies[code]));
}

static_assert((int)METRICS_OUTCOMES >= (int)STORE_OUTCOME_COUNT, "each outcome has its number");

static void put_sessions(struct buf *out)
{
    begin(out, "smtp_sessions_total", "counter", "SMTP sessions that are over, by outcome.");
    for (enum store_outcome i = STORE_OPEN + 1; i < STORE_OUTCOME_COUNT; i++)
        buf_printf(out, "mailstop_smtp_sessions_total{outcome=\"%s\"} %" PRIu64 "\n",
                   store_outcome_name(i), metric_read(&metrics.smtp_sessions[i]));
}

static void put_tls(struct buf *out)
{
    begin(out, "smtp_tls_handshakes_total", "counter", "TLS handshakes of SMTP by version.");
    buf_printf(out,
               "mailstop_smtp_tls_handshakes_total{version=\"TLS1.2\"} %" PRIu64 "\n"
               "mailstop_smtp_tls_handshakes_total{version=\"TLS1.3\"} %" PRIu64 "\n",
               metric_read(&metrics.smtp_tls_1_2), metric_read(&metrics.smtp_tls_1_3));
}

static void put_commits(struct buf *out)
{
    const struct metric_times *t = &metrics.store_commits;
    uint64_t count = 0;
    begin(out, "store_commit_seconds", "histogram", "How long transactions took.");
    for (int i = 0; i < METRICS_TIMES; i++) {
        count += metric_read(&t->counts[i]);
        buf_printf(out, "mailstop_store_commit_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                   (double)metrics_times[i] / 1e6, count);
    }
    count += metric_read(&t->counts[METRICS_TIMES]);
    buf_printf(out,
               "mailstop_store_commit_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n"
               "mailstop_store_commit_seconds_sum %g\n"
               "mailstop_store_commit_seconds_count %" PRIu64 "\n",
               count, (double)metric_read(&t->sum_us) / 1e6, count);
}

/* What is in no route is the page, or nothing at all. */
static size_t route_index(const struct http_request *r)
{
    return r->route ? (size_t)(r->route - api_routes) : METRICS_ROUTES - 1;
}

void metrics_answered(const struct http_request *r, int status)
{
    metric_add_code(metrics.http_requests[route_index(r)], status);
}

static void put_requests_of(struct buf *out, size_t index, const char *method, const char *path)
{
    for (int status = 0; status < METRICS_CODES; status++) {
        uint64_t count = metric_read(&metrics.http_requests[index][status]);
        if (count)
            buf_printf(out,
                       "mailstop_http_requests_total{method=\"%s\",route=\"%s\",status=\"%d\"} "
                       "%" PRIu64 "\n",
                       method, path, status, count);
    }
}

static void put_requests(struct buf *out)
{
    begin(out, "http_requests_total", "counter",
          "HTTP requests by route and status; HEAD counts as GET.");
    for (size_t i = 0; i < api_route_count; i++)
        put_requests_of(out, i, api_routes[i].method, api_routes[i].path);
    put_requests_of(out, METRICS_ROUTES - 1, "", "");
}

/* ---- all of it ---- */

static void put_smtp(struct buf *out)
{
    put_counter(out, "messages_stored_total", "Messages stored, copies counted.",
                &metrics.messages_stored);
    put_counter(out, "message_bytes_total", "Octets of the messages stored.",
                &metrics.message_bytes);
    put_counter(out, "smtp_received_bytes_total", "Octets of SMTP sessions that are over.",
                &metrics.smtp_bytes_in);
    put_counter(out, "smtp_connections_total", "SMTP connections taken.",
                &metrics.smtp_connections_opened);
    put_now(out, "smtp_connections", "SMTP connections open.", &metrics.smtp_connections_opened,
            &metrics.smtp_connections_closed);
    put_replies(out);
    put_sessions(out);
    put_tls(out);
}

static void put_store(struct buf *out, const struct store_totals *totals)
{
    put_now(out, "store_queue_length", "Jobs that wait for the writer.", &metrics.store_jobs_given,
            &metrics.store_jobs_done);
    put_commits(out);
    put(out, "messages", "gauge", "Messages there are.", (uint64_t)totals->messages);
    put_counter(out, "messages_pruned_total", "Messages that went because of limits.",
                &metrics.messages_pruned);
    put(out, "inboxes", "gauge", "Inboxes there are.", (uint64_t)totals->inboxes);
    put(out, "database_bytes", "gauge", "Octets of the database's files.",
        (uint64_t)totals->database_bytes);
}

static void put_http(struct buf *out)
{
    put_requests(out);
    put_now(out, "event_streams", "Event streams open.", &metrics.http_streams_opened,
            &metrics.http_streams_closed);
    put_now(out, "waits", "Requests that wait for mail.", &metrics.http_waits_begun,
            &metrics.http_waits_ended);
}

struct http_response metrics_get(struct http_request *r)
{
    const struct api *api = api_of(r);
    struct store_totals totals;
    assert(api_route_count < METRICS_ROUTES);
    struct buf out = { 0 };
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_totals(reader, &totals);
    if (err)
        return api_store_problem(err, "store");
    begin(&out, "build_info", "gauge", "Which program it is.");
    buf_printf(&out, "mailstop_build_info{version=\"%s\"} 1\n", api->config.version);
    put(&out, "start_time_seconds", "gauge", "When it was started, since 1970.",
        (uint64_t)api->started_at_ms / 1000);
    put(&out, "spool_bytes", "gauge", "Octets of messages that are arriving.",
        spools_held(api->config.spools));
    put_smtp(&out);
    put_store(&out, &totals);
    put_http(&out);
    return http_bytes(200, "text/plain; version=0.0.4; charset=utf-8", &out);
}

#include "api/info.h"

#include "api/json.h"
#include "api/private.h"
#include "core/clock.h"
#include "core/netaddr.h"
#include "core/spool.h"

struct info {
    const struct api *api;
    struct store_totals totals;
};

struct listener {
    const char *protocol, *host;
    int64_t port;
};

const struct json_column listener_columns[] = {
    { "protocol", json_text, offsetof(struct listener, protocol) },
    { "host", json_text, offsetof(struct listener, host) },
    { "port", json_number_or_null, offsetof(struct listener, port) },
    { 0 },
};

static json_t *max_spool(const void *at)
{
    return json_integer((json_int_t)((const struct api_config *)at)->spools->max_bytes);
}

const struct json_column limits_columns[] = {
    { "max_message_size", json_size, offsetof(struct api_config, max_message_size) },
    { "max_inboxes", json_size, offsetof(struct api_config, max_inboxes) },
    { "max_spool", max_spool, 0 },
    { "max_messages", json_number_or_null, offsetof(struct api_config, max_messages) },
    { "max_age_seconds", json_number_or_null, offsetof(struct api_config, max_age_seconds) },
    { "max_bytes", json_number_or_null, offsetof(struct api_config, max_bytes) },
    { "max_recipients", json_size, offsetof(struct api_config, max_recipients) },
    { "max_connections", json_size, offsetof(struct api_config, max_connections) },
    { "max_connections_per_ip", json_size, offsetof(struct api_config, max_connections_per_ip) },
    { 0 },
};

static const struct api *info_api(const void *at)
{
    return ((const struct info *)at)->api;
}

static json_t *version(const void *at)
{
    return json_string(info_api(at)->config.version);
}

static json_t *started_at(const void *at)
{
    return json_time(&info_api(at)->started_at_ms);
}

static json_t *uptime(const void *at)
{
    uint64_t us = clock_steady_us() - info_api(at)->started_us;
    return json_integer((json_int_t)(us / 1000000));
}

/* A Unix socket has no port, and its path is all there is to know. */
static json_t *listener(const char *protocol, const char *address)
{
    char host[NETADDR_IP];
    struct sockaddr_storage addr;
    struct listener l = { protocol, address, 0 };
    if (netaddr_parse(span_of(address), &addr)) {
        l.host = netaddr_format_ip(&addr, host);
        l.port = netaddr_port(&addr);
    }
    return json_write(listener_columns, &l);
}

static json_t *listeners(const void *at)
{
    const struct api *api = info_api(at);
    json_t *array = json_array();
    for (size_t i = 0; i < api->config.listener_count; i++)
        json_array_append_new(
            array, listener(api->config.listeners[i].protocol, api->config.listeners[i].address));
    json_array_append_new(array, listener(api->config.tls ? "https" : "http", api_address(api)));
    return array;
}

static json_t *spool_bytes(const void *at)
{
    return json_integer((json_int_t)spools_held(info_api(at)->config.spools));
}

static json_t *limits(const void *at)
{
    return json_write(limits_columns, &info_api(at)->config);
}

const struct json_column info_columns[] = {
    { "version", version, 0 },
    { "started_at", started_at, 0 },
    { "uptime_seconds", uptime, 0 },
    { "inbox_count", json_number, offsetof(struct info, totals.inboxes) },
    { "message_count", json_number, offsetof(struct info, totals.messages) },
    { "unread_count", json_number, offsetof(struct info, totals.unread) },
    { "size_bytes", json_number, offsetof(struct info, totals.size_bytes) },
    { "pruned_count", json_number, offsetof(struct info, totals.pruned) },
    { "database_bytes", json_number, offsetof(struct info, totals.database_bytes) },
    { "spool_bytes", spool_bytes, 0 },
    { "listeners", listeners, 0 },
    { "limits", limits, 0 },
    { 0 },
};

struct http_response info_get(struct http_request *r)
{
    struct info info = { .api = api_of(r) };
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_totals(reader, &info.totals);
    if (err)
        return api_store_problem(err, "store");
    return http_json(200, json_write(info_columns, &info));
}

static struct http_response ok(void)
{
    return http_json(200, json_pack("{s:s}", "status", "ok"));
}

/* The process answers. */
struct http_response health_get(struct http_request *r)
{
    (void)r;
    return ok();
}

/* It would also take mail. */
struct http_response readiness_get(struct http_request *r)
{
    if (store_check(api_of(r)->config.store) == 0)
        return ok();
    return http_problem(503, "The store takes no mail now; the server's log says why");
}

extern const struct embedded_files api_documents; /* web/openapi.yaml, and what is made of it */

static struct http_response document(struct http_request *r, struct span name)
{
    return http_file(r, http_find_file(&api_documents, name));
}

struct http_response document_get(struct http_request *r)
{
    return document(r, SPAN("openapi.yaml"));
}

struct http_response document_json_get(struct http_request *r)
{
    return document(r, SPAN("openapi.json"));
}

/* To read; it needs no more than its style. */
struct http_response docs_get(struct http_request *r)
{
    struct http_response res = document(r, SPAN("docs.html"));
    http_set_header(&res, "Content-Security-Policy",
                    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
                    "frame-ancestors 'none'");
    return res;
}

struct http_response docs_style_get(struct http_request *r)
{
    return document(r, SPAN("docs.css"));
}

/* For those who are to trust the server's certificate. */
struct http_response ca_get(struct http_request *r)
{
    const char *pem = api_of(r)->config.ca_pem;
    struct buf bytes = { 0 };
    if (!pem)
        return http_problem(404, "There is no CA of the server's own: --tls-cert names a "
                                 "certificate that somebody else's CA has signed, or the log says "
                                 "why none could be made");
    buf_append(&bytes, span_of(pem));
    struct http_response res = http_bytes(200, "application/x-pem-file", &bytes);
    http_set_header(&res, "Content-Disposition",
                    http_disposition(&r->arena, "attachment", "mailstop-ca.pem"));
    return res;
}

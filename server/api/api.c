#include "api/private.h"
#include "core/clock.h"

enum {
    THREADS = 4,
    EVENT_STREAMS_MAX = 1000,
    IDLE_TIMEOUT_S = 60, /* of a connection that sends and takes nothing; streams are never idle */
};

static void wake(void *arg)
{
    const struct api *a = arg;
    http_wake(a->http);
}

static struct http_config http_config_of(struct api *a)
{
    const struct api_config *c = &a->config;
    return (struct http_config){
        .listen = c->listen,
        .site = { .routes = api_routes,
                  .route_count = api_route_count,
                  .fallback = api_page,
                  .hosts = c->allowed_hosts,
                  .host_count = c->allowed_host_count,
                  .origins = c->origins,
                  .origin_count = c->origin_count },
        .app = a,
        .threads = THREADS,
        .max_connections = (unsigned)c->max_connections,
        .max_connections_per_ip = (unsigned)c->max_connections_per_ip,
        .max_event_streams = EVENT_STREAMS_MAX,
        .idle_timeout_s = IDLE_TIMEOUT_S,
    };
}

static int start(struct api *a, struct buf *why)
{
    const struct http_config config = http_config_of(a);
    int err = http_open(&config, &a->http, why);
    if (err)
        return err;
    store_news_listen(a->config.store, wake, a); /* before anybody can wait for it */
    return http_start(a->http, why);
}

int api_start(const struct api_config *config, struct api **out, struct buf *why)
{
    struct api *a = xcalloc(1, sizeof(*a));
    a->config = *config;
    a->started_at_ms = clock_now_ms();
    a->started_us = clock_steady_us();
    int err = start(a, why);
    if (err)
        api_stop(a);
    else
        *out = a;
    return err;
}

const char *api_address(const struct api *a)
{
    return http_address(a->http);
}

void api_stop(struct api *a)
{
    if (!a)
        return;
    store_news_listen(a->config.store, NULL, NULL);
    http_close(a->http);
    free(a);
}

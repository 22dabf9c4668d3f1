#include "api/access.h"
#include "api/metrics.h"
#include "api/people.h"
#include "api/private.h"
#include "core/clock.h"
#include "http/throttle.h"

enum {
    THREADS = 4,
    CONNECTIONS_LEAST = 16,   /* whatever the limits of SMTP's are */
    EVENT_STREAMS_MAX = 1000, /* and of connections an eighth */
    WAITS_MAX = 10000, /* requests that wait for mail, and of connections three quarters: whatever
                          waits, there is room to ask for something else */
    NEWS_BATCH = 64,
    IDLE_TIMEOUT_S = 60, /* of a connection that sends and takes nothing; streams are never idle */
    HEADER_TIMEOUT_S = 60, /* for a whole header, counted from the request before */
};

static void note_marks(struct api *a, const struct store_news *news, int count)
{
    for (int i = 0; i < count; i++)
        if (news[i].type == STORE_MESSAGE_CHANGED)
            atomic_fetch_add(&a->marked, 1);
}

/* On the writer's thread. An inbox is a topic: who waits for mail to another is not woken. */
static void wake(void *arg)
{
    struct api *a = arg;
    struct store_news news[NEWS_BATCH];
    int count;
    while ((count = store_news_read(a->config.store, a->told, news, NEWS_BATCH)) > 0) {
        note_marks(a, news, count); /* before anybody wakes who asks for it */
        for (int i = 0; i < count; i++)
            if (i == 0 || news[i].inbox_id != news[i - 1].inbox_id)
                http_wake(a->http, news[i].inbox_id);
        a->told = news[count - 1].id;
    }
    if (count == 0)
        return;
    a->told = store_news_last(a->config.store);
    atomic_fetch_add(&a->marked, 1); /* perhaps */
    http_wake(a->http, HTTP_ANY_TOPIC);
}

/* Who lets SMTP have few connections still wants to look. */
static unsigned at_least(unsigned least, uint64_t count)
{
    return count > least ? (unsigned)count : least;
}

static unsigned at_most(unsigned limit, uint64_t count)
{
    return count < limit ? (unsigned)count : limit;
}

static struct http_config http_config_of(struct api *a)
{
    const struct api_config *c = &a->config;
    unsigned connections = at_least(CONNECTIONS_LEAST, c->max_connections);
    return (struct http_config){
        .listen = c->listen,
        .tls = c->tls,
        .site = { .base = c->base,
                  .routes = api_routes,
                  .route_count = api_route_count,
                  .fallback = api_page,
                  .admit = api_admit,
                  .hosts = c->allowed_hosts,
                  .host_count = c->allowed_host_count,
                  .origins = c->origins,
                  .origin_count = c->origin_count,
                  .spools = c->spools,
                  .raw_max = c->max_message_size },
        .app = a,
        .answered = metrics_answered,
        .threads = THREADS,
        .max_connections = connections,
        .max_connections_per_ip = at_least(CONNECTIONS_LEAST, c->max_connections_per_ip),
        .max_event_streams = at_most(EVENT_STREAMS_MAX, connections / 8 + 1),
        .max_waits = at_most(WAITS_MAX, connections / 4 * 3 + 1),
        .idle_timeout_s = IDLE_TIMEOUT_S,
        .header_timeout_s = HEADER_TIMEOUT_S,
    };
}

static int open_http(struct api *a, struct buf *why)
{
    const struct http_config config = http_config_of(a);
    int err = http_open(&config, &a->http, why);
    if (err)
        buf_append(why, SPAN(". Choose another address with --http-listen."));
    return err;
}

static int start(struct api *a, struct buf *why)
{
    int err = a->config.auth_file ? people_open(a->config.auth_file, &a->people, why) : 0;
    if (!err)
        err = open_http(a, why);
    if (err)
        return err;
    a->told = store_news_last(a->config.store);
    store_news_listen(a->config.store, wake, a); /* before anybody can wait for it */
    return http_start(a->http, why);
}

int api_start(const struct api_config *config, struct api **out, struct buf *why)
{
    struct api *a = xcalloc(1, sizeof(*a));
    a->config = *config;
    a->started_at_ms = clock_now_ms();
    a->started_us = clock_steady_us();
    a->throttle = xmalloc(sizeof(*a->throttle));
    throttle_init(a->throttle);
    secret_make(a->ticket_key);
    api_page_init(a);
    int err = start(a, why);
    if (err)
        api_stop(a);
    else
        *out = a;
    return err;
}

const char *api_address(const struct api *a)
{
    return a->http ? http_address(a->http) : "";
}

void api_stop(struct api *a)
{
    if (!a)
        return;
    store_news_listen(a->config.store, NULL, NULL);
    http_close(a->http);
    people_close(a->people);
    throttle_done(a->throttle);
    api_page_done(a);
    free(a->throttle);
    free(a);
}

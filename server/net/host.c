#include "net/private.h"

#include <assert.h>

enum {
    LISTEN_BACKLOG = 4096,
    SWEEP_MS = 250,
    LINGER_MS = 2000, /* how long a client may take to close after the session has ended */
};

struct listener {
    struct list link;
    uv_tcp_t tcp;
    struct net_host *host;
    bool is_tls_first;
};

/* ---- sessions that last too long ---- */

static struct net_stream *first(struct list *by_activity)
{
    return list_is_empty(by_activity)
               ? NULL
               : container_of(by_activity->next, struct net_stream, by_activity);
}

static void dismiss(struct net_stream *s, enum net_dismissal why)
{
    if (!s->is_ending)
        s->host->config.protocol->dismiss(s, why);
}

/* Dismisses who began before `until_ms`. */
static void dismiss_older(struct net_host *h, uint64_t until_ms, enum net_dismissal why)
{
    struct list *next;
    for (struct list *l = h->by_age.next; l != &h->by_age; l = next) {
        struct net_stream *s = container_of(l, struct net_stream, by_age);
        next = l->next;
        if (s->started_ms > until_ms)
            break;
        dismiss(s, why);
    }
}

static void sweep(struct net_host *h)
{
    uint64_t now = uv_now(h->loop);
    struct net_stream *s;
    while ((s = first(&h->shaking)) && now - s->active_ms >= h->config.handshake_timeout_ms)
        net_stream_give_up_tls(s);
    while ((s = first(&h->ending)) && now - s->active_ms >= LINGER_MS)
        net_stream_close(s);
    while ((s = first(&h->active)) && now - s->active_ms >= h->config.idle_timeout_ms) {
        net_stream_touch(s, &h->active);
        if (!s->is_held) /* else it waits for us */
            dismiss(s, NET_IDLE_TOO_LONG);
    }
    if (now >= h->config.session_timeout_ms)
        dismiss_older(h, now - h->config.session_timeout_ms, NET_SESSION_TOO_LONG);
}

static void on_sweep(uv_timer_t *timer)
{
    sweep(timer->data);
}

/* ---- listeners ---- */

static void on_connection(uv_stream_t *tcp, int status)
{
    struct listener *l = tcp->data;
    if (status == 0)
        net_stream_accept(l->host, tcp, l->is_tls_first);
}

static void on_listener_closed(uv_handle_t *tcp)
{
    struct listener *l = tcp->data;
    struct net_host *h = l->host;
    list_remove(&l->link);
    free(l);
    net_host_check_stopped(h);
}

/* One that could not listen may be closing already. */
static void close_listener(struct listener *l)
{
    if (!uv_is_closing((uv_handle_t *)&l->tcp))
        uv_close((uv_handle_t *)&l->tcp, on_listener_closed); /* frees it */
}

int net_host_listen(struct net_host *h, const struct sockaddr_storage *addr, bool is_tls_first,
                    struct sockaddr_storage *bound_out)
{
    struct listener *l = xcalloc(1, sizeof(*l));
    int err = uv_tcp_init(h->loop, &l->tcp);
    if (err) {
        free(l); /* not a handle yet, so a plain free */
        return err;
    }
    l->tcp.data = l;
    l->host = h;
    l->is_tls_first = is_tls_first;
    list_append(&h->listeners, &l->link);
    struct sockaddr_storage bound = { 0 };
    int len = sizeof(bound);
    err = uv_tcp_bind(&l->tcp, (const struct sockaddr *)addr, 0);
    if (!err)
        err = uv_listen((uv_stream_t *)&l->tcp, LISTEN_BACKLOG, on_connection);
    if (!err)
        err = uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&bound, &len);
    if (err) {
        close_listener(l);
        return err;
    }
    *bound_out = bound;
    return 0;
}

/* ---- the host ---- */

struct net_host *net_host_new(uv_loop_t *loop, const struct net_config *config)
{
    struct net_host *h = xcalloc(1, sizeof(*h));
    h->loop = loop;
    h->config = *config;
    list_init(&h->listeners);
    list_init(&h->shaking);
    list_init(&h->active);
    list_init(&h->ending);
    list_init(&h->by_age);
    peers_init(&h->peers);
    (void)uv_timer_init(loop, &h->sweep);
    h->sweep.data = h;
    (void)uv_timer_start(&h->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    return h;
}

void net_host_stop(struct net_host *h)
{
    h->is_stopping = true;
    for (struct list *l = h->listeners.next; l != &h->listeners; l = l->next)
        close_listener(container_of(l, struct listener, link));
    dismiss_older(h, UINT64_MAX, NET_STOPPING);
    net_host_check_stopped(h);
}

void net_host_check_stopped(struct net_host *h)
{
    if (!h->is_stopping || !list_is_empty(&h->listeners) || h->stream_count ||
        uv_is_closing((uv_handle_t *)&h->sweep))
        return;
    uv_close((uv_handle_t *)&h->sweep, NULL);
    h->config.protocol->stopped(h->config.owner);
}

void net_host_free(struct net_host *h)
{
    if (!h)
        return;
    assert(h->stream_count == 0 && list_is_empty(&h->listeners));
    buf_done(&h->decrypted);
    free(h);
}

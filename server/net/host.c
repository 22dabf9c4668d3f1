#include "net/private.h"

#include <assert.h>
#include <unistd.h>

enum {
    LISTEN_BACKLOG = 4096,
    SWEEP_MS = 250,
    LINGER_MS = 2000, /* how long a client may take to close after the session has ended */
};

struct listener {
    struct list link;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
    struct net_host *host;
    char *path; /* of the Unix socket that it made; NULL: it is none */
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

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *l = stream->data;
    if (status == 0)
        net_stream_accept(l->host, stream, l->is_tls_first);
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct listener *l = handle->data;
    struct net_host *h = l->host;
    list_remove(&l->link);
    free(l->path);
    free(l);
    net_host_check_stopped(h);
}

/* One that could not listen may be closing already. */
static void close_listener(struct listener *l)
{
    if (uv_is_closing(&l->uv.handle))
        return;
    if (l->path)
        (void)unlink(l->path);
    uv_close(&l->uv.handle, on_listener_closed); /* frees it */
}

/* Its connections take the option over. */
static int bind_tcp(struct listener *l, const struct sockaddr_storage *addr)
{
    int err = uv_tcp_bind(&l->uv.tcp, (const struct sockaddr *)addr, 0);
    return err ? err : uv_tcp_nodelay(&l->uv.tcp, 1);
}

static int bind_unix(struct listener *l, const struct sockaddr_storage *addr)
{
    int fd;
    int err = net_unix_bind(addr, &fd);
    if (err)
        return err;
    l->path = xstrdup(netaddr_path(addr));
    err = uv_pipe_open(&l->uv.pipe, fd);
    if (err)
        (void)close(fd);
    return err;
}

static int get_bound(struct listener *l, struct sockaddr_storage *out)
{
    int len = sizeof(*out);
    return l->path ? 0 : uv_tcp_getsockname(&l->uv.tcp, (struct sockaddr *)out, &len);
}

static int open_listener(struct listener *l, const struct sockaddr_storage *addr,
                         struct sockaddr_storage *bound)
{
    int err = netaddr_path(addr) ? bind_unix(l, addr) : bind_tcp(l, addr);
    if (!err)
        err = uv_listen(&l->uv.stream, LISTEN_BACKLOG, on_connection);
    return err ? err : get_bound(l, bound);
}

int net_host_listen(struct net_host *h, const struct sockaddr_storage *addr, bool is_tls_first,
                    struct sockaddr_storage *bound_out)
{
    struct listener *l = xcalloc(1, sizeof(*l));
    struct sockaddr_storage bound = *addr;
    if (netaddr_path(addr))
        (void)uv_pipe_init(h->loop, &l->uv.pipe, 0);
    else
        (void)uv_tcp_init(h->loop, &l->uv.tcp); /* makes no socket yet: nothing can fail */
    l->uv.handle.data = l;
    l->host = h;
    l->is_tls_first = is_tls_first;
    list_append(&h->listeners, &l->link);
    int err = open_listener(l, addr, &bound);
    if (err)
        close_listener(l);
    else
        *bound_out = bound;
    return err;
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

#include "smtp/private.h"

#include <assert.h>

enum { LISTEN_BACKLOG = 4096, SWEEP_MS = 250 };

struct listener {
    struct list link;
    uv_tcp_t tcp;
    struct smtp_server *server;
};

static void on_settled(uv_async_t *signal)
{
    struct smtp_server *s = signal->data;
    struct letter *next;
    for (struct letter *l = mailbox_take(&s->settled); l; l = next) {
        next = l->next;
        s->deliveries_out--;
        conn_settle(container_of(l, struct store_delivery, letter));
    }
    smtp_server_check_done(s);
}

static void wake_loop(void *signal)
{
    uv_async_send(signal);
}

static void on_sweep(uv_timer_t *timer)
{
    struct smtp_server *s = timer->data;
    conn_sweep(s);
}

int smtp_server_new(uv_loop_t *loop, const struct smtp_server_config *config, struct store *store,
                    struct smtp_server **out)
{
    struct smtp_server *s = xcalloc(1, sizeof(*s));
    s->loop = loop;
    s->config = config;
    s->store = store;
    list_init(&s->listeners);
    list_init(&s->conns);
    list_init(&s->conns_ending);
    list_init(&s->conns_by_age);
    peers_init(&s->peers);
    mailbox_init(&s->settled, wake_loop, &s->settled_signal);
    int err = uv_async_init(loop, &s->settled_signal, on_settled);
    if (err) {
        mailbox_done(&s->settled);
        free(s);
        return err;
    }
    s->settled_signal.data = s;
    (void)uv_timer_init(loop, &s->sweep);
    s->sweep.data = s;
    (void)uv_timer_start(&s->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    *out = s;
    return 0;
}

static void on_connection(uv_stream_t *tcp, int status)
{
    struct listener *l = tcp->data;
    if (status == 0)
        conn_accept(l->server, tcp);
}

static void on_listener_closed(uv_handle_t *tcp)
{
    struct listener *l = tcp->data;
    struct smtp_server *s = l->server;
    list_remove(&l->link);
    free(l);
    smtp_server_check_done(s);
}

/* One that could not listen may be closing already. */
static void close_listener(struct listener *l)
{
    if (!uv_is_closing((uv_handle_t *)&l->tcp))
        uv_close((uv_handle_t *)&l->tcp, on_listener_closed); /* frees it */
}

int smtp_server_listen(struct smtp_server *s, const struct sockaddr_storage *addr,
                       struct sockaddr_storage *bound_out)
{
    struct listener *l = xcalloc(1, sizeof(*l));
    int err = uv_tcp_init(s->loop, &l->tcp);
    if (err) {
        free(l); /* not a handle yet, so a plain free */
        return err;
    }
    l->tcp.data = l;
    l->server = s;
    list_append(&s->listeners, &l->link);
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

void smtp_server_stop(struct smtp_server *s)
{
    if (s->is_stopping)
        return;
    s->is_stopping = true;
    for (struct list *l = s->listeners.next; l != &s->listeners; l = l->next)
        close_listener(container_of(l, struct listener, link));
    conn_end_all(s);
    smtp_server_check_done(s);
}

void smtp_server_check_done(struct smtp_server *s)
{
    if (!s->is_stopping || !list_is_empty(&s->listeners) || s->conn_count || s->deliveries_out ||
        uv_is_closing((uv_handle_t *)&s->sweep))
        return;
    uv_close((uv_handle_t *)&s->sweep, NULL);
    uv_close((uv_handle_t *)&s->settled_signal, NULL);
}

void smtp_server_free(struct smtp_server *s)
{
    if (!s)
        return;
    assert(s->conn_count == 0 && s->deliveries_out == 0);
    mailbox_done(&s->settled);
    free(s);
}

#include "smtp/private.h"

#include <assert.h>

enum { HANDSHAKE_MS = 30000 };

/* Closes the remaining handles once nothing more can come back. */
static void check_done(struct smtp_server *s)
{
    if (!s->is_over || s->deliveries_out || uv_is_closing((uv_handle_t *)&s->settled_signal))
        return;
    sessions_stop(&s->sessions);
    uv_close((uv_handle_t *)&s->settled_signal, NULL);
    uv_close((uv_handle_t *)&s->before_sleep, NULL);
}

static void on_settled(uv_async_t *signal)
{
    struct smtp_server *s = signal->data;
    struct letter *next;
    for (struct letter *l = mailbox_take(&s->settled); l; l = next) {
        next = l->next;
        s->deliveries_out--;
        conn_settle(container_of(l, struct store_delivery, letter));
    }
    check_done(s);
}

static void go_on(uv_prepare_t *before_sleep)
{
    struct smtp_server *s = before_sleep->data;
    workers_go(&s->workers);
}

static void wake_loop(void *signal)
{
    uv_async_send(signal);
}

static void stopped(void *owner)
{
    struct smtp_server *s = owner;
    s->is_over = true;
    check_done(s);
}

const struct net_protocol smtp_protocol = {
    .name = "smtp",
    .too_many = "421 4.7.0 Too many connections; try again later\r\n",
    .open = conn_open,
    .welcome = conn_welcome,
    .input = conn_input,
    .secured = conn_secured,
    .dismiss = conn_dismiss,
    .closed = conn_closed,
    .stopped = stopped,
};

static struct net_host *open_host(struct smtp_server *s)
{
    const struct net_config config = {
        .protocol = &smtp_protocol,
        .owner = s,
        .max_streams = s->config->max_connections,
        .max_streams_per_ip = s->config->max_connections_per_ip,
        .idle_timeout_ms = s->config->idle_timeout_ms,
        .session_timeout_ms = s->config->session_timeout_ms,
        .handshake_timeout_ms =
            s->config->idle_timeout_ms < HANDSHAKE_MS ? s->config->idle_timeout_ms : HANDSHAKE_MS,
        .identity = s->config->identity,
    };
    return net_host_new(s->loop, &config);
}

int smtp_server_new(uv_loop_t *loop, const struct smtp_server_config *config, struct store *store,
                    struct smtp_server **out)
{
    struct smtp_server *s = xcalloc(1, sizeof(*s));
    s->loop = loop;
    s->config = config;
    s->store = store;
    int err = workers_start(&s->workers, store, uv_available_parallelism());
    if (err) {
        free(s);
        return err;
    }
    err = uv_async_init(loop, &s->settled_signal, on_settled);
    if (err) {
        workers_stop(&s->workers);
        free(s);
        return err;
    }
    mailbox_init(&s->settled, wake_loop, &s->settled_signal);
    s->settled_signal.data = s;
    (void)uv_prepare_init(loop, &s->before_sleep);
    (void)uv_prepare_start(&s->before_sleep, go_on);
    s->before_sleep.data = s;
    sessions_start(&s->sessions, loop, store);
    s->host = open_host(s);
    *out = s;
    return 0;
}

int smtp_server_listen(struct smtp_server *s, const struct sockaddr_storage *addr,
                       bool is_tls_first, struct sockaddr_storage *bound_out)
{
    return net_host_listen(s->host, addr, is_tls_first, bound_out);
}

void smtp_server_stop(struct smtp_server *s)
{
    net_host_stop(s->host);
}

void smtp_server_free(struct smtp_server *s)
{
    if (!s)
        return;
    assert(s->deliveries_out == 0);
    net_host_free(s->host);
    for (size_t i = 0; i < TLS_FLAWS; i++)
        tls_identity_free(s->flawed[i]);
    workers_stop(&s->workers);
    mailbox_done(&s->settled);
    free(s);
}

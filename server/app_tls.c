#include "app_tls.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/netaddr.h"

#include <string.h>

enum { RENEWAL_MS = 60 * 60 * 1000 };

static const char *const always[] = { "localhost", "127.0.0.1", "::1" };

static int64_t now_s(void)
{
    return clock_now_ms() / 1000;
}

bool app_tls_is_offered(const struct config *c)
{
    return c->starttls || c->require_tls || c->tls_cert;
}

/* ---- what the certificate is for ---- */

/* Whoever listens on all addresses has no one address to be called by. */
static bool is_any(const char *ip)
{
    return strcmp(ip, "0.0.0.0") == 0 || strcmp(ip, "::") == 0;
}

static size_t add_addresses(const struct config_list *listen, const char **names, size_t count,
                            struct arena *arena)
{
    char ip[NETADDR_IP];
    struct sockaddr_storage addr;
    for (size_t i = 0; i < listen->count; i++)
        if (netaddr_parse(span_of(listen->items[i]), &addr) &&
            !is_any(netaddr_format_ip(&addr, ip)))
            names[count++] = arena_strdup(arena, ip);
    return count;
}

static void set_names(struct tls_identity_config *out, const struct config *c, struct arena *arena)
{
    size_t room = ARRAY_LEN(always) + 1 + c->tls_names.count + c->smtp_listen.count +
                  c->smtps_listen.count + 1;
    const char **names = arena_alloc(arena, room * sizeof(*names));
    const struct config_list http = { (const char **)&c->http_listen, 1 };
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        names[count++] = always[i];
    names[count++] = c->hostname;
    for (size_t i = 0; i < c->tls_names.count; i++)
        names[count++] = c->tls_names.items[i];
    count = add_addresses(&c->smtp_listen, names, count, arena);
    count = add_addresses(&c->smtps_listen, names, count, arena);
    count = add_addresses(&http, names, count, arena);
    out->names = names;
    out->name_count = count;
}

/* Beside the database; nowhere if that is nowhere either. */
static const char *folder_of(const struct config *c, struct arena *arena)
{
    const char *slash = strrchr(c->db, '/');
    if (strcmp(c->db, ":memory:") == 0)
        return NULL;
    return arena_printf(arena, "%.*stls", slash ? (int)(slash - c->db) + 1 : 0, c->db);
}

/* ---- when it is replaced ---- */

static const char *origin(const struct app_tls *t)
{
    if (t->config.cert_file)
        return t->config.cert_file;
    return t->config.folder ? t->config.folder : "memory";
}

static void warn_of_trouble(const struct app_tls *t)
{
    const char *trouble = tls_identity_trouble(t->identity, now_s());
    if (trouble)
        log_warn("tls", trouble, log_str("from", origin(t)));
}

static void refresh(struct app_tls *t)
{
    struct buf why AUTO(buf_done) = { 0 };
    int changed = tls_identity_refresh(t->identity, now_s(), &why);
    if (changed < 0)
        log_error("tls", "the certificate stays as it was", log_span("reason", buf_span(&why)));
    else if (changed)
        log_info("tls", "new certificate", log_str("from", origin(t)));
    if (changed > 0 && t->for_http)
        tls_lender_update(t->for_http, t->identity);
    if (changed > 0)
        warn_of_trouble(t);
}

static void on_renewal(uv_timer_t *timer)
{
    refresh(timer->data);
}

void app_tls_reload(struct app_tls *t)
{
    log_info("tls", "reloading", log_str("from", t->identity ? origin(t) : "nowhere"));
    if (t->identity)
        refresh(t);
}

/* ---- life ---- */

/* Who speaks TLS to somebody cannot do without. */
static bool is_needed(const struct config *c)
{
    return app_tls_is_offered(c) || c->smtps_listen.count || c->http_tls;
}

/* A folder `tls` may be somebody else's; who does without TLS is not kept from mail by it. */
static int do_without(const struct buf *why)
{
    log_warn("tls", "there is no certificate, and no CA at /ca.pem",
             log_span("reason", buf_span(why)));
    return 0;
}

int app_tls_start(struct app_tls *t, uv_loop_t *loop, const struct config *c, struct arena *arena,
                  struct buf *why)
{
    t->config.cert_file = c->tls_cert;
    t->config.key_file = c->tls_key;
    t->config.folder = folder_of(c, arena);
    set_names(&t->config, c, arena);
    int err = tls_identity_open(&t->config, now_s(), &t->identity, why);
    if (err)
        return is_needed(c) ? err : do_without(why);
    if (c->http_tls)
        t->for_http = tls_lender_new(t->identity);
    warn_of_trouble(t);
    (void)uv_timer_init(loop, &t->renewal);
    t->renewal.data = t;
    (void)uv_timer_start(&t->renewal, on_renewal, RENEWAL_MS, RENEWAL_MS);
    return 0;
}

void app_tls_stop(struct app_tls *t)
{
    if (t->identity)
        uv_close((uv_handle_t *)&t->renewal, NULL);
}

void app_tls_done(struct app_tls *t)
{
    tls_lender_free(t->for_http);
    tls_identity_free(t->identity);
}

#include "app.h"

#include "api/api.h"
#include "app_tls.h"
#include "core/log.h"
#include "core/netaddr.h"
#include "faults/board.h"
#include "mail/mail.h"
#include "smtp/server.h"
#include "store/store.h"
#include "version.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct app {
    const struct config *config;
    uv_loop_t loop;
    uv_signal_t terminate, interrupt, hangup;
    uv_prepare_t before_sleep;
    struct spools spools;
    struct smtp_server_config smtp_config;
    struct fault_board *faults;
    struct store *store;
    struct app_tls tls;
    struct smtp_server *smtp;
    struct api *api;
    struct api_listener *listeners; /* beside HTTP's; for people */
    size_t listener_count;
    struct arena arena; /* of what lives as long as the program */
};

enum { COMMAND_LINE_MAX = 2048, ERRORS_MAX = 20, LOGIN_FAILURES_MAX = 5, COMMANDS_MAX = 100000 };

static int fail(const char *sentence)
{
    fprintf(stderr, "mailstop: %s\n", sentence);
    return 1;
}

/* Ten thousand connections need more files than most shells allow at first. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What a write meets is told by its errno: a client that is gone, a file that may not grow. */
static void ignore_signals(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGXFSZ, &ignore, NULL);
}

/* ---- the parts, from the bottom up ---- */

static int64_t in_seconds(uint64_t ms)
{
    return (int64_t)((ms + 999) / 1000);
}

/* Nothing is wrong with it, save that 552 would be said at once, and this only at the end. */
static void warn_if_bounds_clash(const struct config *c)
{
    if (c->max_bytes && c->max_bytes < c->max_message_size)
        log_warn("app", "messages larger than --max-bytes are refused with 452",
                 log_num("max_bytes", (int64_t)c->max_bytes),
                 log_str("do", "raise --max-bytes, or lower --max-message-size to it"));
}

/* As the store tells of it. Only another version of the program can have kept what is none. */
static void post_plan(void *faults, int64_t inbox_id, const char *plan)
{
    struct fault_error error;
    if (!fault_board_post(faults, inbox_id, plan, &error))
        log_error("app", "a fault plan cannot be read, and is not in force",
                  log_num("inbox", inbox_id), log_str("field", error.field),
                  log_str("detail", error.detail));
}

static int start_store(struct app *app)
{
    struct buf why AUTO(buf_done) = { 0 };
    const struct store_config config = {
        .path = app->config->db,
        .plan_told = post_plan,
        .plan_arg = app->faults,
        .is_uncompressed = strcmp(app->config->compression, "none") == 0,
        .max_inboxes = (int64_t)app->config->max_inboxes,
        .search_ms = app->config->search_timeout_ms,
        .limits = { .max_messages = (int64_t)app->config->max_messages,
                    .max_age_seconds = in_seconds(app->config->max_age_ms) },
        .max_bytes = (int64_t)app->config->max_bytes,
        .read_content = mail_read_content,
    };
    warn_if_bounds_clash(app->config);
    return store_open(&config, &app->store, &why) ? fail(buf_text(&why)) : 0;
}

/* Large bodies are spooled on the disk that will keep them, or where temporary files go. */
static const char *spool_dir(const struct config *config, struct arena *arena)
{
    const char *slash = strrchr(config->db, '/');
    const char *tmp = getenv("TMPDIR");
    if (strcmp(config->db, ":memory:") == 0)
        return tmp && *tmp ? tmp : "/tmp";
    if (!slash)
        return ".";
    return arena_copy(arena, (struct span){ config->db, (size_t)(slash - config->db) + 1 });
}

static unsigned smtp_caps(const struct config *c)
{
    unsigned caps = SMTP_CAP_PIPELINING | SMTP_CAP_SIZE | SMTP_CAP_8BITMIME |
                    SMTP_CAP_ENHANCEDSTATUSCODES | SMTP_CAP_SMTPUTF8 | SMTP_CAP_DSN |
                    SMTP_CAP_CHUNKING | SMTP_CAP_BINARYMIME | SMTP_CAP_LIMITS | SMTP_CAP_AUTH |
                    SMTP_CAP_XCLIENT | (app_tls_is_offered(c) ? SMTP_CAP_STARTTLS : 0);
    for (size_t i = 0; i < c->hide_extensions.count; i++)
        caps &= ~smtp_cap_find(span_of(c->hide_extensions.items[i]));
    return caps;
}

static struct smtp_server_config smtp_config(const struct config *c, struct spools *spools)
{
    return (struct smtp_server_config){
        .proto = {
            .hostname = c->hostname,
            .wants_lines = true,
            .asks_steps = true,
            .caps = smtp_caps(c),
            .require_tls = c->require_tls,
            .require_auth = c->require_auth,
            .auth_needs_tls = c->auth_needs_tls,
            .limits = {
                .message_bytes = c->max_message_size,
                .recipients = (size_t)c->max_recipients,
                .command_line_bytes = COMMAND_LINE_MAX,
                .errors = ERRORS_MAX, .login_failures = LOGIN_FAILURES_MAX,
                .commands = COMMANDS_MAX + (size_t)c->max_recipients, /* a RCPT for each */
            },
        },
        .spools = spools,
        .max_connections = (size_t)c->max_connections,
        .max_connections_per_ip = (size_t)c->max_connections_per_ip,
        .idle_timeout_ms = c->idle_timeout_ms,
        .session_timeout_ms = c->session_timeout_ms,
        .xclient_from = c->xclient_from.items,
        .xclient_from_count = c->xclient_from.count,
        .magic_addresses = c->magic_addresses,
        .auto_create = strcmp(c->auto_create, "on") == 0,
    };
}

/* Everybody who reaches it may send, read and delete. */
static void warn_if_public(const char *what, const char *text)
{
    struct sockaddr_storage addr;
    if (netaddr_parse(span_of(text), &addr) && !netaddr_is_loopback(&addr))
        log_warn("app", "reachable from other machines, without a password",
                 log_str("protocol", what), log_str("address", text));
}

static int start_tls(struct app *app)
{
    struct buf why AUTO(buf_done) = { 0 };
    int err = app_tls_start(&app->tls, &app->loop, app->config, &app->arena, &why);
    app->smtp_config.identity = app->tls.identity;
    return err ? fail(buf_text(&why)) : 0;
}

static int listen_on(struct app *app, const char *protocol, const char *text)
{
    char bound_text[NETADDR_TEXT];
    struct sockaddr_storage addr, bound;
    if (!netaddr_parse(span_of(text), &addr))
        (void)netaddr_parse_unix(span_of(text), &addr); /* checked by the configuration */
    int err = smtp_server_listen(app->smtp, &addr, strcmp(protocol, "smtps") == 0, &bound);
    if (err) {
        fprintf(stderr,
                "mailstop: Cannot listen for SMTP on %s: %s. Is another program using it? Choose "
                "another with --%s-listen.\n",
                text, uv_strerror(err), protocol);
        return err;
    }
    netaddr_format(&bound, bound_text);
    app->listeners[app->listener_count++] =
        (struct api_listener){ protocol, arena_strdup(&app->arena, bound_text) };
    if (!app->config->require_auth)
        warn_if_public(protocol, bound_text);
    return 0;
}

static int listen_on_all(struct app *app, const char *protocol, const struct config_list *addresses)
{
    int err = 0;
    for (size_t i = 0; i < addresses->count && !err; i++)
        err = listen_on(app, protocol, addresses->items[i]);
    return err;
}

static int start_smtp(struct app *app)
{
    const struct config *c = app->config;
    size_t count = c->smtp_listen.count + c->smtps_listen.count;
    int err = smtp_server_new(&app->loop, &app->smtp_config, app->store, &app->smtp);
    if (err)
        return fail(uv_strerror(err));
    app->listeners = arena_alloc(&app->arena, count * sizeof(*app->listeners));
    err = listen_on_all(app, "smtp", &c->smtp_listen);
    return err ? err : listen_on_all(app, "smtps", &c->smtps_listen);
}

/* After SMTP, whose addresses it shows. */
static int start_api(struct app *app)
{
    const struct config *c = app->config;
    struct buf why AUTO(buf_done) = { 0 };
    const struct api_config config = {
        .listen = c->http_listen,
        .store = app->store,
        .faults = app->faults,
        .version = MAILSTOP_VERSION,
        .allowed_hosts = c->allowed_hosts.items,
        .allowed_host_count = c->allowed_hosts.count,
        .origins = c->cors_origins.items,
        .auth_file = c->auth_file,
        .api_token = c->api_token,
        .origin_count = c->cors_origins.count,
        .base = c->base_path,
        .tls = app->tls.for_http,
        .ca_pem = app->tls.identity ? tls_identity_ca(app->tls.identity) : NULL,
        .listeners = app->listeners,
        .listener_count = app->listener_count,
        .spools = &app->spools,
        .max_message_size = c->max_message_size,
        .max_inboxes = c->max_inboxes,
        .max_messages = (int64_t)c->max_messages,
        .max_age_seconds = in_seconds(c->max_age_ms),
        .max_bytes = (int64_t)c->max_bytes,
        .max_recipients = c->max_recipients,
        .max_connections = c->max_connections,
        .max_connections_per_ip = c->max_connections_per_ip,
    };
    if (api_start(&config, &app->api, &why))
        return fail(buf_text(&why));
    if (!c->auth_file && !c->api_token)
        warn_if_public("http", api_address(app->api));
    return 0;
}

/* ---- the log ---- */

static void flush_log(uv_prepare_t *handle)
{
    (void)handle;
    log_flush();
}

/* What a turn of the loop has to say is written when it is over. */
static void gather_log(struct app *app)
{
    (void)uv_prepare_init(&app->loop, &app->before_sleep);
    (void)uv_prepare_start(&app->before_sleep, flush_log);
    uv_unref((uv_handle_t *)&app->before_sleep);
    log_gather(true);
}

/* ---- signals ---- */

static void stop(struct app *app)
{
    uv_close((uv_handle_t *)&app->terminate, NULL);
    uv_close((uv_handle_t *)&app->interrupt, NULL);
    uv_close((uv_handle_t *)&app->hangup, NULL);
    uv_close((uv_handle_t *)&app->before_sleep, NULL);
    log_gather(false);
    app_tls_stop(&app->tls);
    if (app->smtp)
        smtp_server_stop(app->smtp);
}

/* The first signal stops in order; the handler is removed, so that a second one ends the process
 * at once. */
static void on_signal(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    log_info("app", "stopping", log_num("signal", number));
    stop(app);
}

static void on_hangup(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    (void)number;
    app_tls_reload(&app->tls);
}

static void catch_signal(struct app *app, uv_signal_t *handle, int number, uv_signal_cb react)
{
    (void)uv_signal_init(&app->loop, handle);
    handle->data = app;
    (void)uv_signal_start(handle, react, number);
    uv_unref((uv_handle_t *)handle);
}

/* ---- the whole ---- */

static int start(struct app *app)
{
    int err = start_store(app);
    if (!err)
        err = start_tls(app);
    if (!err)
        err = start_smtp(app);
    if (!err)
        err = start_api(app);
    return err;
}

static void announce(struct app *app)
{
    printf("mailstop ready");
    for (size_t i = 0; i < app->listener_count; i++)
        printf(" %s=%s", app->listeners[i].protocol, app->listeners[i].address);
    printf(" http=%s://%s%s/\n", app->config->http_tls ? "https" : "http", api_address(app->api),
           app->config->base_path);
    (void)fflush(stdout);
    if (!app_tls_is_offered(app->config))
        log_info("tls", "STARTTLS is not offered; --starttls offers it",
                 log_str("address", app->listeners[0].address));
}

/* Stops what has been started: stop listening, finish or end the SMTP sessions, stop HTTP, let the
 * writer finish, close. */
static void shut_down(struct app *app)
{
    (void)uv_run(&app->loop, UV_RUN_DEFAULT); /* until the listeners and connections are gone */
    (void)uv_loop_close(&app->loop);
    smtp_server_free(app->smtp);
    api_stop(app->api);
    app_tls_done(&app->tls);
    store_close(app->store);
    fault_board_free(app->faults);
    mail_done();
    arena_done(&app->arena);
}

int app_run(const struct config *config)
{
    struct app app = { .config = config };
    ignore_signals();
    raise_file_limit();
    int err = uv_loop_init(&app.loop);
    if (err)
        return fail(uv_strerror(err));
    mail_init();
    app.spools.dir = spool_dir(config, &app.arena);
    app.spools.max_bytes = config->max_spool;
    app.smtp_config = smtp_config(config, &app.spools);
    app.faults = fault_board_new();
    app.smtp_config.faults = app.faults;
    catch_signal(&app, &app.terminate, SIGTERM, on_signal);
    catch_signal(&app, &app.interrupt, SIGINT, on_signal);
    catch_signal(&app, &app.hangup, SIGHUP, on_hangup);
    gather_log(&app);
    err = start(&app);
    if (err)
        stop(&app);
    else
        announce(&app);
    shut_down(&app);
    return err ? 1 : 0;
}

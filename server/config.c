#include "config.h"

#include "config_types.h"
#include "core/netaddr.h"
#include "version.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_LEN = 64 };

struct option {
    const char *flag;
    const struct config_type *type;
    size_t offset;
    const char *value; /* how help calls it */
    const char *initial;
    const char *help;
};

#define FIELD(name) offsetof(struct config, name)

/* An `initial` of NULL is worked out at start: see fill_in(). */
/* clang-format off */
static const struct option options[] = {
    { "smtp-listen", &config_listeners, FIELD(smtp_listen), "ADDR:PORT", "127.0.0.1:1025",
      "where to take mail, or unix:PATH; port 0 takes a free one; repeatable" },
    { "smtps-listen", &config_listeners, FIELD(smtps_listen), "ADDR:PORT", NULL,
      "where to take mail inside TLS; repeatable" },
    { "http-listen", &config_address, FIELD(http_listen), "ADDR:PORT", "127.0.0.1:8025",
      "where to serve the page and the API" },
    { "http-tls", &config_switch, FIELD(http_tls), "on/off", "off",
      "serve them by HTTPS, with the certificate that SMTP has" },
    { "base-path", &config_path, FIELD(base_path), "PATH", "/",
      "where they are behind a proxy, such as /mail, whether it takes that off or not" },
    { "db", &config_text, FIELD(db), "PATH", NULL,
      "the database, by default $XDG_DATA_HOME/mailstop/mailstop.db;\n        :memory: keeps nothing after exit" },
    { "hostname", &config_text, FIELD(hostname), "NAME", NULL,
      "the name in the SMTP greeting, by default the name of the machine" },
    { "max-message-size", &config_size, FIELD(max_message_size), "SIZE", "50M",
      "a larger message is refused with 552" },
    { "max-spool", &config_size, FIELD(max_spool), "SIZE", "1G",
      "of all messages arriving at once; what does not fit is refused with 452" },
    { "max-inboxes", &config_count, FIELD(max_inboxes), "N", "10000",
      "as many may be there; more are not made" },
    { "max-messages", &config_count_or_none, FIELD(max_messages), "N", "100000",
      "in an inbox without a limit of its own; the oldest that are not pinned go, and it is said that they did" },
    { "max-age", &config_duration_or_none, FIELD(max_age_ms), "TIME", "none",
      "the same for messages that are older" },
    { "max-bytes", &config_size_or_none, FIELD(max_bytes), "SIZE", "4G",
      "the same for all messages of all inboxes; one that is larger alone is refused with 452" },
    { "max-recipients", &config_count, FIELD(max_recipients), "N", "1000",
      "of one message; more are refused with 452" },
    { "max-connections", &config_count, FIELD(max_connections), "N", "10000",
      "SMTP connections at once, and as many of HTTP, but 16 at least; more are refused with 421, and 503" },
    { "max-connections-per-ip", &config_count, FIELD(max_connections_per_ip), "N", "1000",
      "the same from one address" },
    { "hide-extension", &config_extensions, FIELD(hide_extensions), "NAME", NULL,
      "of SMTP: not offered, and refused as if unknown; repeatable" },
    { "xclient-from", &config_blocks, FIELD(xclient_from), "ADDR", NULL,
      "a proxy that may say by XCLIENT whom it speaks for: an address, a network\n        such as 10.0.0.0/8, or unix; repeatable" },
    { "idle-timeout", &config_duration, FIELD(idle_timeout_ms), "TIME", "5m",
      "an SMTP session that says nothing for so long is closed" },
    { "session-timeout", &config_duration, FIELD(session_timeout_ms), "TIME", "1h",
      "an SMTP session that lasts so long is closed" },
    { "search-timeout", &config_duration, FIELD(search_timeout_ms), "TIME", "3s",
      "a search that takes longer is given up, and it is said how to narrow it" },
    { "compression", &config_compression, FIELD(compression), "KIND", "zstd",
      "of the messages of 8 KiB or more stored from now on: zstd or none" },
    { "starttls", &config_switch, FIELD(starttls), "on/off", "off",
      "offer STARTTLS at --smtp-listen; on with --tls-cert and --require-tls" },
    { "require-tls", &config_switch, FIELD(require_tls), "on/off", "off",
      "refuse with 530 what is not said inside TLS" },
    { "tls-cert", &config_text, FIELD(tls_cert), "FILE", NULL,
      "a certificate in PEM, and those that lead to its CA; by default one\n        is made, and its CA served at /ca.pem" },
    { "tls-key", &config_text, FIELD(tls_key), "FILE", NULL,
      "its key" },
    { "tls-name", &config_names, FIELD(tls_names), "NAME", NULL,
      "a name that clients use, for the certificate that is made; repeatable" },
    { "require-auth", &config_switch, FIELD(require_auth), "on/off", "off",
      "refuse with 530 mail of who has not logged in" },
    { "auth-needs-tls", &config_switch, FIELD(auth_needs_tls), "on/off", "off",
      "refuse with 538 a password that is sent in the clear" },
    { "auto-create", &config_on_off, FIELD(auto_create), "on/off", NULL,
      "make an inbox at a login that has none, by default on while mail is\n        taken from this machine only" },
    { "magic-addresses", &config_switch, FIELD(magic_addresses), "on/off", "off",
      "let recipients say themselves what befalls them: bounce+550+text@,\n        delay+3s@, drop@, greylist@" },
    { "auth-file", &config_text, FIELD(auth_file), "FILE", NULL,
      "people who may log in to the page and the API, as htpasswd -B makes it" },
    { "api-token", &config_token, FIELD(api_token), "TOKEN", NULL,
      "what opens the whole API as 'Authorization: Bearer TOKEN'" },
    { "allowed-host", &config_texts, FIELD(allowed_hosts), "NAME", NULL,
      "a Host name to answer HTTP for, beside addresses and localhost; repeatable" },
    { "cors-origin", &config_texts, FIELD(cors_origins), "ORIGIN", NULL,
      "another site that may call the API, such as https://app.test; repeatable" },
    { "log-level", &config_level, FIELD(log_level), "LEVEL", "info",
      "error, warn, info or debug" },
    { "log-format", &config_format, FIELD(log_format), "FORMAT", "text",
      "text (logfmt) or json" },
};
/* clang-format on */

/* What the program can be told to do; the first is meant when none is named. */
static const struct command {
    const char *name;
    enum config_command value;
    const char *only[4]; /* the flags it takes; all of them if there is none */
} commands[] = {
    { "serve", CONFIG_SERVE, { NULL } },
    { "check", CONFIG_CHECK, { "db", "config" } },
};

/* Which options were set by the stage in force; the first value of a stage replaces a list. */
struct stage {
    const char *kind; /* completes the sentence: "The KIND NAME ..." */
    bool was_set[ARRAY_LEN(options)];
};

static const struct option *find_flag(struct span flag)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (span_eq(flag, span_of(options[i].flag)))
            return &options[i];
    return NULL;
}

/* "max-message-size" as "MAILSTOP_MAX_MESSAGE_SIZE" or "max_message_size". */
static const char *spell(const char *flag, bool as_variable, char out[NAME_MAX_LEN])
{
    snprintf(out, NAME_MAX_LEN, "%s%s", as_variable ? "MAILSTOP_" : "", flag);
    for (char *p = out; *p; p++) {
        if (*p == '-')
            *p = '_';
        else if (as_variable && *p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    }
    return out;
}

static const struct option *find_spelled(struct span name, bool as_variable)
{
    char spelled[NAME_MAX_LEN];
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (span_eq(name, span_of(spell(options[i].flag, as_variable, spelled))))
            return &options[i];
    return NULL;
}

static bool set(struct config *c, struct stage *stage, const struct option *o, const char *name,
                const char *text, struct buf *why)
{
    void *field = (char *)c + o->offset;
    bool *was_set = &stage->was_set[o - options];
    if (o->type->is_list && !*was_set)
        *(struct config_list *)field = (struct config_list){ 0 };
    *was_set = true;
    if (o->type->parse(c, field, text))
        return true;
    if (o->type->is_secret) /* even if it is a bad one */
        buf_printf(why, "The %s %s has another value than expected: %s.", stage->kind, name,
                   o->type->expected);
    else
        buf_printf(why, "The %s %s has the value \"%s\"; expected %s.", stage->kind, name, text,
                   o->type->expected);
    return false;
}

/* A list in one text, as variables have it: items apart by commas. */
static bool set_each(struct config *c, struct stage *stage, const struct option *o,
                     const char *name, const char *text, struct buf *why)
{
    struct span rest = span_of(text);
    if (!o->type->is_list)
        return set(c, stage, o, name, text, why);
    do {
        struct span item = span_trim(span_cut(&rest, ','));
        if (!set(c, stage, o, name, arena_copy(&c->arena, item), why))
            return false;
    } while (rest.len);
    return true;
}

/* ---- the three stages ---- */

static bool load_defaults(struct config *c, struct buf *why)
{
    struct stage stage = { .kind = "default of" };
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (options[i].initial &&
            !set(c, &stage, &options[i], options[i].flag, options[i].initial, why))
            return false;
    return true;
}

static bool set_json(struct config *c, struct stage *stage, const struct option *o, const char *key,
                     const json_t *value, struct buf *why)
{
    char number[32];
    if (json_is_string(value))
        return set(c, stage, o, key, json_string_value(value), why);
    if (json_is_integer(value)) {
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return set(c, stage, o, key, number, why);
    }
    if (json_is_boolean(value) && o->type->is_switch)
        return set(c, stage, o, key, json_is_true(value) ? "on" : "off", why);
    if (json_is_array(value) && o->type->is_list) {
        for (size_t i = 0; i < json_array_size(value); i++)
            if (!set_json(c, stage, o, key, json_array_get(value, i), why))
                return false;
        return true;
    }
    buf_printf(why, "The key %s of the configuration file must be a string%s; expected %s.", key,
               o->type->is_list ? " or a list of strings" : "", o->type->expected);
    return false;
}

static bool load_file(struct config *c, const char *path, struct buf *why)
{
    json_error_t error;
    json_auto_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        buf_printf(why, "Cannot read the configuration file %s: %s", path, error.text);
        if (error.line > 0)
            buf_printf(why, " (line %d, column %d)", error.line, error.column);
        buf_putc(why, '.');
        return false;
    }
    if (!json_is_object(root)) {
        buf_printf(why, "The configuration file %s must hold one JSON object.", path);
        return false;
    }
    struct stage stage = { .kind = "configuration key" };
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        const struct option *o = find_spelled(span_of(key), false);
        if (!o) {
            buf_printf(why, "Unknown key \"%s\" in the configuration file %s.", key, path);
            return false;
        }
        if (!set_json(c, &stage, o, key, value, why))
            return false;
    }
    return true;
}

static bool load_environment(struct config *c, char *const env[], struct buf *why)
{
    struct stage stage = { .kind = "variable" };
    for (size_t i = 0; env[i]; i++) {
        struct span rest = span_of(env[i]);
        if (!span_starts_with(rest, SPAN("MAILSTOP_")))
            continue;
        struct span variable = span_cut(&rest, '=');
        if (span_eq(variable, SPAN("MAILSTOP_CONFIG")))
            continue;
        const struct option *o = find_spelled(variable, true);
        if (!o) {
            buf_printf(why, "Unknown variable %.*s; mailstop --help lists those that there are.",
                       SPAN_ARG(variable));
            return false;
        }
        const char *name = arena_copy(&c->arena, variable);
        if (!set_each(c, &stage, o, name, rest.ptr, why))
            return false;
    }
    return true;
}

/* One "--flag VALUE" or "--flag=VALUE" of the command line. */
struct argument {
    struct span flag;
    const char *value; /* NULL: none given */
};

static bool is_taken(const struct command *c, struct span flag)
{
    if (!c->only[0])
        return true;
    for (size_t i = 0; i < ARRAY_LEN(c->only) && c->only[i]; i++)
        if (span_eq(flag, span_of(c->only[i])))
            return true;
    return false;
}

/* Takes one from the front of *argv. False, with *why, if it is no flag of `c` with a value. */
static bool next_argument(const struct command *c, char *const **argv, struct argument *out,
                          struct buf *why)
{
    const char *text = *(*argv)++;
    struct span rest = span_of(text);
    if (!span_starts_with(rest, SPAN("--"))) {
        buf_printf(why, "Unknown argument \"%s\"; mailstop --help lists what there is.", text);
        return false;
    }
    rest = span_slice(rest, 2, rest.len);
    bool has_value = span_find(rest, '=') < rest.len;
    *out = (struct argument){ .flag = span_cut(&rest, '=') };
    const struct option *o = find_flag(out->flag);
    if (!o && !span_eq(out->flag, SPAN("config"))) {
        buf_printf(why, "Unknown option --%.*s; mailstop --help lists what there is.",
                   SPAN_ARG(out->flag));
        return false;
    }
    if (!is_taken(c, out->flag)) {
        buf_printf(why, "The command %s does not take --%.*s; mailstop --help says what it takes.",
                   c->name, SPAN_ARG(out->flag));
        return false;
    }
    if (o && o->type->is_switch && !has_value && !config_is_switch(**argv)) {
        out->value = "on"; /* by its name alone */
        return true;
    }
    out->value = has_value ? rest.ptr : **argv;
    if (!out->value) {
        buf_printf(why, "The option --%.*s needs a value.", SPAN_ARG(out->flag));
        return false;
    }
    *argv += has_value ? 0 : 1;
    return true;
}

static bool load_flags(struct config *c, const struct command *command, char *const argv[],
                       struct buf *why)
{
    struct stage stage = { .kind = "option" };
    struct argument a;
    while (*argv) {
        if (!next_argument(command, &argv, &a, why))
            return false;
        const struct option *o = find_flag(a.flag);
        const char *name = o ? arena_printf(&c->arena, "--%s", o->flag) : NULL;
        if (o && !set(c, &stage, o, name, a.value, why))
            return false;
    }
    return true;
}

/* The file named by --config, else by MAILSTOP_CONFIG, else NULL. */
static bool find_file(const struct command *c, char *const argv[], char *const env[],
                      const char **out, struct buf *why)
{
    struct argument a;
    *out = NULL;
    for (size_t i = 0; env[i]; i++)
        if (span_starts_with(span_of(env[i]), SPAN("MAILSTOP_CONFIG=")))
            *out = env[i] + strlen("MAILSTOP_CONFIG=");
    while (*argv) {
        if (!next_argument(c, &argv, &a, why))
            return false;
        if (span_eq(a.flag, SPAN("config")))
            *out = a.value;
    }
    return true;
}

/* ---- what the table cannot know ---- */

static const char *env_get(char *const env[], const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; env[i]; i++)
        if (strncmp(env[i], name, len) == 0 && env[i][len] == '=' && env[i][len + 1])
            return env[i] + len + 1;
    return NULL;
}

/* The XDG base directory specification's place for data. */
static const char *default_db(struct config *c, char *const env[])
{
    const char *data = env_get(env, "XDG_DATA_HOME");
    const char *home = env_get(env, "HOME");
    if (data)
        return arena_printf(&c->arena, "%s/mailstop/mailstop.db", data);
    return home ? arena_printf(&c->arena, "%s/.local/share/mailstop/mailstop.db", home) : NULL;
}

/* What another machine cannot reach: a loopback address, or a path. */
static bool is_local(const struct config_list *addresses)
{
    struct sockaddr_storage addr;
    for (size_t i = 0; i < addresses->count; i++)
        if (netaddr_parse(span_of(addresses->items[i]), &addr) && !netaddr_is_loopback(&addr))
            return false;
    return true;
}

static bool fill_in(struct config *c, char *const env[], struct buf *why)
{
    char name[256] = "localhost";
    if (!c->hostname) {
        (void)gethostname(name, sizeof(name) - 1);
        c->hostname = arena_strdup(&c->arena, name);
    }
    if (!c->auto_create)
        c->auto_create = is_local(&c->smtp_listen) && is_local(&c->smtps_listen) ? "on" : "off";
    if (!c->db)
        c->db = default_db(c, env);
    if (!c->db)
        buf_append(why, SPAN("There is no home folder to keep the database in; name one with "
                             "--db PATH."));
    return c->db != NULL;
}

/* What stands in each other's way, or not by itself. */
static bool fit_together(const struct config *c, struct buf *why)
{
    if (!c->tls_cert != !c->tls_key) {
        buf_printf(why, "--tls-cert and --tls-key come together; --tls-%s is missing.",
                   c->tls_cert ? "key" : "cert");
        return false;
    }
    if (c->max_spool >= c->max_message_size)
        return true;
    buf_printf(why,
               "With --max-spool %" PRIu64 " no message of --max-message-size %" PRIu64
               " octets could ever arrive: raise the one or lower the other.",
               c->max_spool, c->max_message_size);
    return false;
}

static void print_help(struct buf *out)
{
    char spelled[NAME_MAX_LEN];
    buf_append(out, SPAN("Usage: mailstop [serve] [options]\n"
                         "       mailstop check [--db PATH] [--config FILE]\n\n"
                         "serve (or nothing) accepts mail by SMTP, relays none, shows it in a "
                         "browser and over\nREST. check looks through the database, also while a "
                         "server has it open, and changes\nnothing: it says what is wrong and what "
                         "to do, and ends with 0 if all is well, else with 1.\n\nOptions:\n"));
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const struct option *o = &options[i];
        buf_printf(out, "  --%s %s\n        %s", o->flag, o->value, o->help);
        if (o->initial)
            buf_printf(out, " (default %s)", o->initial);
        buf_printf(out, "\n        %s\n", spell(o->flag, true, spelled));
    }
    buf_append(out, SPAN("  --config FILE\n        a JSON object with the options as keys, such as "
                         "{\"max_recipients\": 50}\n        MAILSTOP_CONFIG\n"
                         "  --help, --version\n\nA flag beats a variable, a variable beats the "
                         "file.\n"));
}

static const struct command *take_command(char *const **argv)
{
    for (size_t i = 0; **argv && i < ARRAY_LEN(commands); i++)
        if (strcmp(**argv, commands[i].name) == 0) {
            ++*argv;
            return &commands[i];
        }
    return &commands[0];
}

enum config_outcome config_load(char *const argv[], char *const env[], struct config *out,
                                struct buf *text)
{
    const char *file;
    *out = (struct config){ 0 };
    for (size_t i = 1; argv[0] && argv[i]; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(text);
            return CONFIG_DONE;
        }
        if (strcmp(argv[i], "--version") == 0) {
            buf_printf(text, "mailstop %s\n", MAILSTOP_VERSION);
            return CONFIG_DONE;
        }
    }
    argv += argv[0] ? 1 : 0;
    const struct command *c = take_command(&argv);
    out->command = c->value;
    bool ok = load_defaults(out, text) && find_file(c, argv, env, &file, text) &&
              (!file || load_file(out, file, text)) && load_environment(out, env, text) &&
              load_flags(out, c, argv, text) && fill_in(out, env, text) && fit_together(out, text);
    return ok ? CONFIG_RUN : CONFIG_BAD;
}

void config_done(struct config *c)
{
    arena_done(&c->arena);
    *c = (struct config){ 0 };
}

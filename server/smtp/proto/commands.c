#include "smtp/proto/address.h"
#include "smtp/proto/params.h"
#include "smtp/proto/private.h"

#include <inttypes.h>

enum { USUAL_LOCAL_PART = 64 }; /* octets every server takes: RFC 5321 4.5.3.1.1 */

#define SYNTAX(text)                                                                               \
    {                                                                                              \
        501, "5.5.4", "Syntax: " text                                                              \
    }

/* To whoever gets a command's arguments wrong, and shown by HELP. */
static const struct smtp_reply helo_syntax = SYNTAX("HELO hostname");
static const struct smtp_reply ehlo_syntax = SYNTAX("EHLO hostname");
static const struct smtp_reply starttls_syntax = SYNTAX("STARTTLS");
static const struct smtp_reply mail_syntax = SYNTAX("MAIL FROM:<address> [parameters]");
static const struct smtp_reply rcpt_syntax = SYNTAX("RCPT TO:<address> [parameters]");
static const struct smtp_reply data_syntax = SYNTAX("DATA");
static const struct smtp_reply rset_syntax = SYNTAX("RSET");
static const struct smtp_reply noop_syntax = SYNTAX("NOOP [text]");
static const struct smtp_reply vrfy_syntax = SYNTAX("VRFY address");
static const struct smtp_reply expn_syntax = SYNTAX("EXPN list");
static const struct smtp_reply help_syntax = SYNTAX("HELP [command]");
static const struct smtp_reply quit_syntax = SYNTAX("QUIT");

/* ---- HELO and EHLO ---- */

static void show_size(const struct smtp_engine *e, struct buf *out)
{
    buf_printf(out, " %" PRIu64, e->config->limits.message_bytes);
}

static const struct offer {
    const char *keyword;
    unsigned cap;
    void (*show)(const struct smtp_engine *e, struct buf *out); /* what follows the keyword */
} offers[] = {
    { "PIPELINING", SMTP_CAP_PIPELINING, NULL },
    { "SIZE", SMTP_CAP_SIZE, show_size },
    { "8BITMIME", SMTP_CAP_8BITMIME, NULL },
    { "ENHANCEDSTATUSCODES", SMTP_CAP_ENHANCEDSTATUSCODES, NULL },
    { "SMTPUTF8", SMTP_CAP_SMTPUTF8, NULL },
    { "STARTTLS", SMTP_CAP_STARTTLS, NULL },
    { "HELP", 0, NULL },
};

static void put_offer(struct smtp_engine *e, const struct offer *offer)
{
    struct buf line AUTO(buf_done) = { 0 };
    buf_append(&line, span_of(offer->keyword));
    if (offer->show)
        offer->show(e, &line);
    engine_put_line(e, 250, NULL, "%s", buf_text(&line));
}

/* Any name will do: RFC 5321 4.1.4 forbids to refuse mail over it. */
static enum smtp_event cmd_ehlo(struct smtp_engine *e, struct span args)
{
    engine_greet(e, args, true);
    engine_put_line(e, 250, NULL, "%s", e->config->hostname);
    for (size_t i = 0; i < ARRAY_LEN(offers); i++)
        if (engine_offers(e, offers[i].cap))
            put_offer(e, &offers[i]);
    engine_end_reply(e);
    return SMTP_NEED_INPUT;
}

static enum smtp_event cmd_helo(struct smtp_engine *e, struct span args)
{
    engine_greet(e, args, false);
    return engine_reply(e, 250, NULL, "%s", e->config->hostname);
}

/* ---- STARTTLS: RFC 3207 ---- */

static enum smtp_event cmd_starttls(struct smtp_engine *e, struct span args)
{
    (void)args;
    return engine_ask(e, SMTP_ASK_STARTTLS);
}

/* ---- MAIL and RCPT ---- */

static const struct smtp_reply needs_smtputf8 = {
    553, "5.6.7", "A non-ASCII address needs SMTPUTF8 in MAIL FROM"
};
static const struct smtp_reply too_many_rcpts = { 452, "4.5.3", "Too many recipients" };

/* Takes "FROM:<path>" or "TO:<path>" and the spaces behind it. */
static bool take_path(struct smtp_engine *e, struct span keyword, struct span *args,
                      struct span *path)
{
    if (!span_istarts_with(*args, keyword))
        return false;
    struct span behind = span_slice(*args, keyword.len, args->len);
    struct span rest = span_trim(behind);
    bool has_space = rest.len < behind.len;
    if (!smtp_path_take(&rest, path) || (rest.len && *rest.ptr != ' '))
        return false;
    if (has_space)
        engine_note(e, SMTP_NOTE_SPACE_IN_PATH);
    *args = span_trim(rest);
    return true;
}

/* A bad address gets `code` and `enhanced`, and what is wrong with it. */
static const struct smtp_reply *take_address(struct smtp_engine *e, struct span path, int code,
                                             const char *enhanced, struct span *out)
{
    struct smtp_mailbox mailbox;
    const char *fault = smtp_mailbox_parse(path, &mailbox);
    if (fault)
        return engine_refusal(e, code, enhanced, "%s", fault);
    if (!mailbox.is_ascii && !e->envelope.smtputf8)
        return &needs_smtputf8;
    if (mailbox.local_part.len > USUAL_LOCAL_PART)
        engine_note(e, SMTP_NOTE_LONG_LOCAL_PART);
    *out = mailbox.text;
    return NULL;
}

/* Parameters come first, for SMTPUTF8 decides what the address may be. */
static const struct smtp_reply *parse_mail(struct smtp_engine *e, struct span args)
{
    struct span path;
    if (!take_path(e, SPAN("FROM:"), &args, &path))
        return &mail_syntax;
    const struct smtp_reply *refusal = smtp_params_of_mail(e, args);
    if (refusal || path.len == 0) /* <>: nobody, as notifications are sent */
        return refusal;
    return take_address(e, path, 501, "5.1.7", &e->envelope.from);
}

static enum smtp_event cmd_mail(struct smtp_engine *e, struct span args)
{
    const struct smtp_reply *refusal = parse_mail(e, args);
    if (!refusal)
        return engine_ask(e, SMTP_ASK_MAIL);
    engine_reset(e);
    return engine_refuse(e, refusal);
}

/* RFC 5321 4.1.1.3: <Postmaster> alone needs no domain. */
static const struct smtp_reply *parse_rcpt(struct smtp_engine *e, struct span args,
                                           struct smtp_rcpt *rcpt)
{
    struct span path;
    if (!take_path(e, SPAN("TO:"), &args, &path))
        return &rcpt_syntax;
    const struct smtp_reply *refusal = smtp_params_of_rcpt(e, args);
    if (refusal)
        return refusal;
    if (!span_ieq(path, SPAN("postmaster")))
        return take_address(e, path, 553, "5.1.3", &rcpt->address);
    rcpt->address = path;
    return NULL;
}

static enum smtp_event cmd_rcpt(struct smtp_engine *e, struct span args)
{
    struct smtp_rcpt rcpt = { 0 };
    const struct smtp_reply *refusal = parse_rcpt(e, args, &rcpt);
    if (!refusal && e->envelope.rcpt_count >= e->config->limits.recipients)
        refusal = &too_many_rcpts;
    if (refusal) {
        e->has_refused_rcpt = true;
        return engine_refuse(e, refusal);
    }
    e->envelope.asked = rcpt;
    return engine_ask(e, SMTP_ASK_RCPT);
}

/* ---- the others ---- */

static enum smtp_event cmd_data(struct smtp_engine *e, struct span args)
{
    (void)args;
    engine_start_data(e);
    return engine_reply(e, 354, NULL, "End data with <CR><LF>.<CR><LF>");
}

static enum smtp_event cmd_rset(struct smtp_engine *e, struct span args)
{
    (void)args;
    engine_reset(e);
    return engine_reply(e, 250, "2.0.0", "Ok");
}

static enum smtp_event cmd_noop(struct smtp_engine *e, struct span args)
{
    (void)args;
    return engine_reply(e, 250, "2.0.0", "Ok");
}

/* VRFY and EXPN. Nothing is looked up, so 250 would be a lie (RFC 5321 3.5.3), and a refusal "could
 * be confused with successful or unsuccessful verification" (7.3, which asks for 252 instead). */
static enum smtp_event cmd_vrfy(struct smtp_engine *e, struct span args)
{
    (void)args;
    return engine_reply(e, 252, "2.5.0", "Not verified; send RCPT TO and see");
}

static enum smtp_event cmd_quit(struct smtp_engine *e, struct span args)
{
    (void)args;
    engine_reply(e, 221, "2.0.0", "%s Bye", e->config->hostname);
    return engine_close(e);
}

static enum smtp_event cmd_help(struct smtp_engine *e, struct span args);

/* ---- the table ---- */

enum args_rule { ARGS_FREE, ARGS_NONE, ARGS_SOME };

enum { PRE_TLS = 1 }; /* may come before TLS where that is required */

/* clang-format off */
static const struct command {
    const char *verb;
    unsigned phases; /* in which it may come */
    unsigned flags;
    unsigned cap; /* the extension it belongs to */
    enum args_rule args;
    const struct smtp_reply *syntax;
    enum smtp_event (*run)(struct smtp_engine *e, struct span args);
} commands[] = {
    { "HELO",     PHASE_ANY,               0,       0,                 ARGS_SOME, &helo_syntax,     cmd_helo },
    { "EHLO",     PHASE_ANY,               PRE_TLS, 0,                 ARGS_SOME, &ehlo_syntax,     cmd_ehlo },
    { "STARTTLS", PHASE_IDLE,              PRE_TLS, SMTP_CAP_STARTTLS, ARGS_NONE, &starttls_syntax, cmd_starttls },
    { "MAIL",     PHASE_IDLE,              0,       0,                 ARGS_SOME, &mail_syntax,     cmd_mail },
    { "RCPT",     PHASE_MAIL | PHASE_RCPT, 0,       0,                 ARGS_SOME, &rcpt_syntax,     cmd_rcpt },
    { "DATA",     PHASE_RCPT,              0,       0,                 ARGS_NONE, &data_syntax,     cmd_data },
    { "RSET",     PHASE_ANY,               0,       0,                 ARGS_NONE, &rset_syntax,     cmd_rset },
    { "NOOP",     PHASE_ANY,               PRE_TLS, 0,                 ARGS_FREE, &noop_syntax,     cmd_noop },
    { "VRFY",     PHASE_ANY,               0,       0,                 ARGS_SOME, &vrfy_syntax,     cmd_vrfy },
    { "EXPN",     PHASE_ANY,               0,       0,                 ARGS_SOME, &expn_syntax,     cmd_vrfy },
    { "HELP",     PHASE_ANY,               0,       0,                 ARGS_FREE, &help_syntax,     cmd_help },
    { "QUIT",     PHASE_ANY,               PRE_TLS, 0,                 ARGS_NONE, &quit_syntax,     cmd_quit },
};
/* clang-format on */

static const struct command *find_command(struct span verb)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (span_ieq(verb, span_of(commands[i].verb)))
            return &commands[i];
    return NULL;
}

static const struct smtp_reply no_such_help = { 504, "5.5.4", "There is no such command" };

static enum smtp_event cmd_help(struct smtp_engine *e, struct span args)
{
    if (args.len) {
        const struct command *c = find_command(args);
        return c && engine_offers(e, c->cap) ? engine_reply(e, 214, "2.0.0", "%s", c->syntax->text)
                                             : engine_refuse(e, &no_such_help);
    }
    struct buf verbs AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (engine_offers(e, commands[i].cap))
            buf_printf(&verbs, " %s", commands[i].verb);
    engine_put_line(e, 214, "2.0.0", "Commands:%s", buf_text(&verbs));
    return engine_reply(e, 214, "2.0.0", "HELP and a command shows its syntax");
}

/* ---- who may run ---- */

static const struct smtp_reply bad_octets = { 500, "5.5.2", "Control characters in the command" };
static const struct smtp_reply unknown = { 500, "5.5.1", "Unknown command; HELP lists them" };
static const struct smtp_reply not_offered = { 502, "5.5.1", "That extension is not offered here" };
static const struct smtp_reply tls_already = { 503, "5.5.1", "TLS is active already" };
static const struct smtp_reply tls_first = { 530, "5.7.0", "Must issue a STARTTLS command first" };
static const struct smtp_reply hello_first = { 503, "5.5.1", "Send EHLO or HELO first" };
static const struct smtp_reply mail_first = { 503, "5.5.1", "Send MAIL FROM first" };
static const struct smtp_reply rcpt_first = { 503, "5.5.1", "Send RCPT TO first" };
static const struct smtp_reply no_rcpts = { 554, "5.5.1", "No valid recipients" };
static const struct smtp_reply in_transaction = {
    503, "5.5.1", "A transaction is open; send RCPT TO, DATA or RSET"
};

static const struct smtp_reply *out_of_sequence(const struct smtp_engine *e,
                                                const struct command *c)
{
    if (e->phase == PHASE_HELLO)
        return &hello_first;
    if (e->phase == PHASE_IDLE)
        return &mail_first;
    if (c->phases & PHASE_IDLE)
        return &in_transaction;
    return e->has_refused_rcpt ? &no_rcpts : &rcpt_first;
}

/* The only place that decides whether a command may run. NULL: it may. */
static const struct smtp_reply *gate(const struct smtp_engine *e, const struct command *c,
                                     struct span args)
{
    if (!c)
        return &unknown;
    if (!engine_offers(e, c->cap))
        return e->config->caps & c->cap ? &tls_already : &not_offered;
    if (e->config->require_tls && !(e->peer & SMTP_PEER_ENCRYPTED) && !(c->flags & PRE_TLS))
        return &tls_first;
    if (!(c->phases & e->phase))
        return out_of_sequence(e, c);
    if ((c->args == ARGS_NONE && args.len) || (c->args == ARGS_SOME && !args.len))
        return c->syntax;
    return NULL;
}

static bool has_controls(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F)
            return true;
    return false;
}

enum smtp_event engine_run_command(struct smtp_engine *e, struct span line)
{
    if (has_controls(line))
        return engine_refuse(e, &bad_octets);
    struct span args = line;
    const struct command *c = find_command(span_cut(&args, ' '));
    args = span_trim(args);
    const struct smtp_reply *refusal = gate(e, c, args);
    return refusal ? engine_refuse(e, refusal) : c->run(e, args);
}

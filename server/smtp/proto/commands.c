#include "core/utf8.h"
#include "smtp/proto/address.h"
#include "smtp/proto/private.h"

static enum smtp_event cmd_rset(struct smtp_engine *e, struct span args)
{
    (void)args;
    enum smtp_event event = engine_abandon(e);
    engine_reply(e, 250, "2.0.0", "Ok");
    return event;
}

static enum smtp_event cmd_noop(struct smtp_engine *e, struct span args)
{
    (void)args;
    return engine_reply(e, 250, "2.0.0", "Ok");
}

static const struct smtp_reply no_utf8_here = { 504, "5.5.4", "SMTPUTF8 is not offered here" };
static const struct smtp_reply needs_utf8 = { 553, "5.6.7",
                                              "A non-ASCII address needs SMTPUTF8 behind it" };
static const struct smtp_reply not_utf8 = { 501, "5.5.4", "That is not UTF-8" };

/* RFC 6531 3.7.4.2: SMTPUTF8 may stand behind what is asked for. */
static const struct smtp_reply *check_vrfy(struct smtp_engine *e, struct span args)
{
    struct span word = args;
    while (span_find(word, ' ') < word.len)
        (void)span_cut(&word, ' ');
    bool has_param = word.len < args.len && span_ieq(word, SPAN("SMTPUTF8"));
    if (has_param && !engine_offers(e, SMTP_CAP_SMTPUTF8))
        return &no_utf8_here;
    if (smtp_is_ascii(args))
        return NULL;
    engine_note(e, has_param ? 0 : SMTP_NOTE_NON_ASCII);
    if (!has_param)
        return &needs_utf8;
    return utf8_is_valid(args) ? NULL : &not_utf8;
}

/* VRFY and EXPN. Nothing is looked up, so 250 would be a lie (RFC 5321 3.5.3), and a refusal "could
 * be confused with successful or unsuccessful verification" (7.3, which asks for 252 instead). */
static enum smtp_event cmd_vrfy(struct smtp_engine *e, struct span args)
{
    const struct smtp_reply *refusal = check_vrfy(e, args);
    if (refusal)
        return engine_refuse(e, refusal);
    return engine_reply(e, 252, "2.5.0", "Not verified; send RCPT TO and see");
}

static enum smtp_event cmd_quit(struct smtp_engine *e, struct span args)
{
    (void)args;
    engine_reply(e, 221, "2.0.0", "%s Bye", e->config->hostname);
    return engine_close(e);
}

/* ---- the table ---- */

static enum smtp_event cmd_help(struct smtp_engine *e, struct span args);

enum args_rule { ARGS_FREE, ARGS_NONE, ARGS_SOME };

enum {
    PRE_TLS = 1 << 0,  /* may come before TLS where that is required: RFC 3207 4 */
    PRE_AUTH = 1 << 1, /* the same with AUTH: RFC 4954 6 */
    PRE_BOTH = PRE_TLS | PRE_AUTH,
    LAST = 1 << 2,    /* of a group that is sent in one go: RFC 2920 3.1 and what adds to it */
    PAYLOAD = 1 << 3, /* octets follow, even if it may not run: it says its refusal behind them */
    STEP = 1 << 4,    /* the host may be asked before it runs */
};

/* Octets of a line (RFC 5321 4.5.3.1.4), and what extensions add to it: SIZE, BODY, SMTPUTF8, AUTH
 * and ENVID to MAIL, ORCPT to RCPT, SMTPUTF8 to VRFY. */
enum {
    USUAL_LINE = 512,
    MAIL_PARAMS = 26 + 17 + 10 + 500 + 100,
    RCPT_PARAMS = 500,
    VRFY_PARAMS = 10,
};

struct command {
    const char *verb;
    unsigned phases; /* in which it may come */
    unsigned flags;
    unsigned cap;        /* the extension it belongs to */
    unsigned more_bytes; /* that extensions allow in its line */
    enum smtp_event (*run)(struct smtp_engine *e, struct span args);
    enum args_rule args;
    const char *syntax; /* of the arguments */
};

/* clang-format off */
static const struct command commands[] = {
    { "HELO",     PHASE_ANY,                 PRE_AUTH | LAST | STEP, 0,                 0,
      engine_run_helo, ARGS_SOME, "hostname" },
    { "EHLO",     PHASE_ANY,                 PRE_BOTH | LAST | STEP, 0,                 0,
      engine_run_ehlo, ARGS_SOME, "hostname" },
    { "STARTTLS", PHASE_IDLE,                PRE_BOTH | LAST,        SMTP_CAP_STARTTLS, 0,
      engine_run_starttls, ARGS_NONE, "" },
    { "AUTH",     PHASE_IDLE,                PRE_AUTH | LAST,        SMTP_CAP_AUTH,     SMTP_MAX_AUTH_LINE - USUAL_LINE,
      engine_run_auth, ARGS_SOME, "mechanism [initial-response]" },
    { "XCLIENT",  PHASE_HELLO | PHASE_IDLE,  PRE_AUTH | LAST,        SMTP_CAP_XCLIENT,  0,
      engine_run_xclient, ARGS_SOME, "NAME=value..." },
    { "MAIL",     PHASE_IDLE,                0,                      0,                 MAIL_PARAMS,
      engine_run_mail, ARGS_SOME, "FROM:<address> [parameters]" },
    { "RCPT",     PHASE_MAIL | PHASE_RCPT,   0,                      0,                 RCPT_PARAMS,
      engine_run_rcpt, ARGS_SOME, "TO:<address> [parameters]" },
    { "DATA",     PHASE_RCPT,                LAST | STEP,            0,                 0,
      engine_run_data, ARGS_NONE, "" },
    { "BDAT",     PHASE_RCPT | PHASE_CHUNK,  PAYLOAD | STEP,         SMTP_CAP_CHUNKING, 0,
      engine_run_bdat, ARGS_SOME, "size [LAST]" },
    { "RSET",     PHASE_ANY,                 PRE_AUTH | STEP,        0,                 0,
      cmd_rset, ARGS_NONE, "" },
    { "NOOP",     PHASE_ANY,                 PRE_BOTH | LAST,        0,                 0,
      cmd_noop, ARGS_FREE, "[text]" },
    { "VRFY",     PHASE_ANY,                 LAST,                   0,                 VRFY_PARAMS,
      cmd_vrfy, ARGS_SOME, "address [SMTPUTF8]" },
    { "EXPN",     PHASE_ANY,                 LAST,                   0,                 VRFY_PARAMS,
      cmd_vrfy, ARGS_SOME, "list [SMTPUTF8]" },
    { "HELP",     PHASE_ANY,                 PRE_AUTH,               0,                 0,
      cmd_help, ARGS_FREE, "[command]" },
    { "QUIT",     PHASE_ANY,                 PRE_BOTH | LAST | STEP, 0,                 0,
      cmd_quit, ARGS_NONE, "" },
};
/* clang-format on */

static const struct command *find_command(struct span verb)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (span_ieq(verb, span_of(commands[i].verb)))
            return &commands[i];
    return NULL;
}

size_t engine_usual_line(const struct smtp_engine *e)
{
    return USUAL_LINE + (e->command ? e->command->more_bytes : 0);
}

bool engine_ends_group(const struct smtp_engine *e)
{
    return e->command && e->command->flags & LAST;
}

bool engine_knows_verb(struct span line)
{
    return find_command(span_cut(&line, ' '));
}

static const struct smtp_reply *syntax_of(struct smtp_engine *e, const struct command *c)
{
    return engine_refusal(e, 501, "5.5.4", "Syntax: %s%s%s", c->verb, *c->syntax ? " " : "",
                          c->syntax);
}

const struct smtp_reply *engine_bad_syntax(struct smtp_engine *e)
{
    return syntax_of(e, e->command);
}

static const struct smtp_reply no_such_help = { 504, "5.5.4", "There is no such command" };

static enum smtp_event cmd_help(struct smtp_engine *e, struct span args)
{
    const struct command *c = find_command(args);
    if (args.len && (!c || !engine_offers(e, c->cap)))
        return engine_refuse(e, &no_such_help);
    if (args.len)
        return engine_reply(e, 214, "2.0.0", "%s", syntax_of(e, c)->text);
    struct buf verbs AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (engine_offers(e, commands[i].cap))
            buf_printf(&verbs, " %s", commands[i].verb);
    engine_put_line(e, 211, "2.0.0", "Commands:%s", buf_text(&verbs));
    return engine_reply(e, 211, "2.0.0", "HELP and a command shows its syntax");
}

/* ---- who may run ---- */

static const struct smtp_reply bad_octets = { 500, "5.5.2", "Control characters in the command" };
static const struct smtp_reply unknown = { 500, "5.5.1", "Unknown command; HELP lists them" };
static const struct smtp_reply not_implemented = { 502, "5.5.1", "Command not implemented" };
static const struct smtp_reply not_offered = { 502, "5.5.1", "That extension is not offered here" };
static const struct smtp_reply tls_already = { 503, "5.5.1", "TLS is active already" };
static const struct smtp_reply not_trusted = { 550, "5.7.1", "XCLIENT is not for everybody" };
static const struct smtp_reply auth_already = { 503, "5.5.1", "Already authenticated" };
static const struct smtp_reply tls_first = { 530, "5.7.0", "Must issue a STARTTLS command first" };
static const struct smtp_reply auth_first = { 530, "5.7.0", "Authentication required" };
static const struct smtp_reply hello_first = { 503, "5.5.1", "Send EHLO or HELO first" };
static const struct smtp_reply mail_first = { 503, "5.5.1", "Send MAIL FROM first" };
static const struct smtp_reply rcpt_first = { 503, "5.5.1", "Send RCPT TO first" };
static const struct smtp_reply no_rcpts = { 554, "5.5.1", "No valid recipients" };
static const struct smtp_reply in_chunks = { 503, "5.5.1", "Send BDAT, or RSET to start anew" };
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
    if (e->phase == PHASE_CHUNK)
        return &in_chunks;
    if (c->phases & PHASE_IDLE)
        return &in_transaction;
    return e->has_refused_rcpt ? &no_rcpts : &rcpt_first;
}

static const struct smtp_reply *out_of_offer(const struct smtp_engine *e, const struct command *c)
{
    if (!(e->config->caps & ~e->hidden & c->cap))
        return &not_offered;
    if (c->cap == SMTP_CAP_XCLIENT)
        return &not_trusted;
    return c->cap == SMTP_CAP_STARTTLS ? &tls_already : &auth_already;
}

/* Commands that exist elsewhere: RFC 5321 4.2.4 has a reply of its own for them. */
static bool exists_elsewhere(struct span verb)
{
    static const char *const verbs[] = {
        "SEND", "SOML", "SAML",     "TURN", /* RFC 821 */
        "ETRN", "ATRN", "BURL",     "LHLO", /* RFC 1985, 2645, 4468, 2033 */
        "VERB", "ONEX", "XFORWARD", "XEXCH50",
    };
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (span_ieq(verb, span_of(verbs[i])))
            return true;
    return false;
}

/* The only place that decides whether a command may run. NULL: it may. */
static const struct smtp_reply *gate(struct smtp_engine *e, struct span verb, struct span args)
{
    const struct command *c = e->command;
    if (!c)
        return exists_elsewhere(verb) ? &not_implemented : &unknown;
    if (!engine_offers(e, c->cap))
        return out_of_offer(e, c);
    if (e->config->require_tls && !(e->peer & SMTP_PEER_ENCRYPTED) && !(c->flags & PRE_TLS))
        return &tls_first;
    if (e->config->require_auth && !e->envelope.username.len && !(c->flags & PRE_AUTH))
        return &auth_first;
    if (!(c->phases & e->phase))
        return out_of_sequence(e, c);
    if ((c->args == ARGS_NONE && args.len) || (c->args == ARGS_SOME && !args.len))
        return engine_bad_syntax(e);
    return NULL;
}

bool engine_has_controls(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F)
            return true;
    return false;
}

/* Of a message in chunks the first alone is asked about. */
static bool is_step(const struct smtp_engine *e)
{
    bool is_part = e->command->flags & PAYLOAD && (e->phase == PHASE_CHUNK || e->has_failed_chunk);
    return e->config->asks_steps && e->command->flags & STEP && !is_part;
}

/* Who does nothing but talk is not kept for as long as a session may last. */
static bool is_one_too_many(struct smtp_engine *e)
{
    size_t most = e->config->limits.commands;
    return most && ++e->commands > most;
}

enum smtp_event engine_run_command(struct smtp_engine *e, struct span line)
{
    if (is_one_too_many(e)) {
        engine_reply(e, 421, "4.7.0", "%s Too many commands without a message",
                     e->config->hostname);
        return engine_close(e);
    }
    struct span args = line;
    struct span verb = span_cut(&args, ' ');
    args = span_trim(args);
    arena_done(&e->command_arena);
    e->command = find_command(verb);
    if (engine_has_controls(line))
        return engine_refuse(e, &bad_octets);
    const struct smtp_reply *refusal = gate(e, verb, args);
    bool has_payload =
        e->command && e->command->flags & PAYLOAD && engine_offers(e, e->command->cap);
    if (!has_payload)
        e->has_failed_chunk = false;
    if (refusal && !has_payload)
        return engine_refuse(e, refusal);
    e->payload_refusal = refusal;
    e->is_payload_refused_by_host = false;
    if (refusal || !is_step(e))
        return e->command->run(e, args);
    e->step = (struct smtp_step){ e->command->verb, args };
    return engine_ask(e, SMTP_ASK_STEP);
}

/* The line that was asked about has not been replaced by another yet. */
enum smtp_event engine_run_step(struct smtp_engine *e)
{
    return e->command->run(e, e->step.args);
}

/* The command's arena lasts until the octets behind it have come. */
void engine_refuse_step(struct smtp_engine *e, const struct smtp_reply *reply)
{
    if (e->command->flags & PAYLOAD) {
        struct smtp_reply *kept = arena_alloc(&e->command_arena, sizeof(*kept));
        *kept = (struct smtp_reply){ reply->code, arena_strdup(&e->command_arena, reply->enhanced),
                                     arena_strdup(&e->command_arena, reply->text) };
        e->payload_refusal = kept;
        e->is_payload_refused_by_host = true;
        return;
    }
    engine_say(e, reply);
    e->mode = reply->code == 421 ? MODE_CLOSING : MODE_COMMAND;
}

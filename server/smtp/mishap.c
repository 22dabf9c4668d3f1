/* What a fault plan does to a session: asked at each question, carried out, and written down. The
 * engine knows nothing of it: it hears an answer, or waits for one. */

#include "core/clock.h"
#include "core/log.h"
#include "smtp/conn.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- what is asked ---- */

static const struct {
    const char *verb;
    enum fault_stage stage;
} steps[] = {
    { "HELO", FAULT_HELO }, { "EHLO", FAULT_HELO }, { "DATA", FAULT_DATA },
    { "BDAT", FAULT_DATA }, { "RSET", FAULT_RSET }, { "QUIT", FAULT_QUIT },
};

static enum fault_stage stage_of_step(const struct conn *c)
{
    size_t i = 0;
    while (strcmp(smtp_engine_step(c->engine)->verb, steps[i].verb) != 0)
        i++;
    return steps[i].stage;
}

/* FAULT_STAGES: none. */
static enum fault_stage stage_of(const struct conn *c, enum smtp_event event)
{
    switch (event) {
    case SMTP_ASK_STEP: return stage_of_step(c);
    case SMTP_ASK_STARTTLS: return FAULT_STARTTLS;
    case SMTP_STARTTLS: /* where TLS comes first; else it was asked */
        return c->stream.is_tls_first ? FAULT_STARTTLS : FAULT_STAGES;
    case SMTP_ASK_AUTH: return FAULT_AUTH;
    case SMTP_ASK_MAIL: return FAULT_MAIL;
    case SMTP_ASK_RCPT: return FAULT_RCPT;
    case SMTP_BODY: return FAULT_DATA;
    case SMTP_ASK_MESSAGE: return FAULT_DATA_END;
    default: return FAULT_STAGES;
    }
}

/* Whose plan: of the login, else of the recipient. */
static int64_t inbox_of(const struct conn *c, enum smtp_event event)
{
    const struct smtp_envelope *e = smtp_engine_envelope(c->engine);
    if (e->username.len || c->is_let_in)
        return c->inbox_id;
    if (event == SMTP_ASK_RCPT)
        return store_inbox_of_recipient(c->server->store, e->asked.address);
    if (e->rcpt_count)
        return store_inbox_of_recipient(c->server->store, e->rcpts[0].address);
    return STORE_ALL_SESSIONS;
}

static struct span helo_of(const struct conn *c, enum fault_stage stage)
{
    return stage == FAULT_HELO ? smtp_engine_step(c->engine)->args
                               : smtp_engine_envelope(c->engine)->helo;
}

static void describe(const struct conn *c, enum smtp_event event, enum fault_stage stage,
                     struct arena *arena, struct fault_event *out)
{
    const struct smtp_envelope *e = smtp_engine_envelope(c->engine);
    bool is_rcpt = event == SMTP_ASK_RCPT;
    size_t count = is_rcpt ? 1 : e->rcpt_count;
    struct span *addresses = arena_alloc(arena, (count + 1) * sizeof(*addresses));
    for (size_t i = 0; i < count; i++)
        addresses[i] = is_rcpt ? e->asked.address : e->rcpts[i].address;
    *out = (struct fault_event){
        .stage = stage,
        .addresses = addresses,
        .address_count = count,
        .sender = e->from,
        .helo = helo_of(c, stage),
        .ip = span_of(session_client(&c->session).ip),
        .is_mute = event == SMTP_STARTTLS,
        .now_ms = (int64_t)uv_now(c->server->loop),
    };
    if (event != SMTP_BODY)
        return;
    out->bytes_to = c->body_bytes;
    out->bytes_from = c->body_bytes - smtp_engine_body(c->engine).len;
}

/* A recipient may ask for what no plan has for it. */
static void ask_magic(struct conn *c, const struct fault_event *e, struct fault_found *out)
{
    struct fault_plan *p = fault_plan_of_magic(e->addresses[0]);
    if (p)
        fault_board_ask_once(c->server->config->faults, p, e, out);
}

static void ask(struct conn *c, enum smtp_event event, enum fault_stage stage,
                struct fault_found *out)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct fault_event e;
    describe(c, event, stage, &arena, &e);
    fault_board_ask(c->server->config->faults, inbox_of(c, event), c->is_let_in, &e, out);
    if (!out->rule && event == SMTP_ASK_RCPT && c->server->config->magic_addresses)
        ask_magic(c, &e, out);
}

/* What costs nothing while there is no plan. */
static bool can_befall(const struct conn *c, enum smtp_event event)
{
    const struct smtp_server_config *config = c->server->config;
    return fault_board_has_plans(config->faults) || c->mishap.hides ||
           (event == SMTP_ASK_RCPT && config->magic_addresses);
}

/* ---- writing it down ---- */

static void tell(struct conn *c, const struct fault_found *f)
{
    char what[256], text[384];
    fault_describe(f->rule, what, sizeof(what));
    if (f->is_magic)
        snprintf(text, sizeof(text), "magic address: %s", what);
    else if (f->inbox_id == FAULT_OF_ALL)
        snprintf(text, sizeof(text), "rules[%zu] of all sessions: %s", f->index, what);
    else
        snprintf(text, sizeof(text), "rules[%zu] of inbox %" PRId64 ": %s", f->index, f->inbox_id,
                 what);
    session_fault(&c->session, text);
}

/* ---- carrying it out ---- */

static void drop(struct conn *c)
{
    conn_discard(c);
    session_take_replies(&c->session);
    net_stream_drop(&c->stream);
    session_end(&c->session, STORE_REFUSED, NULL);
}

static void act_nothing(struct conn *c, const struct fault_rule *rule)
{
    (void)rule;
    if (c->mishap.event != SMTP_NEED_INPUT) {
        conn_react(c, c->mishap.event);
        return;
    }
    *c->stream.out = c->mishap.greeting;
    c->mishap.greeting = (struct buf){ 0 };
}

/* RFC 2034 4: no enhanced codes in the greeting and in what answers HELO and EHLO. */
static void act_reply(struct conn *c, const struct fault_rule *rule)
{
    bool has_enhanced = rule->stage != FAULT_CONNECT && rule->stage != FAULT_HELO;
    const struct smtp_reply reply = {
        rule->reply.code,
        has_enhanced ? rule->reply.enhanced : NULL,
        rule->reply.text,
    };
    if (c->mishap.event == SMTP_ASK_MESSAGE)
        conn_discard(c);
    c->is_let_in = false;
    if (c->mishap.event != SMTP_NEED_INPUT) {
        smtp_engine_answer(c->engine, &reply);
        return;
    }
    smtp_engine_end(c->engine, &reply);
    conn_end(c, STORE_REFUSED);
}

static void act_drop(struct conn *c, const struct fault_rule *rule)
{
    if (c->mishap.event != SMTP_ASK_MESSAGE || rule->drop == FAULT_BEFORE_STORING) {
        drop(c);
        return;
    }
    c->mishap.drops = true;
    c->mishap.moment = rule->drop;
    conn_react(c, SMTP_ASK_MESSAGE);
}

static void act_stall(struct conn *c, const struct fault_rule *rule)
{
    (void)rule;
    c->mishap.is_stalled = true;
    net_stream_hold(&c->stream);
    net_stream_ignore(&c->stream);
}

static void act_hide(struct conn *c, const struct fault_rule *rule)
{
    unsigned caps = 0;
    for (size_t i = 0; rule->hidden[i]; i++)
        caps |= smtp_cap_find(span_of(rule->hidden[i]));
    smtp_engine_hide(c->engine, caps);
    c->mishap.hides = true;
    conn_react(c, c->mishap.event);
}

static void act_tls(struct conn *c, const struct fault_rule *rule)
{
    c->mishap.tls = rule->tls;
    conn_react(c, c->mishap.event);
}

static void (*const acts[])(struct conn *c, const struct fault_rule *rule) = {
    [FAULT_NOTHING] = act_nothing, [FAULT_REPLY] = act_reply, [FAULT_DROP] = act_drop,
    [FAULT_STALL] = act_stall,     [FAULT_HIDE] = act_hide,   [FAULT_TLS] = act_tls,
};

static void carry_out(struct conn *c)
{
    struct fault_found f = c->mishap.fault;
    c->mishap.fault = (struct fault_found){ 0 };
    acts[f.rule->act](c, f.rule);
    fault_found_release(&f);
}

static void on_pause_over(void *owner)
{
    struct conn *c = owner;
    c->mishap.pause = NULL;
    carry_out(c);
    conn_go_on(c);
}

static void begin(struct conn *c, const struct fault_found *f, enum smtp_event event)
{
    tell(c, f);
    c->mishap.fault = *f;
    c->mishap.event = event;
    if (f->rule->delay_ms == 0) {
        carry_out(c);
        return;
    }
    net_stream_hold(&c->stream);
    c->mishap.pause = pause_start(c->server->loop, f->rule->delay_ms, on_pause_over, c);
}

/* ---- what may befall ---- */

/* What an EHLO before did not offer. */
static void show_all(struct conn *c)
{
    smtp_engine_hide(c->engine, 0);
    c->mishap.hides = false;
}

/* Once, unless the next is of another inbox. */
static void throttle_for_recipient(struct conn *c)
{
    int64_t inbox_id = inbox_of(c, SMTP_ASK_RCPT);
    if (inbox_id != c->mishap.throttled_by)
        mishap_throttle(c, inbox_id);
}

bool mishap_befalls(struct conn *c, enum smtp_event event)
{
    struct fault_found f;
    if (!can_befall(c, event))
        return false;
    enum fault_stage stage = stage_of(c, event);
    if (stage == FAULT_STAGES)
        return false;
    if (stage == FAULT_HELO)
        show_all(c);
    if (stage == FAULT_DATA_END)
        c->mishap.drops = false; /* of one that could not be stored */
    if (stage == FAULT_RCPT)
        throttle_for_recipient(c);
    ask(c, event, stage, &f);
    if (f.rule)
        begin(c, &f, event);
    return f.rule != NULL;
}

void mishap_befalls_greeting(struct conn *c)
{
    struct fault_found f;
    if (!can_befall(c, SMTP_NEED_INPUT))
        return;
    mishap_throttle(c, STORE_ALL_SESSIONS);
    ask(c, SMTP_NEED_INPUT, FAULT_CONNECT, &f);
    if (!f.rule)
        return;
    c->mishap.greeting = *c->stream.out;
    *c->stream.out = (struct buf){ 0 };
    begin(c, &f, SMTP_NEED_INPUT);
}

void mishap_throttle(struct conn *c, int64_t inbox_id)
{
    struct fault_found f;
    c->mishap.throttled_by = inbox_id;
    const struct fault_event e = {
        .stage = FAULT_SESSION,
        .ip = span_of(session_client(&c->session).ip),
        .now_ms = (int64_t)uv_now(c->server->loop),
    };
    fault_board_ask(c->server->config->faults, inbox_id, true, &e, &f);
    if (!f.rule)
        return;
    tell(c, &f);
    net_stream_throttle(&c->stream, f.rule->in_rate, f.rule->out_rate);
    fault_found_release(&f);
}

static bool is_due(struct conn *c, enum fault_drop moment)
{
    if (!c->mishap.drops || c->mishap.moment != moment)
        return false;
    c->mishap.drops = false;
    drop(c);
    return true;
}

bool mishap_befalls_stored(struct conn *c)
{
    return is_due(c, FAULT_BEFORE_REPLY);
}

bool mishap_befalls_answered(struct conn *c)
{
    return is_due(c, FAULT_AFTER_REPLY);
}

/* Made when they are first asked for, and kept. */
static struct tls_identity *flawed(struct smtp_server *s, enum tls_flaw flaw)
{
    struct buf why AUTO(buf_done) = { 0 };
    if (s->flawed[flaw])
        return s->flawed[flaw];
    int64_t now_s = clock_now_ms() / 1000;
    if (tls_identity_flawed(s->config->identity, flaw, now_s, &s->flawed[flaw], &why))
        log_error("smtp", "no certificate for a fault plan; the handshake fails instead",
                  log_str("why", buf_text(&why)));
    return s->flawed[flaw];
}

struct tls_identity *mishap_identity(struct conn *c)
{
    switch (c->mishap.tls) {
    case FAULT_TLS_HANDSHAKE: return NULL;
    case FAULT_TLS_EXPIRED: return flawed(c->server, TLS_EXPIRED);
    case FAULT_TLS_WRONG_NAME: return flawed(c->server, TLS_WRONG_NAME);
    case FAULT_TLS_NONE: break;
    }
    return c->server->config->identity;
}

void mishap_end(struct conn *c)
{
    pause_end(c->mishap.pause);
    c->mishap.pause = NULL;
    fault_found_release(&c->mishap.fault);
    buf_done(&c->mishap.greeting);
}

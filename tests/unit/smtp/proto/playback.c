#include "playback.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct player {
    const struct playback *script;
    struct smtp_engine *engine;
    struct buf *log;
    struct buf body;
    size_t questions;
    int64_t stored;
    bool is_shaking_hands;
};

/* ---- writing down ---- */

static void log_replies(struct player *p)
{
    struct buf *out = smtp_engine_output(p->engine);
    struct span rest = buf_span(out);
    while (rest.len) {
        size_t lf = span_find(rest, '\n');
        assert(lf && lf < rest.len && rest.ptr[lf - 1] == '\r');
        buf_printf(p->log, "S: %.*s\n", SPAN_ARG(span_slice(rest, 0, lf - 1)));
        rest = span_slice(rest, lf + 1, rest.len);
    }
    buf_clear(out);
}

static void log_escaped(struct buf *log, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\r' || c == '\n')
            buf_printf(log, "\\%c", c == '\r' ? 'r' : 'n');
        else if (c == '\\')
            buf_printf(log, "\\\\");
        else if (c < ' ' || c > '~')
            buf_printf(log, "\\x%02X", (unsigned)c);
        else
            buf_putc(log, (char)c);
    }
}

/* An "E: body" for each line, so that how the octets came in pieces does not show. */
static void log_body(struct player *p)
{
    struct span rest = buf_span(&p->body);
    while (rest.len) {
        size_t lf = span_find(rest, '\n');
        buf_printf(p->log, "E: body ");
        log_escaped(p->log, span_slice(rest, 0, lf + 1));
        buf_putc(p->log, '\n');
        rest = span_slice(rest, lf + 1, rest.len);
    }
    buf_clear(&p->body);
}

static void log_field(struct buf *log, const char *name, struct span value)
{
    if (value.len == 0)
        return;
    buf_printf(log, " %s=", name);
    log_escaped(log, value);
}

static void log_rcpt(struct player *p, const struct smtp_rcpt *rcpt)
{
    static const char *const words[] = { "never", "success", "failure", "delay" };
    buf_printf(p->log, "<%.*s>", SPAN_ARG(rcpt->address));
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (rcpt->notify & 1U << i)
            buf_printf(p->log, " %s", words[i]);
    log_field(p->log, "orcpt", rcpt->orcpt);
}

static void log_mail(struct player *p, const struct smtp_envelope *v)
{
    static const char *const bodies[] = {
        [SMTP_BODY_UNSTATED] = "",
        [SMTP_BODY_7BIT] = " body=7bit",
        [SMTP_BODY_8BITMIME] = " body=8bitmime",
        [SMTP_BODY_BINARYMIME] = " body=binarymime",
    };
    static const char *const rets[] = { "", " ret=full", " ret=hdrs" };
    buf_printf(p->log, "E: mail <%.*s>", SPAN_ARG(v->from));
    if (v->size)
        buf_printf(p->log, " size=%" PRIu64, v->size);
    buf_printf(p->log, "%s%s", bodies[v->body], v->smtputf8 ? " smtputf8" : "");
    log_field(p->log, "auth", v->auth);
    buf_printf(p->log, "%s", rets[v->ret]);
    log_field(p->log, "envid", v->envid);
    buf_putc(p->log, '\n');
}

static void log_xclient(struct player *p, const struct smtp_xclient *x)
{
    static const char *const names[] = { "name", "addr",  "port",     "proto",
                                         "helo", "login", "destaddr", "destport" };
    buf_printf(p->log, "E: xclient");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        log_field(p->log, names[i], x->values[i].text);
        if (x->values[i].is_given && !x->values[i].text.len)
            buf_printf(p->log, " %s?", names[i]);
    }
    buf_putc(p->log, '\n');
}

static void log_login(struct player *p, const struct smtp_login *login)
{
    buf_printf(p->log, "E: auth %s", login->mechanism);
    log_field(p->log, "authzid", login->authzid);
    log_field(p->log, "user", login->username);
    log_field(p->log, "password", login->password);
    log_field(p->log, "challenge", login->challenge);
    log_field(p->log, "digest", login->digest);
    buf_putc(p->log, '\n');
}

static void log_step(struct player *p, const struct smtp_step *step)
{
    buf_printf(p->log, "E: step %s%s", step->verb, step->args.len ? " " : "");
    log_escaped(p->log, step->args);
    buf_putc(p->log, '\n');
}

static void log_message(struct player *p, const struct smtp_envelope *v)
{
    log_body(p);
    buf_printf(p->log, "E: message from <%.*s> to", SPAN_ARG(v->from));
    for (size_t i = 0; i < v->rcpt_count; i++) {
        buf_putc(p->log, ' ');
        log_rcpt(p, &v->rcpts[i]);
    }
    log_field(p->log, "user", v->username);
    buf_putc(p->log, '\n');
}

static void log_notes(struct player *p)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {
        { SMTP_NOTE_BARE_LF_COMMAND, "bare-lf-command" },
        { SMTP_NOTE_BARE_LF_BODY, "bare-lf-body" },
        { SMTP_NOTE_BARE_CR_BODY, "bare-cr-body" },
        { SMTP_NOTE_LONG_BODY_LINE, "long-body-line" },
        { SMTP_NOTE_SPACE_IN_PATH, "space-in-path" },
        { SMTP_NOTE_PARAMETERS_AFTER_HELO, "parameters-after-helo" },
        { SMTP_NOTE_LONG_LOCAL_PART, "long-local-part" },
        { SMTP_NOTE_TEXT_BEHIND_STARTTLS, "text-behind-starttls" },
        { SMTP_NOTE_CLEARTEXT_LOGIN, "cleartext-login" },
        { SMTP_NOTE_NUL_BODY, "nul-body" },
        { SMTP_NOTE_8BIT_BODY, "8bit-body" },
        { SMTP_NOTE_UNENDED_BODY, "unended-body" },
        { SMTP_NOTE_HELO_NO_NAME, "helo-no-name" },
        { SMTP_NOTE_HELO_BARE_IP, "helo-bare-ip" },
        { SMTP_NOTE_HELO_UNQUALIFIED, "helo-unqualified" },
        { SMTP_NOTE_NON_ASCII, "non-ascii" },
        { SMTP_NOTE_LONG_COMMAND, "long-command" },
        { SMTP_NOTE_SOURCE_ROUTE, "source-route" },
    };
    unsigned notes = smtp_engine_notes(p->engine) & ~(unsigned)SMTP_NOTES_OF_TIMING;
    if (!notes)
        return;
    buf_printf(p->log, "N:");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (notes & names[i].bit)
            buf_printf(p->log, " %s", names[i].name);
    buf_putc(p->log, '\n');
}

/* ---- playing ---- */

static void answer(struct player *p, bool is_message)
{
    const struct smtp_reply *refusal = p->script->answer(p->script->arg, p->questions++);
    if (is_message && !refusal)
        smtp_engine_stored(p->engine, ++p->stored);
    else
        smtp_engine_answer(p->engine, refusal);
}

static void answer_nonce(struct player *p)
{
    const struct smtp_reply *refusal = p->script->answer(p->script->arg, p->questions++);
    char nonce[32];
    snprintf(nonce, sizeof(nonce), "%zu.1896", p->questions);
    if (refusal)
        smtp_engine_answer(p->engine, refusal);
    else
        smtp_engine_nonce(p->engine, nonce);
}

static void react(struct player *p, enum smtp_event event)
{
    const struct smtp_envelope *v = smtp_engine_envelope(p->engine);
    log_replies(p);
    switch (event) {
    case SMTP_NEED_INPUT: break;
    case SMTP_LINE:
        buf_printf(p->log, "E: line ");
        log_escaped(p->log, smtp_engine_line(p->engine));
        buf_putc(p->log, '\n');
        break;
    case SMTP_BODY: buf_append(&p->body, smtp_engine_body(p->engine)); break;
    case SMTP_ASK_STEP:
        log_step(p, smtp_engine_step(p->engine));
        answer(p, false);
        break;
    case SMTP_ASK_STARTTLS:
        buf_printf(p->log, "E: starttls\n");
        answer(p, false);
        break;
    case SMTP_ASK_NONCE:
        buf_printf(p->log, "E: nonce\n");
        answer_nonce(p);
        break;
    case SMTP_ASK_AUTH:
        log_login(p, smtp_engine_login(p->engine));
        answer(p, false);
        break;
    case SMTP_ASK_XCLIENT:
        log_xclient(p, smtp_engine_xclient(p->engine));
        answer(p, false);
        break;
    case SMTP_ASK_MAIL:
        log_mail(p, v);
        answer(p, false);
        break;
    case SMTP_ASK_RCPT:
        buf_printf(p->log, "E: rcpt ");
        log_rcpt(p, &v->asked);
        buf_putc(p->log, '\n');
        answer(p, false);
        break;
    case SMTP_ASK_MESSAGE:
        log_message(p, v);
        answer(p, true);
        break;
    case SMTP_DISCARD:
        buf_clear(&p->body);
        buf_printf(p->log, "E: discard\n");
        break;
    case SMTP_STARTTLS:
        p->is_shaking_hands = true;
        buf_printf(p->log, "E: handshake\n");
        break;
    case SMTP_CLOSE: buf_printf(p->log, "E: close\n"); break;
    }
}

/* One read, from memory that is gone afterwards. */
static void feed(struct player *p, struct span piece)
{
    char *bytes AUTO(free_ptr) = xmalloc(piece.len + 1);
    if (piece.len)
        memcpy(bytes, piece.ptr, piece.len);
    struct span in = { bytes, piece.len };
    enum smtp_event event;
    do {
        event = smtp_engine_next(p->engine, &in);
        react(p, event);
    } while (event != SMTP_NEED_INPUT);
    assert(in.len == 0);
}

/* No read goes beyond a handshake: what comes after it is decrypted. */
static void feed_cut(struct player *p, struct span part, size_t step)
{
    for (size_t at = 0; at < part.len; at += step)
        feed(p, span_slice(part, at, at + step));
}

static void shake_hands(struct player *p)
{
    if (p->is_shaking_hands)
        smtp_engine_tls_started(p->engine);
    p->is_shaking_hands = false;
}

void playback_run(const struct playback *script, size_t step, struct buf *log)
{
    struct player p = { .script = script,
                        .engine = smtp_engine_new(script->config, script->peer),
                        .log = log };
    feed(&p, (struct span){ 0 });
    size_t from = 0;
    for (size_t i = 0; i < script->handshake_count; i++) {
        feed_cut(&p, span_slice(script->client, from, script->handshakes[i]), step);
        shake_hands(&p);
        from = script->handshakes[i];
    }
    feed_cut(&p, span_slice(script->client, from, script->client.len), step);
    log_notes(&p);
    buf_done(&p.body);
    smtp_engine_free(p.engine);
}

/* ---- cuts ---- */

/* Refuses about a quarter of the questions, and once in a while ends the session. */
static const struct smtp_reply *answer_by_choice(const void *arg, size_t index)
{
    static const struct smtp_reply refusals[] = {
        { 550, "5.7.1", "Not today" },
        { 451, "4.3.0", "Later" },
        { 452, NULL, "Full\nto the brim" },
        { 421, "4.3.2", "Going down" },
    };
    uint32_t dice = (*(const unsigned *)arg + (uint32_t)index) * 2654435761U;
    return dice >> 30 == 0 ? &refusals[dice >> 16 & 3] : NULL;
}

static void require_equal(const struct buf *whole, const struct buf *cut, size_t step)
{
    if (span_eq(buf_span(whole), buf_span(cut)))
        return;
    fprintf(stderr, "read whole:\n%.*s\ncut to %zu octets a read:\n%.*s\n",
            SPAN_ARG(buf_span(whole)), step, SPAN_ARG(buf_span(cut)));
    abort();
}

/* Takes the handshakes out of the octets; what there are too many of is left in. */
static void split_at_handshakes(struct span octets, struct buf *client, struct playback *p)
{
    for (size_t i = 0; i < octets.len; i++) {
        if (octets.ptr[i] == PLAYBACK_HANDSHAKE && p->handshake_count < PLAYBACK_MAX_HANDSHAKES)
            p->handshakes[p->handshake_count++] = client->len;
        else
            buf_putc(client, octets.ptr[i]);
    }
    p->client = buf_span(client);
}

void playback_check_cuts(struct span octets, unsigned choice)
{
    static const size_t steps[] = { 1, 2, 3, 5, 17, 64 };
    const struct smtp_config config = {
        .hostname = "mx.test",
        .caps = choice & 1U << 16 ? choice & 0xFFFF : 0xFFFF,
        .wants_lines = choice & 1U << 17,
        .asks_steps = choice & 1U << 24,
        .require_tls = choice & 1U << 18,
        .require_auth = choice & 1U << 19,
        .auth_needs_tls = choice & 1U << 20,
        .limits = { .message_bytes = 200,
                    .recipients = 3,
                    .command_line_bytes = 100,
                    .errors = choice & 1U << 21 ? 3 : 100,
                    .login_failures = 2,
                    .commands = choice & 1U << 25 ? 5 : 0 },
    };
    struct playback p = {
        .config = &config, .peer = choice >> 22 & 3, .answer = answer_by_choice, .arg = &choice
    };
    struct buf client AUTO(buf_done) = { 0 };
    split_at_handshakes(octets, &client, &p);
    struct buf whole AUTO(buf_done) = { 0 };
    playback_run(&p, client.len + 1, &whole);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct buf cut AUTO(buf_done) = { 0 };
        playback_run(&p, steps[i], &cut);
        require_equal(&whole, &cut, steps[i]);
    }
}

#include "smtp/proto/private.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* What the host says to the engine's questions, and what comes of it. */

enum { FIRST_RCPT_ROOM = 8 };

static struct span keep(struct smtp_engine *e, struct span borrowed)
{
    if (borrowed.len == 0)
        return (struct span){ 0 };
    return (struct span){ arena_copy(&e->transaction, borrowed), borrowed.len };
}

static void accept_starttls(struct smtp_engine *e)
{
    e->mode = MODE_TLS_DUE;
}

static void nothing(struct smtp_engine *e)
{
    (void)e;
}

static void accept_mail(struct smtp_engine *e)
{
    e->envelope.from = keep(e, e->envelope.from);
    e->envelope.auth = keep(e, e->envelope.auth);
    e->envelope.envid = keep(e, e->envelope.envid);
    e->phase = PHASE_MAIL;
    e->mails++;
}

/* Room doubles, and what it leaves behind goes with the transaction. */
static void make_rcpt_room(struct smtp_engine *e)
{
    size_t room = e->rcpt_room ? 2 * e->rcpt_room : FIRST_RCPT_ROOM;
    struct smtp_rcpt *rcpts = arena_alloc(&e->transaction, room * sizeof(*rcpts));
    if (e->rcpts)
        memcpy(rcpts, e->rcpts, e->rcpt_room * sizeof(*rcpts));
    e->rcpts = rcpts;
    e->rcpt_room = room;
}

static void accept_rcpt(struct smtp_engine *e)
{
    struct smtp_envelope *envelope = &e->envelope;
    if (envelope->rcpt_count == e->rcpt_room)
        make_rcpt_room(e);
    e->rcpts[envelope->rcpt_count++] =
        (struct smtp_rcpt){ .address = keep(e, envelope->asked.address),
                            .notify = envelope->asked.notify,
                            .orcpt = keep(e, envelope->asked.orcpt) };
    envelope->rcpts = e->rcpts;
    envelope->asked = (struct smtp_rcpt){ 0 };
    e->phase = PHASE_RCPT;
}

void engine_refuse_rcpt(struct smtp_engine *e)
{
    e->envelope.asked = (struct smtp_rcpt){ 0 };
    e->has_refused_rcpt = true;
}

/* A client that gets mail through has earned a new budget of errors and commands. */
static void finish_message(struct smtp_engine *e)
{
    e->errors = 0;
    e->commands = 0;
    engine_reset(e);
}

/* The reply to a yes is said behind its effect, unless the host has words of its own. */
static const struct question {
    void (*yes)(struct smtp_engine *e);
    void (*no)(struct smtp_engine *e);
    struct smtp_reply ok; /* without code: the greeting */
} questions[] = {
    [SMTP_ASK_STARTTLS] = { accept_starttls, nothing, { 220, "2.0.0", "Ready to start TLS" } },
    [SMTP_ASK_AUTH] = { engine_accept_login,
                        engine_end_login,
                        { 235, "2.7.0", "Authentication successful" } },
    [SMTP_ASK_NONCE] = { NULL, engine_end_login, { 0 } },
    [SMTP_ASK_XCLIENT] = { engine_accept_xclient, engine_end_login, { 0 } },
    [SMTP_ASK_MAIL] = { accept_mail, engine_reset, { 250, "2.1.0", "Ok" } },
    [SMTP_ASK_RCPT] = { accept_rcpt, engine_refuse_rcpt, { 250, "2.1.5", "Ok" } },
    [SMTP_ASK_MESSAGE] = { finish_message, engine_reset, { 250, "2.0.0", "Ok" } },
};

enum smtp_event engine_take_question(struct smtp_engine *e)
{
    enum smtp_event question = e->question;
    assert(question != SMTP_NEED_INPUT);
    e->question = SMTP_NEED_INPUT;
    return question;
}

static void accept(struct smtp_engine *e, const struct question *q, const struct smtp_reply *reply)
{
    assert(q->yes);
    q->yes(e);
    if (!reply && !q->ok.code)
        engine_put_greeting(e);
    else
        engine_say(e, reply ? reply : &q->ok);
}

/* Failed logins are counted here, since only the host knows that they failed. */
static void refuse(struct smtp_engine *e, enum smtp_event question, const struct smtp_reply *reply)
{
    if (question == SMTP_ASK_AUTH && reply->code >= 500 &&
        ++e->login_failures > e->config->limits.login_failures)
        reply = engine_refusal(e, 421, "4.7.0", "%s Too many failed logins", e->config->hostname);
    engine_say(e, reply);
    questions[question].no(e);
    if (reply->code == 421)
        e->mode = MODE_CLOSING;
}

/* A yes has no reply: the command says it when it has run. */
static void answer_step(struct smtp_engine *e, const struct smtp_reply *refusal)
{
    e->mode = MODE_STEP;
    if (refusal)
        engine_refuse_step(e, refusal);
}

void smtp_engine_answer(struct smtp_engine *e, const struct smtp_reply *reply)
{
    enum smtp_event question = engine_take_question(e);
    if (question == SMTP_ASK_STEP)
        answer_step(e, reply);
    else if (!reply || reply->code < 400)
        accept(e, &questions[question], reply);
    else
        refuse(e, question, reply);
}

void smtp_engine_stored(struct smtp_engine *e, int64_t id)
{
    enum smtp_event question = engine_take_question(e);
    assert(question == SMTP_ASK_MESSAGE);
    (void)question;
    engine_reply(e, 250, "2.0.0", "Ok: stored as %" PRId64, id);
    finish_message(e);
}

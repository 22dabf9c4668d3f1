#include "smtp/delivery.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/utf8.h"
#include "intake/intake.h"

#include <errno.h>
#include <uv.h>

static const struct smtp_reply no_room = { 452, "4.3.1",
                                           "No room to store the message; try again later" };
static const struct smtp_reply too_much = { 452, "4.3.1",
                                            "Too much mail is arriving at once; try again later" };
static const struct smtp_reply beyond_bounds = {
    452, "4.3.1", "The message is larger than all that --max-bytes lets me keep"
};
static const struct smtp_reply inbox_gone = { 550, "5.2.1", "Your inbox is gone; log in again" };
static const struct smtp_reply too_many_copies = {
    554, "5.2.4", "Too many inboxes would get a copy; narrow their recipient patterns"
};
static const struct smtp_reply not_stored = { 451, "4.3.0",
                                              "The message could not be stored; try again later" };

static const char *copy_text(struct arena *arena, struct span text)
{
    struct buf clean AUTO(buf_done) = { 0 };
    utf8_scrub(&clean, text);
    return arena_copy(arena, buf_span(&clean));
}

static const char *copy_if_given(struct arena *arena, struct span text)
{
    return text.len ? copy_text(arena, text) : NULL;
}

static const char *ret_name(enum smtp_ret ret)
{
    static const char *const names[] = {
        [SMTP_RET_UNSTATED] = NULL,
        [SMTP_RET_FULL] = "FULL",
        [SMTP_RET_HDRS] = "HDRS",
    };
    return names[ret];
}

/* "FAILURE,DELAY" */
static const char *notify_text(struct arena *arena, unsigned notify)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {
        { SMTP_NOTIFY_NEVER, "NEVER" },
        { SMTP_NOTIFY_SUCCESS, "SUCCESS" },
        { SMTP_NOTIFY_FAILURE, "FAILURE" },
        { SMTP_NOTIFY_DELAY, "DELAY" },
    };
    const char *text = NULL;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (notify & words[i].bit)
            text = text ? arena_printf(arena, "%s,%s", text, words[i].word) : words[i].word;
    return text;
}

static struct store_recipient recipient(struct arena *arena, const struct smtp_rcpt *rcpt)
{
    return (struct store_recipient){
        .address = copy_text(arena, rcpt->address),
        .notify = notify_text(arena, rcpt->notify),
        .orcpt = copy_if_given(arena, rcpt->orcpt),
    };
}

static const char *body_name(enum smtp_body_type body)
{
    static const char *const names[] = {
        [SMTP_BODY_UNSTATED] = NULL,
        [SMTP_BODY_7BIT] = "7BIT",
        [SMTP_BODY_8BITMIME] = "8BITMIME",
        [SMTP_BODY_BINARYMIME] = "BINARYMIME",
    };
    return names[body];
}

void delivery_describe(struct store_delivery *d, const struct smtp_envelope *envelope,
                       const struct store_client *client)
{
    struct store_recipient *recipients =
        arena_alloc(&d->arena, (envelope->rcpt_count + 1) * sizeof(*recipients));
    for (size_t i = 0; i < envelope->rcpt_count; i++)
        recipients[i] = recipient(&d->arena, &envelope->rcpts[i]);
    struct intake_facts *facts = arena_alloc(&d->arena, sizeof(*facts));
    *facts = (struct intake_facts){ envelope->notes, envelope->lines, envelope->size };
    d->facts = facts;
    d->message.received_at_ms = clock_now_ms();
    d->message.envelope = (struct store_envelope){
        .from = copy_text(&d->arena, envelope->from),
        .recipients = recipients,
        .recipient_count = envelope->rcpt_count,
        .body = body_name(envelope->body),
        .smtputf8 = envelope->smtputf8,
        .ret = ret_name(envelope->ret),
        .envid = copy_if_given(&d->arena, envelope->envid),
    };
    d->message.client = (struct store_client){
        .ip = arena_strdup(&d->arena, client->ip),
        .port = client->port,
        .helo = copy_text(&d->arena, envelope->helo),
        .username = copy_if_given(&d->arena, envelope->username),
        .tls = arena_strdup(&d->arena, client->tls),
        .cipher = arena_strdup(&d->arena, client->cipher),
        .is_tls_implicit = client->is_tls_implicit,
    };
}

const struct smtp_reply *delivery_refusal(int err)
{
    switch (err) {
    case -ENOBUFS: return &too_much;
    case -ENOSPC:
    case -EDQUOT:
    case -EFBIG: return &no_room;
    case -EMSGSIZE: return &beyond_bounds;
    case -ENOENT: return &inbox_gone;
    case -E2BIG: return &too_many_copies;
    default: return &not_stored;
    }
}

/* ---- complaints ---- */

enum { REPEAT_MS = 60 * 1000 };

void delivery_complain(struct complaint *c, int err, uint64_t now_ms, const struct spools *spools)
{
    if (c->err == err && now_ms - c->said_ms < REPEAT_MS)
        return;
    *c = (struct complaint){ err, now_ms };
    if (err == -ENOBUFS)
        log_warn("smtp", "too much mail is arriving at once; some is refused with 452",
                 log_num("max_spool", (int64_t)spools->max_bytes),
                 log_str("do", "send less at a time, or raise --max-spool"));
    else
        log_error("smtp", "messages on their way cannot be kept in files",
                  log_str("folder", spools->dir), log_str("error", uv_strerror(err)),
                  log_str("do", "free disk space, and check the permissions of the folder"));
}

#include "smtp/delivery.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/utf8.h"

#include <errno.h>
#include <uv.h>

static const struct smtp_reply no_room = { 452, "4.3.1",
                                           "No room to store the message; try again later" };
static const struct smtp_reply too_much = { 452, "4.3.1",
                                            "Too much mail is arriving at once; try again later" };
static const struct smtp_reply not_stored = { 451, "4.3.0",
                                              "The message could not be stored; try again later" };

static const char *copy_text(struct arena *arena, struct span text)
{
    struct buf clean AUTO(buf_done) = { 0 };
    utf8_scrub(&clean, text);
    return arena_copy(arena, buf_span(&clean));
}

static const char *body_name(enum smtp_body_type body)
{
    static const char *const names[] = {
        [SMTP_BODY_UNSTATED] = NULL,
        [SMTP_BODY_7BIT] = "7BIT",
        [SMTP_BODY_8BITMIME] = "8BITMIME",
    };
    return names[body];
}

void delivery_describe(struct store_delivery *d, const struct smtp_envelope *envelope,
                       const char *ip)
{
    struct store_recipient *recipients =
        arena_alloc(&d->arena, (envelope->rcpt_count + 1) * sizeof(*recipients));
    for (size_t i = 0; i < envelope->rcpt_count; i++)
        recipients[i].address = copy_text(&d->arena, envelope->rcpts[i].address);
    d->message.inbox_id = STORE_DEFAULT_INBOX;
    d->message.received_at_ms = clock_now_ms();
    d->message.envelope = (struct store_envelope){
        .from = copy_text(&d->arena, envelope->from),
        .recipients = recipients,
        .recipient_count = envelope->rcpt_count,
        .body = body_name(envelope->body),
        .smtputf8 = envelope->smtputf8,
    };
    d->message.client = (struct store_client){
        .ip = arena_strdup(&d->arena, ip),
        .helo = copy_text(&d->arena, envelope->helo),
    };
}

const struct smtp_reply *delivery_refusal(int err)
{
    switch (err) {
    case -ENOBUFS: return &too_much;
    case -ENOSPC:
    case -EDQUOT:
    case -EFBIG: return &no_room;
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

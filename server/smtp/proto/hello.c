#include "smtp/proto/private.h"

#include <inttypes.h>

/* HELO, EHLO and STARTTLS. */

static void show_size(const struct smtp_engine *e, struct buf *out)
{
    buf_printf(out, " %" PRIu64, e->config->limits.message_bytes);
}

/* RFC 9422 4 */
static void show_limits(const struct smtp_engine *e, struct buf *out)
{
    buf_printf(out, " RCPTMAX=%zu", e->config->limits.recipients);
    if (e->config->limits.mails)
        buf_printf(out, " MAILMAX=%zu", e->config->limits.mails);
}

static const struct offer {
    const char *keyword;
    unsigned cap;
    unsigned needs;                                             /* what it makes no sense without */
    void (*show)(const struct smtp_engine *e, struct buf *out); /* what follows the keyword */
} offers[] = {
    { "PIPELINING", SMTP_CAP_PIPELINING, 0, NULL },
    { "SIZE", SMTP_CAP_SIZE, 0, show_size },
    { "8BITMIME", SMTP_CAP_8BITMIME, 0, NULL },
    { "ENHANCEDSTATUSCODES", SMTP_CAP_ENHANCEDSTATUSCODES, 0, NULL },
    { "SMTPUTF8", SMTP_CAP_SMTPUTF8, 0, NULL },
    { "CHUNKING", SMTP_CAP_CHUNKING, 0, NULL },
    { "BINARYMIME", SMTP_CAP_BINARYMIME, SMTP_CAP_CHUNKING, NULL },
    { "DSN", SMTP_CAP_DSN, 0, NULL },
    { "LIMITS", SMTP_CAP_LIMITS, 0, show_limits },
    { "STARTTLS", SMTP_CAP_STARTTLS, 0, NULL },
    { "AUTH", SMTP_CAP_AUTH, 0, engine_show_mechanisms },
    { "XCLIENT", SMTP_CAP_XCLIENT, 0, engine_show_attributes },
    { "HELP", 0, 0, NULL },
};

unsigned smtp_cap_find(struct span keyword)
{
    for (size_t i = 0; i < ARRAY_LEN(offers); i++)
        if (span_ieq(keyword, span_of(offers[i].keyword)))
            return offers[i].cap;
    return 0;
}

static void put_offer(struct smtp_engine *e, const struct offer *offer)
{
    struct buf line AUTO(buf_done) = { 0 };
    buf_append(&line, span_of(offer->keyword));
    if (offer->show)
        offer->show(e, &line);
    engine_put_line(e, 250, NULL, "%s", buf_text(&line));
}

/* Any name will do: RFC 5321 4.1.4 forbids to refuse mail over it. */
enum smtp_event engine_run_ehlo(struct smtp_engine *e, struct span args)
{
    enum smtp_event event = engine_greet(e, args, true);
    engine_put_line(e, 250, NULL, "%s", e->config->hostname);
    for (size_t i = 0; i < ARRAY_LEN(offers); i++)
        if (engine_offers(e, offers[i].cap | offers[i].needs))
            put_offer(e, &offers[i]);
    engine_end_reply(e);
    return event;
}

enum smtp_event engine_run_helo(struct smtp_engine *e, struct span args)
{
    enum smtp_event event = engine_greet(e, args, false);
    engine_reply(e, 250, NULL, "%s", e->config->hostname);
    return event;
}

/* ---- STARTTLS: RFC 3207 ---- */

enum smtp_event engine_run_starttls(struct smtp_engine *e, struct span args)
{
    (void)args;
    return engine_ask(e, SMTP_ASK_STARTTLS);
}

#include "smtp/proto/private.h"

#include <inttypes.h>

/* HELO, EHLO and STARTTLS. */

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
    { "CHUNKING", SMTP_CAP_CHUNKING, NULL },
    { "BINARYMIME", SMTP_CAP_CHUNKING | SMTP_CAP_BINARYMIME, NULL },
    { "DSN", SMTP_CAP_DSN, NULL },
    { "STARTTLS", SMTP_CAP_STARTTLS, NULL },
    { "AUTH", SMTP_CAP_AUTH, engine_show_mechanisms },
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
enum smtp_event engine_run_ehlo(struct smtp_engine *e, struct span args)
{
    enum smtp_event event = engine_greet(e, args, true);
    engine_put_line(e, 250, NULL, "%s", e->config->hostname);
    for (size_t i = 0; i < ARRAY_LEN(offers); i++)
        if (engine_offers(e, offers[i].cap))
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

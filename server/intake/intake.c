#include "intake/intake.h"

#include "smtp/proto/text.h"
#include "warnings/warnings.h"

enum { BLOCK = 64 * 1024 };

void intake_read(struct intake *in, struct store_delivery *d)
{
    struct source raw = spool_source(&d->raw);
    *in = (struct intake){ .delivery = d };
    mail_read(&raw, &d->arena, &d->message.mail);
    mail_read_content(&raw, &d->message.mail, &in->scratch, &in->content);
    d->message.size = d->raw.size;
}

static struct intake_facts look(struct store_delivery *d)
{
    struct source raw = spool_source(&d->raw);
    struct smtp_text text = { 0 };
    struct buf block AUTO(buf_done) = { 0 };
    char *bytes = buf_reserve(&block, BLOCK);
    int64_t got;
    for (uint64_t at = 0; (got = source_read_full(&raw, at, bytes, BLOCK)) > 0; at += BLOCK)
        smtp_text_look(&text, (struct span){ bytes, (size_t)got });
    smtp_text_end(&text);
    return (struct intake_facts){ .notes = text.notes, .lines = text.lines };
}

static void warn(struct intake *in, const struct intake_facts *noticed)
{
    struct store_delivery *d = in->delivery;
    const struct warning_facts facts = {
        .message = &d->message,
        .headers = in->content.headers,
        .header_count = in->content.header_count,
        .stray = in->content.stray,
        .notes = noticed->notes,
        .lines = noticed->lines,
        .declared_size = noticed->declared_size,
    };
    struct warnings found = warnings_of_message(&facts, &d->arena);
    d->message.warnings = found.items;
    d->message.warning_count = found.count;
}

void intake_give(struct intake *in, struct store *store, const struct intake_facts *facts)
{
    const struct intake_facts noticed = facts ? *facts : look(in->delivery);
    warn(in, &noticed);
    in->delivery->content = &in->content;
    store_deliver(store, in->delivery);
    intake_drop(in);
}

void intake_drop(struct intake *in)
{
    arena_done(&in->scratch);
}

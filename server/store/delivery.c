#include "store/delivery.h"

#include "store/entries.h"
#include "store/search/words.h"

#include <errno.h>
#include <string.h>

struct store_delivery *store_delivery_new(struct spools *spools)
{
    struct delivery *d = xcalloc(1, sizeof(*d));
    spool_init(&d->given.raw, spools);
    return &d->given;
}

void store_delivery_free(struct store_delivery *d)
{
    if (!d)
        return;
    struct delivery *whole = delivery_of(d);
    buf_done(&whole->room);
    buf_done(&whole->dialogue_room);
    words_done(&whole->words);
    spool_done(&d->raw);
    arena_done(&d->arena);
    free(whole);
}

struct delivery *delivery_of(struct store_delivery *d)
{
    return container_of(d, struct delivery, given);
}

int delivery_route(struct delivery *d, struct routes *routes)
{
    struct store_message *m = &d->given.message;
    int64_t found[STORE_COPIES_MAX] = { m->inbox_id };
    size_t count = 1;
    d->is_routed = m->inbox_id == 0;
    if (d->is_routed)
        count = routes_match(routes, &m->envelope, m->received_at_ms, found, STORE_COPIES_MAX);
    if (count > STORE_COPIES_MAX)
        return -E2BIG;
    if (count == 0)
        found[count++] = STORE_DEFAULT_INBOX;
    d->inbox_count = count;
    d->inboxes = arena_alloc(&d->given.arena, count * sizeof(*found));
    memcpy(d->inboxes, found, count * sizeof(*found));
    return 0;
}

void words_pack(const struct store_message *m, const struct mail_content *content,
                enum chunk_codec codec, struct packed_words *out)
{
    *out = (struct packed_words){ 0 };
    words_write(m, content ? content : &(struct mail_content){ 0 }, &out->plain);
    out->size = out->plain.len;
    out->chunk = chunk_pack(buf_span(&out->plain), codec, &out->room);
    buf_done(out->chunk.codec == CHUNK_PLAIN ? &out->room : &out->plain);
}

void words_done(struct packed_words *words)
{
    buf_done(&words->plain);
    buf_done(&words->room);
}

void delivery_prepare(struct delivery *d, enum chunk_codec codec)
{
    struct store_delivery *given = &d->given;
    given->message.size = given->raw.size;
    record_write(&given->message, &given->arena, &d->record);
    d->dialogue = entries_pack(given->dialogue, &d->dialogue_room);
    words_pack(&given->message, given->content, codec, &d->words);
    given->content = NULL;
    d->codec = codec;
    d->is_packed = given->raw.fd < 0;
    if (d->is_packed)
        d->chunk = chunk_pack(buf_span(&given->raw.memory), codec, &d->room);
}

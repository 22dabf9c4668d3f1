#include "store/delivery.h"

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
    spool_done(&d->raw);
    arena_done(&d->arena);
    free(whole);
}

struct delivery *delivery_of(struct store_delivery *d)
{
    return container_of(d, struct delivery, given);
}

void delivery_prepare(struct delivery *d, enum chunk_codec codec)
{
    struct store_delivery *given = &d->given;
    given->message.size = given->raw.size;
    record_write(&given->message, &given->arena, &d->record);
    d->codec = codec;
    d->is_packed = given->raw.fd < 0;
    if (d->is_packed)
        d->chunk = chunk_pack(buf_span(&given->raw.memory), codec, &d->room);
}

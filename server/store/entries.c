/* An entry is its time and kind in one number, then the length of its text and the text, or the
 * count of octets it stands for. Numbers have seven bits an octet, the lowest first, the top bit of
 * all but the last octet set. */

#include "store/entries.h"

#include "store/chunk.h"

#include <errno.h>

enum {
    KIND_BITS = 3,
    KIND_MASK = (1 << KIND_BITS) - 1,
    PACKED = 7,           /* where the first entry would begin: no kind of entry */
    WORTH_PACKING = 1024, /* what is shorter stays as it is */
    NUMBER_BITS = 63,
};

/* ---- numbers ---- */

static void put_number(struct buf *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        buf_putc(out, (char)(number | 0x80));
    buf_putc(out, (char)number);
}

static bool take_number(struct span *in, uint64_t *out)
{
    uint64_t number = 0;
    for (unsigned shift = 0; in->len && shift < NUMBER_BITS; shift += 7) {
        unsigned char octet = (unsigned char)*in->ptr;
        *in = span_slice(*in, 1, in->len);
        number |= (uint64_t)(octet & 0x7F) << shift;
        if (octet < 0x80) {
            *out = number;
            return true;
        }
    }
    return false;
}

/* ---- entries ---- */

void entries_put(struct buf *out, const struct store_entry *e)
{
    put_number(out, e->at << KIND_BITS | e->kind);
    if (e->kind == STORE_ENTRY_DATA) {
        put_number(out, e->octets);
        return;
    }
    put_number(out, e->text.len);
    buf_append(out, e->text);
}

static bool take_text(struct span *in, uint64_t len, struct span *out)
{
    if (len > in->len)
        return false;
    *out = span_slice(*in, 0, (size_t)len);
    *in = span_slice(*in, (size_t)len, in->len);
    return true;
}

bool entries_next(struct span *entries, struct store_entry *out)
{
    uint64_t head, number;
    struct span rest = *entries;
    if (!take_number(&rest, &head) || !take_number(&rest, &number))
        return false;
    struct store_entry e = { .kind = head & KIND_MASK, .at = head >> KIND_BITS };
    if (e.kind > STORE_ENTRY_FAULT)
        return false;
    if (e.kind == STORE_ENTRY_DATA)
        e.octets = number;
    else if (!take_text(&rest, number, &e.text))
        return false;
    *entries = rest;
    *out = e;
    return true;
}

/* ---- packing ---- */

struct span entries_pack(struct span entries, struct buf *room)
{
    if (entries.len < WORTH_PACKING)
        return entries;
    struct buf compressed AUTO(buf_done) = { 0 };
    struct chunk c = chunk_pack(entries, CHUNK_ZSTD, &compressed);
    if (c.codec != CHUNK_ZSTD)
        return entries;
    buf_clear(room);
    put_number(room, PACKED);
    put_number(room, entries.len);
    buf_append(room, c.bytes);
    return buf_span(room);
}

static int unpack_zstd(struct span packed, struct buf *out)
{
    uint64_t size;
    if (!take_number(&packed, &size) || size > CHUNK_SIZE)
        return -EBADMSG;
    struct chunk c = { CHUNK_ZSTD, packed };
    int err = chunk_unpack(c, buf_reserve(out, (size_t)size), (size_t)size);
    if (err)
        return -EBADMSG;
    out->len += (size_t)size;
    return 0;
}

int entries_unpack(struct span packed, struct buf *out)
{
    if (packed.len && *packed.ptr == PACKED)
        return unpack_zstd(span_slice(packed, 1, packed.len), out);
    buf_append(out, packed);
    return 0;
}

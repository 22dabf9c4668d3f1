#include "store/transcript.h"

#include <errno.h>

static void add_entry(struct transcript *t, const struct store_entry *e)
{
    buf_append(&t->entries, (struct span){ (const char *)e, sizeof(*e) });
}

/* Unpacks the piece to where its entries can point at. */
static int open_piece(struct transcript *t, struct span packed, struct span *out)
{
    struct buf plain AUTO(buf_done) = { 0 };
    int err = entries_unpack(packed, &plain);
    if (err)
        return err;
    *out = (struct span){ arena_copy(t->arena, buf_span(&plain)), plain.len };
    t->size += out->len;
    return 0;
}

/* What is not told yet; *is_next if the piece begins where the last one did not. */
static struct span skip_told(struct transcript *t, struct span piece, bool *is_next)
{
    struct span last = t->last;
    *is_next = !span_starts_with(piece, last);
    if (piece.len)
        t->last = piece;
    return *is_next ? piece : span_slice(piece, last.len, piece.len);
}

/* The transactions of a piece begin with MAIL; without any, both are its end. */
struct cuts {
    size_t first, last;
};

static struct cuts find_transactions(struct span piece)
{
    struct cuts cuts = { piece.len, piece.len };
    struct span rest = piece;
    struct store_entry e;
    for (size_t at = 0; entries_next(&rest, &e); at = piece.len - rest.len) {
        if (e.kind != STORE_ENTRY_CLIENT || !span_istarts_with(e.text, SPAN("MAIL")))
            continue;
        cuts.last = at;
        if (cuts.first == piece.len)
            cuts.first = at;
    }
    return cuts;
}

static int add_all(struct transcript *t, struct span entries, int64_t message_id)
{
    struct store_entry e;
    while (entries.len && entries_next(&entries, &e)) {
        e.message_id = e.kind == STORE_ENTRY_DATA ? message_id : 0;
        add_entry(t, &e);
    }
    return entries.len ? -EBADMSG : 0;
}

int transcript_add(struct transcript *t, struct span packed, int64_t message_id)
{
    struct span piece;
    bool is_next;
    int err = open_piece(t, packed, &piece);
    if (err)
        return err;
    piece = skip_told(t, piece, &is_next);
    struct cuts cuts = find_transactions(piece);
    err = add_all(t, span_slice(piece, 0, cuts.last), 0);
    return err ? err : add_all(t, span_slice(piece, cuts.last, piece.len), message_id);
}

int transcript_add_transaction(struct transcript *t, struct span packed, int64_t message_id)
{
    struct span piece;
    bool is_next;
    int err = open_piece(t, packed, &piece);
    if (err)
        return err;
    piece = skip_told(t, piece, &is_next);
    struct cuts cuts = find_transactions(piece);
    if (!is_next)
        err = add_all(t, span_slice(piece, 0, cuts.first), 0);
    return err ? err : add_all(t, span_slice(piece, cuts.last, piece.len), message_id);
}

static const struct store_entry *last_entry(const struct transcript *t)
{
    size_t count = t->entries.len / sizeof(struct store_entry);
    const struct store_entry *items = (const struct store_entry *)(const void *)t->entries.ptr;
    return count ? &items[count - 1] : NULL;
}

/* Splits off what is no later than what is told. */
static struct span skip_earlier(const struct transcript *t, struct span piece)
{
    const struct store_entry *last = last_entry(t);
    struct span rest = piece;
    struct store_entry e;
    while (last && entries_next(&rest, &e) && e.at <= last->at)
        piece = rest;
    return piece;
}

int transcript_add_later(struct transcript *t, struct span packed)
{
    struct span piece;
    int err = open_piece(t, packed, &piece);
    return err ? err : add_all(t, skip_earlier(t, piece), 0);
}

static void add_replies(struct transcript *t, struct span entries)
{
    struct store_entry e;
    while (entries_next(&entries, &e) &&
           (e.kind == STORE_ENTRY_SERVER || e.kind == STORE_ENTRY_FAULT))
        add_entry(t, &e);
}

int transcript_add_reply(struct transcript *t, struct span packed)
{
    struct span piece;
    bool is_next;
    int err = open_piece(t, packed, &piece);
    if (!err)
        add_replies(t, skip_told(t, piece, &is_next));
    return err;
}

int transcript_add_later_reply(struct transcript *t, struct span packed)
{
    struct span piece;
    int err = open_piece(t, packed, &piece);
    if (!err)
        add_replies(t, skip_earlier(t, piece));
    return err;
}

bool transcript_has_room(const struct transcript *t)
{
    return t->size < STORE_TRANSCRIPT_MAX;
}

void transcript_note_gap(struct transcript *t)
{
    const struct store_entry *last = last_entry(t);
    const struct store_entry gap = {
        .kind = STORE_ENTRY_NOTE,
        .at = last ? last->at : 0,
        .text = SPAN("What was said next is left out here; it is in the transcripts of the "
                     "messages"),
    };
    t->is_cut = true;
    add_entry(t, &gap);
}

void transcript_end(struct transcript *t, struct store_transcript *out)
{
    *out = (struct store_transcript){
        .items = (struct store_entry *)(void *)arena_copy(t->arena, buf_span(&t->entries)),
        .count = t->entries.len / sizeof(struct store_entry),
        .is_cut = t->is_cut,
    };
    buf_done(&t->entries);
}

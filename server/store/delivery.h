#pragma once
/* A delivery with what the engine needs to store it, made ready before the writer sees it. */

#include "store/chunk.h"
#include "store/job.h"
#include "store/record.h"
#include "store/routes.h"

/* A message's words (store/search/words.h) as they are kept. */
struct packed_words {
    struct buf plain, room; /* one of them is what `chunk` borrows; the other is empty */
    struct chunk chunk;
    size_t size; /* unpacked */
};

/* `content` may be NULL. */
void words_pack(const struct store_message *m, const struct mail_content *content,
                enum chunk_codec codec, struct packed_words *out);
void words_done(struct packed_words *words);

/* What a store_delivery lies in; its owner does not see the rest. */
struct delivery {
    struct store_delivery given;
    struct job job;   /* given to the writer */
    int64_t *inboxes; /* each gets a copy */
    size_t inbox_count;
    bool is_routed; /* they were found by its recipients */
    struct record record;
    enum chunk_codec codec; /* how its chunks are to be packed */
    struct buf room;        /* what `chunk` is packed into */
    struct chunk chunk;
    struct buf dialogue_room;
    struct span dialogue; /* packed */
    bool is_packed; /* the whole message is in `chunk`; otherwise it is too large to hold in memory,
                       and its chunks are packed while it is stored */
    struct packed_words words;
};

/* Which inboxes get it: the one that the giver chose, else those with a pattern for one of its
 * recipients, else `default`. -E2BIG if that is too many. */
int delivery_route(struct delivery *d, struct routes *routes);

struct delivery *delivery_of(struct store_delivery *d);

/* All that is costly and needs no database. */
void delivery_prepare(struct delivery *d, enum chunk_codec codec);

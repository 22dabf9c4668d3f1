#pragma once
/* Raw messages are kept in chunks of CHUNK_SIZE octets, each compressed by itself, so that a
 * message of any size is written, read and ranged over in constant memory. */

#include "core/buf.h"

enum {
    CHUNK_SIZE = 1024 * 1024,
    /* A smaller chunk is not compressed: that saves a page or two of the database, and costs more
     * than half of what storing the whole message does. */
    CHUNK_PACKED_MIN = 8 * 1024,
};

enum chunk_codec { /* kept in databases: numbers stay */
                   CHUNK_PLAIN = 0,
                   CHUNK_ZSTD = 1,
};

struct chunk {
    enum chunk_codec codec;
    struct span bytes;
};

/* At most CHUNK_SIZE octets. The chunk borrows `plain` if `codec` is CHUNK_PLAIN or compressing
 * does not pay, else `room`, whose content is replaced. */
struct chunk chunk_pack(struct span plain, enum chunk_codec codec, struct buf *room);

/* Puts the octets at `out`. 0, or -EIO if they are not exactly `size`. */
int chunk_unpack(struct chunk c, void *out, size_t size) MUST_CHECK;

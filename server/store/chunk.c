#include "store/chunk.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <zstd.h>

/* The fastest level that still finds what repeats in headers, HTML and base64. */
enum { LEVEL = 1 };

/* ---- one compressor a thread: making one costs more than packing a small message ---- */

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t compressor_key;

static void free_compressor(void *c)
{
    ZSTD_freeCCtx(c);
}

static void make_key(void)
{
    pthread_key_create(&compressor_key, free_compressor);
}

static ZSTD_CCtx *compressor(void)
{
    pthread_once(&key_once, make_key);
    ZSTD_CCtx *c = pthread_getspecific(compressor_key);
    if (c)
        return c;
    c = ZSTD_createCCtx();
    if (!c || pthread_setspecific(compressor_key, c))
        abort(); /* out of memory, as in core/mem.h */
    return c;
}

/* ---- packing ---- */

/* What saves less is not worth unpacking it at every read. */
static bool pays(size_t packed, size_t plain)
{
    return packed < plain - plain / 16;
}

static struct chunk pack_zstd(struct span plain, struct buf *room)
{
    size_t bound = ZSTD_compressBound(plain.len);
    buf_clear(room);
    char *out = buf_reserve(room, bound);
    size_t len = ZSTD_compressCCtx(compressor(), out, bound, plain.ptr, plain.len, LEVEL);
    if (ZSTD_isError(len) || !pays(len, plain.len))
        return (struct chunk){ CHUNK_PLAIN, plain };
    room->len = len;
    return (struct chunk){ CHUNK_ZSTD, buf_span(room) };
}

struct chunk chunk_pack(struct span plain, enum chunk_codec codec, struct buf *room)
{
    assert(plain.len <= CHUNK_SIZE);
    bool is_wanted = codec == CHUNK_ZSTD && plain.len >= CHUNK_PACKED_MIN;
    return is_wanted ? pack_zstd(plain, room) : (struct chunk){ CHUNK_PLAIN, plain };
}

static int unpack_plain(struct span bytes, void *out, size_t size)
{
    if (bytes.len != size)
        return -EIO;
    if (size)
        memcpy(out, bytes.ptr, size);
    return 0;
}

static int unpack_zstd(struct span bytes, void *out, size_t size)
{
    return ZSTD_decompress(out, size, bytes.ptr, bytes.len) == size ? 0 : -EIO;
}

int chunk_unpack(struct chunk c, void *out, size_t size)
{
    switch (c.codec) {
    case CHUNK_PLAIN: return unpack_plain(c.bytes, out, size);
    case CHUNK_ZSTD: return unpack_zstd(c.bytes, out, size);
    }
    return -EIO;
}

#include "core/log.h"
#include "store/chunk.h"
#include "store/sqlite/ingest.h"
#include "store/sqlite/readers.h"

#include <errno.h>
#include <string.h>

/* The last chunk is kept, so that reading on costs no statement and no unpacking. */
struct raw {
    struct store_reader *reader;
    int64_t message_id;
    uint64_t size;
    char *bytes;   /* of the chunk at hand; room for the largest */
    int64_t chunk; /* its index, -1 for none */
};

static size_t chunk_len(const struct raw *raw, uint64_t index)
{
    uint64_t left = raw->size - index * CHUNK_SIZE;
    return left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE;
}

static int unpack(const struct raw *raw, sqlite3_stmt *s, size_t len)
{
    struct chunk c = {
        .codec = (enum chunk_codec)sqlite3_column_int(s, 0),
        .bytes = column_blob(s, 1),
    };
    int err = chunk_unpack(c, raw->bytes, len);
    if (err)
        log_error("store", "a stored message is damaged", log_num("id", raw->message_id));
    return err;
}

/* The statement is over when this returns: no snapshot is held between two reads. */
static int load_chunk(struct raw *raw, uint64_t index)
{
    struct db *db = &raw->reader->db;
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_CHUNK_GET];
    sqlite3_bind_int64(s, 1, raw->message_id * CHUNKS_PER_MESSAGE + (int64_t)index);
    raw->chunk = -1;
    int got = db_step(db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    int err = unpack(raw, s, chunk_len(raw, index));
    if (!err)
        raw->chunk = (int64_t)index;
    return err;
}

static int64_t read_raw(void *arg, uint64_t at, void *out, size_t len)
{
    struct raw *raw = arg;
    if (at >= raw->size || len == 0)
        return 0;
    uint64_t index = at / CHUNK_SIZE;
    if (raw->chunk != (int64_t)index) {
        int err = load_chunk(raw, index);
        if (err)
            return err;
    }
    size_t start = (size_t)(at % CHUNK_SIZE);
    size_t here = chunk_len(raw, index) - start;
    if (len > here)
        len = here;
    memcpy(out, raw->bytes + start, len);
    return (int64_t)len;
}

static int read_size(struct db *db, int64_t id, uint64_t *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_SIZE];
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    *out = (uint64_t)sqlite3_column_int64(s, 0);
    return 0;
}

int store_message_raw(struct store_reader *r, int64_t id, struct arena *arena, struct source *out)
{
    uint64_t size;
    int err = read_size(&r->db, id, &size);
    if (err)
        return err;
    struct raw *raw = arena_alloc(arena, sizeof(*raw));
    *raw = (struct raw){ .reader = r, .message_id = id, .size = size, .chunk = -1 };
    raw->bytes = arena_alloc(arena, chunk_len(raw, 0));
    *out = (struct source){ .size = size, .read = read_raw, .arg = raw };
    return 0;
}

#include "store/chunk.h"
#include "store/sqlite/ingest.h"
#include "store/sqlite/verify.h"

#include <inttypes.h>

/* The walk goes from message to message in the order of their ids, which is that of the chunks.
 * Each message is looked at in a transaction of its own, so that the walk may take its time. */
struct walk {
    struct verifier *v;
    sqlite3_stmt *message, *chunks;
    char *plain;   /* room for what a chunk unpacks to */
    int64_t chunk; /* all up to this one have been looked at */
    uint64_t orphans;
    int64_t first_orphan;

    /* The message at hand. */
    int64_t id;
    uint64_t size;
    uint64_t whole, excess; /* of its chunks */
};

static uint64_t chunk_count(uint64_t size)
{
    return (size + CHUNK_SIZE - 1) / CHUNK_SIZE;
}

static size_t chunk_len(uint64_t size, uint64_t index)
{
    uint64_t left = size - index * CHUNK_SIZE;
    return left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE;
}

static void look_at_chunk(struct walk *w, uint64_t index)
{
    struct chunk c = {
        .codec = (enum chunk_codec)sqlite3_column_int(w->chunks, 1),
        .bytes = column_blob(w->chunks, 2),
    };
    if (index >= chunk_count(w->size))
        w->excess++;
    else if (chunk_unpack(c, w->plain, chunk_len(w->size, index)) == 0)
        w->whole++;
}

static void note_orphan(struct walk *w, int64_t chunk)
{
    if (w->orphans++ == 0)
        w->first_orphan = chunk;
}

/* All chunks behind the last message's up to `end`. Those that are not of the message at hand are
 * of none. */
static int look_at_chunks(struct walk *w, int64_t end)
{
    sqlite3_stmt *s AUTO(stmt_reset) = w->chunks;
    sqlite3_bind_int64(s, 1, w->chunk);
    sqlite3_bind_int64(s, 2, end);
    w->whole = w->excess = 0;
    int got;
    while ((got = db_step(&w->v->db, s)) > 0) {
        int64_t chunk = sqlite3_column_int64(s, 0);
        if (chunk / CHUNKS_PER_MESSAGE == w->id)
            look_at_chunk(w, (uint64_t)(chunk % CHUNKS_PER_MESSAGE));
        else
            note_orphan(w, chunk);
    }
    w->chunk = end;
    return got;
}

static void tell_message(struct walk *w)
{
    uint64_t count = chunk_count(w->size);
    if (w->whole != count || w->excess)
        verify_found(w->v,
                     "The message %" PRId64 " is damaged (%" PRIu64 " of its %" PRIu64
                     " pieces are whole, %" PRIu64 " are too many): save what "
                     "/api/v1/messages/%" PRId64 "/raw still gives, and delete it.",
                     w->id, w->whole, count, w->excess, w->id);
}

/* 1: it was there. 0: there is none left, and what comes behind has been looked at. */
static int look_at_next(struct walk *w)
{
    sqlite3_stmt *s AUTO(stmt_reset) = w->message;
    sqlite3_bind_int64(s, 1, w->id);
    int got = db_step(&w->v->db, s);
    if (got < 0)
        return got;
    if (got == 0) {
        w->id = INT64_MAX; /* which no message has */
        return look_at_chunks(w, INT64_MAX);
    }
    w->id = sqlite3_column_int64(s, 0);
    w->size = (uint64_t)sqlite3_column_int64(s, 1);
    int err = look_at_chunks(w, (w->id + 1) * CHUNKS_PER_MESSAGE - 1);
    if (err)
        return err;
    tell_message(w);
    return 1;
}

static int in_transaction(struct walk *w)
{
    int err = db_exec(&w->v->db, "BEGIN");
    int got = err ? err : look_at_next(w);
    if (got < 0)
        return got;
    err = db_exec(&w->v->db, "COMMIT");
    return err ? err : got;
}

static void tell_orphans(const struct walk *w)
{
    if (w->orphans)
        verify_found(w->v,
                     "%" PRIu64 " pieces belong to no message (the first is %" PRId64
                     ") and only take room: with the server stopped, run with sqlite3: DELETE FROM "
                     "chunk WHERE "
                     "id / 65536 NOT IN (SELECT id FROM message).",
                     w->orphans, w->first_orphan);
}

static int walk_all(struct walk *w)
{
    int64_t total;
    uint64_t done = 0;
    int got = db_number(&w->v->db, "SELECT sum(message_count) FROM inbox", &total);
    if (got)
        return got;
    while ((got = in_transaction(w)) > 0)
        verify_progress(w->v, ++done, (uint64_t)total);
    if (!got)
        tell_orphans(w);
    return got;
}

static int prepare(struct walk *w)
{
    struct db *db = &w->v->db;
    int err = db_prepare_one(
        db, "SELECT id, size FROM message WHERE id > ?1 AND id < 1 << 46 ORDER BY id LIMIT 1",
        &w->message);
    if (!err)
        err = db_prepare_one(db,
                             "SELECT id, codec, bytes FROM chunk WHERE id > ?1 AND id <= ?2 "
                             "ORDER BY id",
                             &w->chunks);
    return err;
}

int verify_octets(struct verifier *v)
{
    struct walk w = { .v = v, .chunk = INT64_MIN };
    int err = prepare(&w);
    w.plain = xmalloc(CHUNK_SIZE);
    if (!err)
        err = walk_all(&w);
    free(w.plain);
    stmt_finalize(&w.message);
    stmt_finalize(&w.chunks);
    return err;
}

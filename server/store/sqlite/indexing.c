#include "store/sqlite/indexing.h"

#include "core/log.h"
#include "store/search/terms.h"
#include "store/search/words.h"
#include "store/sqlite/writer.h"

#include <inttypes.h>

enum {
    STEP_MESSAGES = 256, /* the more, the less each costs */
    STEP_BYTES = 1024 * 1024,
    KEEP = 256, /* the newest, which are searched through: many are deleted before long */
    MANY = 2048 /* so many more make it urgent */
};

/* ---- words ---- */

static int put(struct db *db, enum statement how, int64_t id, const struct packed_words *words)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[how];
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, (int64_t)words->size);
    sqlite3_bind_int(s, 3, (int)words->chunk.codec);
    sqlite3_bind_blob64(s, 4, words->chunk.bytes.ptr, words->chunk.bytes.len, SQLITE_STATIC);
    return db_step(db, s);
}

int indexing_put(struct db *db, int64_t id, const struct packed_words *words)
{
    return put(db, STMT_WORDS_PUT, id, words);
}

void indexing_unpack(sqlite3_stmt *row, struct buf *out)
{
    int64_t size = sqlite3_column_int64(row, WORDS_SIZE);
    struct chunk c = {
        .codec = (enum chunk_codec)sqlite3_column_int(row, WORDS_CODEC),
        .bytes = column_blob(row, WORDS_BYTES),
    };
    buf_clear(out);
    if (size > 0 && size <= WORDS_MAX &&
        chunk_unpack(c, buf_reserve(out, (size_t)size), (size_t)size) == 0)
        out->len = (size_t)size;
    else
        log_error("store", "the words of a message are damaged: it is not found by them",
                  log_num("id", sqlite3_column_int64(row, WORDS_ID)));
}

/* ---- terms ---- */

static void read_terms(sqlite3_stmt *row, struct buf *terms)
{
    struct buf kept AUTO(buf_done) = { 0 };
    indexing_unpack(row, &kept);
    buf_clear(terms);
    terms_write(buf_span(&kept), terms);
    buf_printf(terms, WORDS_INBOX ":%" PRId64, (int64_t)sqlite3_column_int64(row, WORDS_INBOX_ID));
}

static int write_terms(struct db *db, enum statement how, int64_t id, struct span terms)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[how];
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_text64(s, 2, terms.ptr, terms.len, SQLITE_STATIC, SQLITE_UTF8);
    return db_step(db, s);
}

/* Nothing if the message is not there or among the newest. */
static int write_indexed(struct db *db, enum statement how, int64_t id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_WORDS_INDEXED];
    struct buf terms AUTO(buf_done) = { 0 };
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(db, s);
    if (got <= 0)
        return got;
    read_terms(s, &terms);
    return write_terms(db, how, id, buf_span(&terms));
}

/* The index keeps no terms by message: it has to be told them again. */
int indexing_forget(struct db *db, int64_t id)
{
    return write_indexed(db, STMT_INDEX_REMOVE, id);
}

int indexing_fill(struct db *db, int64_t id, const struct packed_words *words)
{
    int err = put(db, STMT_WORDS_FILL, id, words);
    return err ? err : write_indexed(db, STMT_INDEX_ADD, id);
}

/* ---- the chore ---- */

struct range {
    int64_t indexed_to, newest;
};

static int read_range(struct db *db, struct range *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_INDEX_RANGE];
    int got = db_step(db, s);
    if (got < 0)
        return got;
    *out = (struct range){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
    return 0;
}

static int set_bound(struct db *db, enum statement which, int64_t id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[which];
    sqlite3_bind_int64(s, 1, id);
    return db_step(db, s);
}

int indexing_set_unread(struct db *db, int64_t id)
{
    return set_bound(db, STMT_UNREAD_TO, id);
}

/* Indexes messages behind `r->indexed_to` up to `end`; *last_out is the last of them, or `end` if
 * no more were left. */
static int add_some(struct db *db, const struct range *r, int64_t end, int64_t *last_out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_INDEX_SOME];
    struct buf terms AUTO(buf_done) = { 0 };
    size_t bytes = 0;
    int got, err = 0;
    sqlite3_bind_int64(s, 1, r->indexed_to);
    sqlite3_bind_int64(s, 2, end);
    *last_out = end;
    for (int count = 0; !err && (got = db_step(db, s)) > 0; count++) {
        if (count == STEP_MESSAGES || bytes > STEP_BYTES)
            return 0;
        *last_out = sqlite3_column_int64(s, WORDS_ID);
        read_terms(s, &terms);
        bytes += terms.len;
        err = write_terms(db, STMT_INDEX_ADD, *last_out, buf_span(&terms));
    }
    if (!err && got == 0)
        *last_out = end;
    return err ? err : got;
}

int indexing_step(struct writer *w, struct upkeep_step *s)
{
    struct range r;
    int64_t last;
    int err = read_range(&w->db, &r);
    if (err || r.newest - r.indexed_to < KEEP + STEP_MESSAGES)
        return err;
    err = add_some(&w->db, &r, r.newest - KEEP, &last);
    if (!err)
        err = set_bound(&w->db, STMT_INDEXED_TO, last);
    if (r.newest - last >= KEEP + STEP_MESSAGES)
        s->again_ms = 0;
    s->is_urgent = r.newest - last > MANY;
    return err;
}

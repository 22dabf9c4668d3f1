#include "store/sqlite/ingest.h"

#include "core/log.h"
#include "core/metrics.h"
#include "store/sqlite/indexing.h"

#include <errno.h>
#include <string.h>

static void bind_optional(sqlite3_stmt *s, int index, bool has_value, int64_t value)
{
    if (has_value)
        sqlite3_bind_int64(s, index, value);
    else
        sqlite3_bind_null(s, index);
}

/* -ENOENT if there is no such inbox any more. */
static int put_message(struct db *db, const struct delivery *d, int64_t inbox_id)
{
    const struct store_message *m = &d->given.message;
    const struct record *r = &d->record;
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_PUT];
    sqlite3_bind_int64(s, 1, inbox_id);
    sqlite3_bind_int64(s, 2, m->received_at_ms);
    sqlite3_bind_int64(s, 3, (int64_t)m->size);
    sqlite3_bind_int(s, 4, m->is_read);
    sqlite3_bind_int(s, 5, m->is_pinned);
    bind_text(s, 6, r->envelope_from);
    bind_text(s, 7, r->recipients);
    bind_text(s, 8, r->body);
    sqlite3_bind_int(s, 9, m->envelope.smtputf8);
    bind_text(s, 10, r->client_ip);
    bind_text(s, 11, r->client_helo);
    bind_text(s, 12, r->subject);
    bind_text(s, 13, r->message_id);
    bind_optional(s, 14, m->mail.has_date, m->mail.date_ms);
    bind_text(s, 15, r->preview);
    bind_text(s, 16, r->addresses);
    bind_optional(s, 17, m->mail.text_part >= 0, m->mail.text_part);
    bind_optional(s, 18, m->mail.html_part >= 0, m->mail.html_part);
    bind_text(s, 19, r->parts);
    bind_optional(s, 20, m->session_id, m->session_id);
    bind_text(s, 21, r->ret);
    bind_text(s, 22, r->envid);
    bind_text(s, 23, r->client_tls);
    bind_text(s, 24, r->client_cipher);
    bind_text(s, 25, r->client_username);
    bind_text(s, 26, r->tags);
    bind_text(s, 27, r->warnings);
    if (m->session_id) {
        sqlite3_bind_int(s, 28, m->client.port);
        sqlite3_bind_int(s, 29, m->client.is_tls_implicit);
        sqlite3_bind_blob64(s, 30, d->dialogue.ptr, d->dialogue.len, SQLITE_STATIC);
    }
    int err = db_step(db, s);
    if (err)
        return err;
    return sqlite3_changes(db->handle) ? 0 : -ENOENT;
}

static int put_chunk(struct db *db, int64_t message_id, uint64_t index, struct chunk c)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_CHUNK_PUT];
    sqlite3_bind_int64(s, 1, message_id * CHUNKS_PER_MESSAGE + (int64_t)index);
    sqlite3_bind_int(s, 2, (int)c.codec);
    sqlite3_bind_blob64(s, 3, c.bytes.ptr, c.bytes.len, SQLITE_STATIC);
    return db_step(db, s);
}

/* Packs the next chunk of a message that is not held in memory. */
static int put_next_chunk(struct writer *w, struct delivery *d, int64_t id, uint64_t index)
{
    struct source raw = spool_source(&d->given.raw);
    buf_clear(&w->chunk_plain);
    char *plain = buf_reserve(&w->chunk_plain, CHUNK_SIZE);
    int64_t got = source_read_full(&raw, index * CHUNK_SIZE, plain, CHUNK_SIZE);
    if (got < 0) {
        log_error("store", "a message on its way cannot be read back from its file",
                  log_str("detail", strerror((int)-got)));
        return (int)got;
    }
    struct chunk c = chunk_pack((struct span){ plain, (size_t)got }, d->codec, &w->chunk_room);
    return put_chunk(&w->db, id, index, c);
}

static int put_chunks(struct writer *w, struct delivery *d, int64_t id)
{
    uint64_t size = d->given.raw.size;
    if (size == 0)
        return 0;
    if (d->is_packed)
        return put_chunk(&w->db, id, 0, d->chunk);
    int err = 0;
    for (uint64_t i = 0; !err && i * CHUNK_SIZE < size; i++)
        err = put_next_chunk(w, d, id, i);
    return err;
}

/* The giver hears of the first. */
static int put_copy(struct writer *w, struct delivery *d, int64_t inbox_id)
{
    struct store_message *m = &d->given.message;
    int err = put_message(&w->db, d, inbox_id);
    if (err)
        return err;
    int64_t id = sqlite3_last_insert_rowid(w->db.handle);
    if (!m->id) {
        m->id = id;
        m->inbox_id = inbox_id;
    }
    d->given.copies++;
    writer_news(w, STORE_MESSAGE_CREATED, inbox_id, id);
    err = indexing_put(&w->db, id, &d->words);
    return err ? err : put_chunks(w, d, id);
}

/* Inboxes that are gone get none; if that was all of them, it is as if no pattern had matched. */
static int put_copies(struct writer *w, struct delivery *d)
{
    int err = 0;
    d->given.message.id = d->given.copies = 0; /* of a run that was undone */
    for (size_t i = 0; i < d->inbox_count && (!err || err == -ENOENT); i++)
        err = put_copy(w, d, d->inboxes[i]);
    if (err && err != -ENOENT)
        return err;
    if (d->given.message.id)
        return 0;
    return d->is_routed ? put_copy(w, d, STORE_DEFAULT_INBOX) : -ENOENT;
}

/* It would have to go as soon as it came. */
static bool is_beyond_all_bounds(const struct writer *w, const struct delivery *d)
{
    uint64_t most = (uint64_t)w->retention.max_bytes;
    return most && d->given.raw.size > most;
}

static int run(struct writer *w, struct job *j)
{
    struct delivery *d = container_of(j, struct delivery, job);
    if (is_beyond_all_bounds(w, d)) {
        j->result = -EMSGSIZE;
        return 0;
    }
    int err = put_copies(w, d);
    upkeep_wake(&w->upkeep, UPKEEP_ADDED);
    if (err != -ENOENT)
        return err;
    j->result = err; /* no trouble with the database */
    return 0;
}

static void settle(struct writer *w, struct job *j)
{
    struct store_delivery *d = &container_of(j, struct delivery, job)->given;
    d->result = j->result;
    if (d->result == 0) {
        metric_add(&metrics.messages_stored, (uint64_t)d->copies);
        metric_add(&metrics.message_bytes, (uint64_t)d->copies * d->raw.size);
    }
    writer_return(w, d->reply_to, &d->letter);
}

void ingest_post(struct writer *w, struct delivery *d)
{
    d->job = (struct job){
        .run = run,
        .settle = settle,
        .bytes = d->given.raw.size * d->inbox_count,
    };
    writer_post(w, &d->job);
}

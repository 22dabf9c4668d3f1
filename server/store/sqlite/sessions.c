#include "store/sqlite/sessions.h"

#include "core/log.h"
#include "store/record.h"

#include <errno.h>

/* ---- one ---- */

static const char *text(sqlite3_stmt *s, int column)
{
    return (const char *)sqlite3_column_text(s, column);
}

static void read_record(sqlite3_stmt *s, struct arena *arena, struct store_session *out)
{
    const struct session_record r = {
        .client_ip = text(s, SESSION_IP),
        .client_helo = text(s, SESSION_HELO),
        .client_tls = text(s, SESSION_TLS),
        .client_cipher = text(s, SESSION_CIPHER),
        .client_username = text(s, SESSION_USERNAME),
        .refused_command = text(s, SESSION_REFUSED_COMMAND),
        .refused_reply = text(s, SESSION_REFUSED_REPLY),
        .warnings = text(s, SESSION_WARNINGS),
    };
    record_read_session(&r, arena, out);
}

void sessions_read(sqlite3_stmt *s, struct arena *arena, struct store_session *out)
{
    *out = (struct store_session){
        .id = sqlite3_column_int64(s, SESSION_ID),
        .inbox_id = sqlite3_column_int64(s, SESSION_INBOX_ID),
        .inbox = column_text(s, SESSION_INBOX, arena),
        .started_at_ms = sqlite3_column_int64(s, SESSION_STARTED_AT),
        .ended_at_ms = sqlite3_column_int64(s, SESSION_ENDED_AT),
        .outcome = record_outcome(text(s, SESSION_OUTCOME)),
        .client.port = sqlite3_column_int(s, SESSION_PORT),
        .client.is_tls_implicit = sqlite3_column_int(s, SESSION_IS_TLS_IMPLICIT),
        .bytes_in = (uint64_t)sqlite3_column_int64(s, SESSION_BYTES_IN),
        .bytes_out = (uint64_t)sqlite3_column_int64(s, SESSION_BYTES_OUT),
        .message_count = sqlite3_column_int64(s, SESSION_MESSAGE_COUNT),
        .is_truncated = sqlite3_column_int(s, SESSION_IS_TRUNCATED),
        .is_failed = sqlite3_column_int(s, SESSION_IS_FAILED),
    };
    read_record(s, arena, out);
}

int sessions_read_messages(struct db *db, struct arena *arena, struct store_session *session)
{
    if (session->message_count == 0)
        return 0;
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_MESSAGES];
    sqlite3_bind_int64(s, 1, session->id);
    sqlite3_bind_int(s, 2, STORE_SESSION_MESSAGES);
    session->messages = arena_alloc(arena, STORE_SESSION_MESSAGES * sizeof(*session->messages));
    int got;
    while ((got = db_step(db, s)) > 0)
        session->messages[session->messages_listed++] = sqlite3_column_int64(s, 0);
    return got;
}

/* The times of a dialogue count from the beginning of the session, and it ends when the message
 * had been received. */
static int64_t begin_of(struct span dialogue, int64_t received_at_ms)
{
    struct buf plain AUTO(buf_done) = { 0 };
    struct store_entry last = { .at = 0 };
    if (entries_unpack(dialogue, &plain))
        return received_at_ms;
    struct span entries = buf_span(&plain);
    while (entries_next(&entries, &last))
        continue;
    return received_at_ms - (int64_t)(last.at / 10);
}

/* Too young to have a row: known by its first message. */
static int read_young(struct db *db, int64_t id, struct arena *arena, struct store_session *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_YOUNG];
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    sessions_read(s, arena, out);
    out->started_at_ms = begin_of(column_blob(s, SESSION_DIALOGUE), out->started_at_ms);
    return 0;
}

static int read_one(struct db *db, int64_t id, struct arena *arena, struct store_session *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_GET];
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(db, s);
    if (got <= 0)
        return got == 0 ? read_young(db, id, arena, out) : got;
    sessions_read(s, arena, out);
    return 0;
}

int store_session_get(struct store_reader *r, int64_t id, struct arena *arena,
                      struct store_session *out)
{
    struct store_session session;
    int err = read_one(&r->db, id, arena, &session);
    if (!err)
        err = sessions_read_messages(&r->db, arena, &session);
    if (!err)
        *out = session;
    return err;
}

/* ---- transcripts ---- */

enum { OPENING, CLOSING, IS_OPEN }; /* columns of STMT_SESSION_ENDS */

/* 1: there; 0: young sessions have none. */
static int find_ends(struct db *db, int64_t session_id)
{
    sqlite3_bind_int64(db->stmts[STMT_SESSION_ENDS], 1, session_id);
    return db_step(db, db->stmts[STMT_SESSION_ENDS]);
}

static int add_opening(struct db *db, struct transcript *t, int64_t session_id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_ENDS];
    int got = find_ends(db, session_id);
    return got <= 0 ? got : transcript_add(t, column_blob(s, OPENING), 0);
}

/* What an open session said last when it was reported may have gone with a message since. */
static int add_closing(struct db *db, struct transcript *t, int64_t session_id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_ENDS];
    int got = find_ends(db, session_id);
    if (got <= 0)
        return got;
    return sqlite3_column_int(s, IS_OPEN) ? transcript_add_later(t, column_blob(s, CLOSING))
                                          : transcript_add(t, column_blob(s, CLOSING), 0);
}

static int add_dialogues(struct db *db, struct transcript *t, int64_t session_id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_DIALOGUES];
    sqlite3_bind_int64(s, 1, session_id);
    sqlite3_bind_int64(s, 2, 0);
    int got, err = 0;
    while (!err && (got = db_step(db, s)) > 0 && transcript_has_room(t))
        err = transcript_add(t, column_blob(s, 1), sqlite3_column_int64(s, 0));
    if (!err && got > 0)
        transcript_note_gap(t);
    return err ? err : got < 0 ? got : 0;
}

int sessions_add_transcript(struct db *db, struct transcript *t, int64_t session_id)
{
    int err = add_opening(db, t, session_id);
    if (!err)
        err = add_dialogues(db, t, session_id);
    return err ? err : add_closing(db, t, session_id);
}

/* The session's next piece went with its next message, unless that is a copy of this one. */
static int add_next_reply(struct db *db, struct transcript *t, int64_t session_id,
                          int64_t message_id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_DIALOGUES];
    sqlite3_bind_int64(s, 1, session_id);
    sqlite3_bind_int64(s, 2, message_id);
    int got = 0, err = 0;
    size_t before = t->entries.len;
    while (!err && t->entries.len == before && transcript_has_room(t) && (got = db_step(db, s)) > 0)
        err = transcript_add_reply(t, column_blob(s, 1));
    return err ? err : got < 0 ? got : 0;
}

static int add_last_reply(struct db *db, struct transcript *t, int64_t session_id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_ENDS];
    int got = find_ends(db, session_id);
    if (got <= 0)
        return got;
    return sqlite3_column_int(s, IS_OPEN) ? transcript_add_later_reply(t, column_blob(s, CLOSING))
                                          : transcript_add_reply(t, column_blob(s, CLOSING));
}

static int add_reply(struct db *db, struct transcript *t, int64_t session_id, int64_t message_id)
{
    size_t before = t->entries.len;
    int err = add_next_reply(db, t, session_id, message_id);
    return err || t->entries.len > before ? err : add_last_reply(db, t, session_id);
}

static int add_message(struct db *db, struct transcript *t, int64_t message_id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_DIALOGUE];
    sqlite3_bind_int64(s, 1, message_id);
    int got = db_step(db, s);
    if (got < 0)
        return got;
    int64_t session_id = sqlite3_column_int64(s, 0);
    if (session_id == 0)
        return -ENOENT;
    int err = add_opening(db, t, session_id);
    if (!err)
        err = transcript_add_transaction(t, column_blob(s, 1), message_id);
    return err ? err : add_reply(db, t, session_id, message_id);
}

/* One moment, so that no piece goes between two steps. */
static int read_transcript(struct store_reader *r,
                           int (*add)(struct db *db, struct transcript *t, int64_t id), int64_t id,
                           struct arena *arena, struct store_transcript *out)
{
    struct transcript t = { .arena = arena };
    struct store_transcript read;
    int err = db_run(&r->db, STMT_SNAPSHOT);
    if (err)
        return err;
    err = add(&r->db, &t, id);
    int end_err = db_run(&r->db, STMT_SNAPSHOT_END);
    transcript_end(&t, &read);
    if (err == -EBADMSG) {
        log_error("store", "a stored transcript is damaged", log_num("id", id));
        err = -EIO;
    }
    if (err || end_err)
        return err ? err : end_err;
    *out = read;
    return 0;
}

int store_session_transcript(struct store_reader *r, int64_t session_id, struct arena *arena,
                             struct store_transcript *out)
{
    return read_transcript(r, sessions_add_transcript, session_id, arena, out);
}

int store_message_transcript(struct store_reader *r, int64_t message_id, struct arena *arena,
                             struct store_transcript *out)
{
    return read_transcript(r, add_message, message_id, arena, out);
}

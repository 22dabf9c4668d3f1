#include "store/sqlite/session_put.h"

#include "core/log.h"

static void bind_entries(sqlite3_stmt *s, int index, struct span packed)
{
    sqlite3_bind_blob64(s, index, packed.ptr, packed.len, SQLITE_STATIC);
}

static void bind_end(sqlite3_stmt *s, const struct store_session *session)
{
    if (session->outcome == STORE_OPEN)
        return; /* both stay NULL */
    sqlite3_bind_int64(s, 12, session->ended_at_ms);
    bind_text(s, 13, store_outcome_name(session->outcome));
}

static int put(struct db *db, const struct report *r)
{
    const struct store_session *session = &r->given.session;
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SESSION_PUT];
    sqlite3_bind_int64(s, 1, session->id);
    sqlite3_bind_int64(s, 2, session->inbox_id);
    sqlite3_bind_int64(s, 3, session->started_at_ms);
    bind_text(s, 4, r->record.client_ip);
    sqlite3_bind_int(s, 5, session->client.port);
    bind_text(s, 6, r->record.client_helo);
    bind_text(s, 7, r->record.client_tls);
    bind_text(s, 8, r->record.client_cipher);
    sqlite3_bind_int(s, 9, session->client.is_tls_implicit);
    bind_text(s, 10, r->record.client_username);
    bind_entries(s, 11, r->opening);
    bind_end(s, session);
    sqlite3_bind_int64(s, 14, (int64_t)session->bytes_in);
    sqlite3_bind_int64(s, 15, (int64_t)session->bytes_out);
    sqlite3_bind_int64(s, 16, session->message_count);
    sqlite3_bind_int(s, 17, session->is_truncated);
    bind_text(s, 18, r->record.warnings);
    bind_entries(s, 19, r->closing);
    sqlite3_bind_int(s, 20, session->is_failed);
    bind_text(s, 21, r->record.refused_command);
    bind_text(s, 22, r->record.refused_reply);
    return db_step(db, s);
}

static int run(struct writer *w, struct job *j)
{
    const struct report *r = container_of(j, struct report, job);
    const struct store_session *session = &r->given.session;
    int err = put(&w->db, r);
    if (err || session->outcome == STORE_OPEN)
        return err;
    writer_session_news(w, session->inbox_id, session->id);
    if (session->message_count == 0)
        upkeep_wake(&w->upkeep, UPKEEP_SILENT);
    return 0;
}

enum { REPORT_OVERHEAD = 2048 }; /* of memory, beside what was said */

static size_t size_of(const struct report *r)
{
    return REPORT_OVERHEAD + r->given.opening.len + r->given.closing.len;
}

/* A failure is in the log already, and nobody else is to hear of it. */
static void settle(struct writer *w, struct job *j)
{
    struct report *r = container_of(j, struct report, job);
    atomic_fetch_sub(&w->report_bytes, size_of(r));
    report_free(r);
}

/* Clients that come and go faster than they can be written down do not get to fill the memory. */
static bool has_room(struct writer *w, size_t size)
{
    if (atomic_fetch_add(&w->report_bytes, size) + size <= REPORT_BYTES_MAX) {
        atomic_store(&w->is_losing_reports, false);
        return true;
    }
    atomic_fetch_sub(&w->report_bytes, size);
    if (!atomic_exchange(&w->is_losing_reports, true))
        log_warn("store", "sessions come faster than they are stored; some are left out",
                 log_num("waiting_bytes", REPORT_BYTES_MAX));
    return false;
}

void session_put_post(struct writer *w, struct report *r)
{
    r->job = (struct job){ .run = run, .settle = settle, .bytes = r->opening.len + r->closing.len };
    if (has_room(w, size_of(r)))
        writer_post(w, &r->job);
    else
        report_free(r);
}

/* ---- at start ---- */

/* Sessions that were too young to have a row are among the newest that messages came by. */
int session_put_lost(struct db *db)
{
    return db_exec(
        db, "UPDATE session SET outcome = 'shutdown', is_failed = 1, "
            "ended_at = coalesce((SELECT received_at FROM message WHERE session_id = session.id "
            "ORDER BY id DESC LIMIT 1), started_at), "
            "message_count = (SELECT count(*) FROM message WHERE session_id = session.id) "
            "WHERE ended_at IS NULL;"
            "INSERT INTO session (id, inbox_id, started_at, client_ip, client_port, client_helo, "
            "client_tls, client_cipher, is_tls_implicit, client_username, ended_at, outcome, "
            "message_count, is_failed) "
            "SELECT session_id, inbox_id, received_at, client_ip, coalesce(client_port, 0), "
            "client_helo, client_tls, client_cipher, coalesce(is_tls_implicit, 0), "
            "client_username, received_at, 'shutdown', count(*), 1 FROM message "
            "WHERE session_id > (SELECT max(session_id) FROM message "
            "WHERE session_id IS NOT NULL) - 10000 "
            "AND NOT EXISTS (SELECT 1 FROM session WHERE id = session_id) GROUP BY session_id");
}

int session_put_last_id(struct db *db, int64_t *out)
{
    return db_number(db,
                     "SELECT max("
                     "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'session'), 0), "
                     "coalesce((SELECT max(session_id) FROM message "
                     "WHERE session_id IS NOT NULL), 0))",
                     out);
}

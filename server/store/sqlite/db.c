#include "store/sqlite/db.h"

#include <errno.h>

/* The operator may look in with the sqlite3 shell, which takes locks for moments. */
enum { BUSY_TIMEOUT_MS = 5000 };

/* `errno` is 0 before each call of SQLite that may fail: sqlite3_system_errno() does not know why
 * a COMMIT failed. */
int db_failed(struct db *db, int code)
{
    const struct fault *fault = fault_of(code, errno);
    db->fault = fault;
    if (db->trouble)
        trouble_report(db->trouble, fault, sqlite3_errmsg(db->handle));
    return fault->err;
}

void db_explain(const struct db *db, const char *verb, const char *path, struct buf *why)
{
    size_t start = why->len;
    buf_printf(why,
               "Cannot %s the database %s, because %s (%s): %s or choose another file with --db.",
               verb, path, db->fault->what, sqlite3_errmsg(db->handle), db->fault->remedy);
    /* SQLite quotes what is in the file, which may be anything if it is damaged. */
    for (char *c = why->ptr + start; c < why->ptr + why->len; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = '?';
}

static int open_with(struct db *db, const char *name, int flags)
{
    errno = 0;
    int code = sqlite3_open_v2(name, &db->handle,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code)
        return db_failed(db, code);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    return 0;
}

int db_open(struct db *db, const char *path, struct trouble *trouble)
{
    *db = (struct db){ .trouble = trouble };
    return open_with(db, path, SQLITE_OPEN_READWRITE);
}

int db_open_uri(struct db *db, const char *uri)
{
    *db = (struct db){ 0 };
    return open_with(db, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

void db_close(struct db *db)
{
    for (size_t i = 0; i < STMT_COUNT; i++)
        sqlite3_finalize(db->stmts[i]);
    sqlite3_close(db->handle);
    *db = (struct db){ 0 };
}

int db_prepare(struct db *db, enum statement first, enum statement end)
{
    errno = 0;
    for (enum statement i = first; i < end; i++) {
        int code = sqlite3_prepare_v3(db->handle, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &db->stmts[i], NULL);
        if (code)
            return db_failed(db, code);
    }
    return 0;
}

int db_exec(struct db *db, const char *sql)
{
    errno = 0;
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code ? db_failed(db, code) : 0;
}

int db_prepare_one(struct db *db, const char *sql, sqlite3_stmt **out)
{
    errno = 0;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, out, NULL);
    return code ? db_failed(db, code) : 0;
}

int db_number(struct db *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *s AUTO(stmt_finalize) = NULL;
    int err = db_prepare_one(db, sql, &s);
    if (err)
        return err;
    int got = db_step(db, s);
    if (got < 0)
        return got;
    *out = sqlite3_column_int64(s, 0);
    return 0;
}

int db_step(struct db *db, sqlite3_stmt *s)
{
    errno = 0;
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW)
        return 1;
    return code == SQLITE_DONE ? 0 : db_failed(db, code);
}

int db_run(struct db *db, enum statement id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[id];
    return db_step(db, s);
}

/* To truncate the log is worth no waiting. */
void db_write_back(struct db *db, int mode)
{
    if (mode == SQLITE_CHECKPOINT_TRUNCATE)
        sqlite3_busy_timeout(db->handle, 0);
    (void)sqlite3_wal_checkpoint_v2(db->handle, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
}

void db_roll_back(struct db *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

void stmt_finalize(sqlite3_stmt **s)
{
    sqlite3_finalize(*s);
}

void stmt_reset(sqlite3_stmt **s)
{
    sqlite3_reset(*s);
    sqlite3_clear_bindings(*s);
}

void bind_text(sqlite3_stmt *s, int index, const char *text)
{
    sqlite3_bind_text(s, index, text, -1, SQLITE_STATIC);
}

const char *column_text(sqlite3_stmt *s, int index, struct arena *arena)
{
    return arena_strdup(arena, (const char *)sqlite3_column_text(s, index));
}

struct span column_blob(sqlite3_stmt *s, int index)
{
    const void *ptr = sqlite3_column_blob(s, index);
    return (struct span){ ptr, (size_t)sqlite3_column_bytes(s, index) };
}

#pragma once
/* One connection to the database, used by one thread at a time. Errors are translated here, once,
 * and reported. */

#include "core/arena.h"
#include "core/buf.h"
#include "store/sqlite/statements.h"
#include "store/sqlite/trouble.h"

#include <sqlite3.h>

struct db {
    sqlite3 *handle;
    sqlite3_stmt *stmts[STMT_COUNT];
    struct trouble *trouble;   /* where failures are reported, borrowed; NULL: nowhere */
    const struct fault *fault; /* the last one */
};

/* Opens without preparing anything. `db` is good for db_close() also after an error. */
int db_open(struct db *db, const char *path, struct trouble *trouble) MUST_CHECK;
int db_open_uri(struct db *db, const char *uri) MUST_CHECK; /* the same, for reading alone */
void db_close(struct db *db);                               /* zeroed is accepted */

/* Takes note of what SQLite says instead of SQLITE_OK, for what is called past this header; `errno`
 * was 0 before it. Returns the negative errno. */
int db_failed(struct db *db, int code);

/* What just failed, as a sentence for the operator: "Cannot <verb> the database ...". */
void db_explain(const struct db *db, const char *verb, const char *path, struct buf *why);

/* Prepares the statements from `first` up to `end`. */
int db_prepare(struct db *db, enum statement first, enum statement end) MUST_CHECK;

/* A statement that is used once, to be finalized. */
int db_prepare_one(struct db *db, const char *sql, sqlite3_stmt **out) MUST_CHECK;

/* Runs text that gives no rows, several statements if need be. */
int db_exec(struct db *db, const char *sql) MUST_CHECK;

/* The number that a query such as "PRAGMA user_version" gives. */
int db_number(struct db *db, const char *sql, int64_t *out) MUST_CHECK;

/* 1: a row is ready. 0: done. Negative errno: failed. */
int db_step(struct db *db, sqlite3_stmt *s) MUST_CHECK;

/* Runs a statement that gives no rows and has no values bound. */
int db_run(struct db *db, enum statement id) MUST_CHECK;

/* Writes the log back to the database, in one of SQLite's modes. That it cannot be done now is no
 * failure: the log keeps what is committed. */
void db_write_back(struct db *db, int mode);

/* Undoes the open transaction; SQLite has done so itself after some errors. */
void db_roll_back(struct db *db);

/* For AUTO, of what db_prepare_one() made; NULL is accepted. */
void stmt_finalize(sqlite3_stmt **s);

/* For AUTO: ready for the next use, with nothing bound that might be gone by then. */
void stmt_reset(sqlite3_stmt **s);

/* NULL binds NULL. `text` must stay until the statement is reset. Binding cannot fail but for lack
 * of memory; the columns are NOT NULL where it matters. */
void bind_text(sqlite3_stmt *s, int index, const char *text);

/* A copy; NULL stays NULL. */
const char *column_text(sqlite3_stmt *s, int index, struct arena *arena);

/* Valid until the next step or reset. */
struct span column_blob(sqlite3_stmt *s, int index);

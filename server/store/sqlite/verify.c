#include "store/sqlite/verify.h"

#include "store/entries.h"
#include "store/sqlite/migrate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SALVAGE                                                                                    \
    "stop the server and restore a copy, or save what can be read with sqlite3's command .recover"

/* ---- telling ---- */

enum { FAULTS_TOLD = 100 }; /* of a check */

void verify_found(struct verifier *v, const char *format, ...)
{
    if (v->faults++ >= FAULTS_TOLD)
        return;
    struct buf text AUTO(buf_done) = { 0 };
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    v->to->found(v->to->arg, buf_text(&text));
}

void verify_progress(struct verifier *v, uint64_t done, uint64_t total)
{
    v->to->progress(v->to->arg, v->check, done, total);
}

/* ---- the smaller checks ---- */

static const char *text(sqlite3_stmt *s, int column)
{
    const char *found = (const char *)sqlite3_column_text(s, column);
    return found ? found : "";
}

/* Runs a query each of whose rows `tell` may find at fault. */
static int for_each_row(struct verifier *v, const char *sql,
                        void (*tell)(struct verifier *v, sqlite3_stmt *row))
{
    sqlite3_stmt *s AUTO(stmt_finalize) = NULL;
    int got = db_prepare_one(&v->db, sql, &s);
    while (!got && (got = db_step(&v->db, s)) > 0) {
        tell(v, s);
        got = 0;
    }
    return got;
}

static void tell_page(struct verifier *v, sqlite3_stmt *row)
{
    if (strcmp(text(row, 0), "ok") != 0)
        verify_found(v, "The database is damaged (%s): " SALVAGE ".", text(row, 0));
}

static int verify_pages(struct verifier *v)
{
    return for_each_row(v, "PRAGMA integrity_check", tell_page);
}

static void tell_reference(struct verifier *v, sqlite3_stmt *row)
{
    verify_found(v,
                 "Row %lld of the table %s refers to a row of the table %s that is not there: with "
                 "the server stopped, delete it.",
                 (long long)sqlite3_column_int64(row, 1), text(row, 0), text(row, 2));
}

static int verify_references(struct verifier *v)
{
    return for_each_row(v, "PRAGMA foreign_key_check", tell_reference);
}

#define COUNTED                                                                                    \
    "SELECT count(*), coalesce(sum(NOT is_read), 0), coalesce(sum(size), 0) FROM message "         \
    "WHERE inbox_id = inbox.id AND id > cleared_to"

static void tell_counts(struct verifier *v, sqlite3_stmt *row)
{
    verify_found(
        v,
        "The inbox %s counts %lld messages, %lld unread, %lld octets, but has %lld, %lld, "
        "%lld: with the server stopped, run with sqlite3: UPDATE inbox SET (message_count, "
        "unread_count, size_bytes) = (" COUNTED ").",
        text(row, 0), (long long)sqlite3_column_int64(row, 1),
        (long long)sqlite3_column_int64(row, 2), (long long)sqlite3_column_int64(row, 3),
        (long long)sqlite3_column_int64(row, 4), (long long)sqlite3_column_int64(row, 5),
        (long long)sqlite3_column_int64(row, 6));
}

static int verify_counts(struct verifier *v)
{
    return for_each_row(v,
                        "WITH truth (id, messages, unread, octets) AS "
                        "(SELECT inbox_id, count(*), sum(NOT is_read), sum(size) FROM message "
                        "JOIN inbox ON inbox.id = inbox_id WHERE message.id > cleared_to "
                        "GROUP BY inbox_id) "
                        "SELECT name, message_count, unread_count, size_bytes, "
                        "coalesce(messages, 0), coalesce(unread, 0), coalesce(octets, 0) "
                        "FROM inbox LEFT JOIN truth USING (id) WHERE "
                        "(message_count, unread_count, size_bytes) IS NOT "
                        "(coalesce(messages, 0), coalesce(unread, 0), coalesce(octets, 0))",
                        tell_counts);
}

static bool is_sound(struct span packed)
{
    struct buf plain AUTO(buf_done) = { 0 };
    struct store_entry e;
    if (entries_unpack(packed, &plain))
        return false;
    struct span rest = buf_span(&plain);
    while (entries_next(&rest, &e))
        continue;
    return rest.len == 0;
}

static void tell_transcript(struct verifier *v, sqlite3_stmt *row)
{
    if (!is_sound(column_blob(row, 3)))
        verify_found(v,
                     "What was said is damaged in the %s %lld: with the server stopped, run with "
                     "sqlite3: UPDATE %s SET %s = NULL WHERE id = %lld.",
                     text(row, 0), (long long)sqlite3_column_int64(row, 2), text(row, 0),
                     text(row, 1), (long long)sqlite3_column_int64(row, 2));
}

static int verify_transcripts(struct verifier *v)
{
    return for_each_row(v,
                        "SELECT 'session', 'opening', id, opening FROM session UNION ALL "
                        "SELECT 'session', 'closing', id, closing FROM session UNION ALL "
                        "SELECT 'message', 'dialogue', id, dialogue FROM message",
                        tell_transcript);
}

/* ---- the table ---- */

struct check {
    const char *name;
    int64_t since; /* the schema it needs; a database that has less passes */
    int (*run)(struct verifier *v);
};

/* clang-format off */
static const struct check checks[] = {
    { "pages and indexes",  1, verify_pages },
    { "references",         1, verify_references },
    { "counts of inboxes",  6, verify_counts },
    { "transcripts",        4, verify_transcripts },
    { "octets of messages", 1, verify_octets },
};
/* clang-format on */

static bool is_damage(const struct fault *fault)
{
    return fault->code == SQLITE_CORRUPT || fault->code == SQLITE_NOTADB;
}

static int run(struct verifier *v, const struct check *check)
{
    v->check = check->name;
    v->faults = 0;
    int err = check->run(v);
    if (err && is_damage(v->db.fault)) {
        verify_found(v, "The database cannot be read further (%s): " SALVAGE ".",
                     sqlite3_errmsg(v->db.handle));
        err = 0;
    }
    db_roll_back(&v->db);
    if (!err)
        v->to->over(v->to->arg, v->check, v->faults);
    return err;
}

static int run_all(struct verifier *v, int64_t version)
{
    int err = 0;
    for (size_t i = 0; !err && i < ARRAY_LEN(checks); i++)
        if (version >= checks[i].since)
            err = run(v, &checks[i]);
    return err;
}

/* ---- opening ---- */

/* What tells that somebody has written to it. */
struct state {
    struct stat file;
    bool has_log; /* as long as a server has it open, and after a crash */
};

static int look(const char *path, struct state *out, struct buf *why)
{
    struct buf log AUTO(buf_done) = { 0 };
    buf_printf(&log, "%s-wal", path);
    if (stat(path, &out->file)) {
        int err = -errno;
        buf_printf(why, "Cannot look at the database %s (%s): name another with --db.", path,
                   strerror(-err));
        return err;
    }
    out->has_log = access(buf_text(&log), F_OK) == 0;
    return 0;
}

static void append_path(struct buf *uri, const char *path)
{
    for (const unsigned char *p = (const unsigned char *)path; *p; p++)
        if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
            strchr("/._-", *p))
            buf_putc(uri, (char)*p);
        else
            buf_printf(uri, "%%%02X", *p);
}

/* Where there is no log, SQLite would make one even to read, and leave it there. It does not if it
 * may take the file for one that nobody writes to, which is looked at again afterwards. */
static int open_to_look(struct verifier *v, const struct state *state, struct buf *why)
{
    struct buf uri AUTO(buf_done) = { 0 };
    buf_append(&uri, SPAN("file:"));
    append_path(&uri, v->path);
    buf_append(&uri, state->has_log ? SPAN("?mode=ro") : SPAN("?immutable=1"));
    int err = db_open_uri(&v->db, buf_text(&uri));
    if (err)
        db_explain(&v->db, "open", v->path, why);
    return err;
}

static bool is_same(const struct state *a, const struct state *b)
{
    return a->has_log == b->has_log && a->file.st_size == b->file.st_size &&
           a->file.st_mtim.tv_sec == b->file.st_mtim.tv_sec &&
           a->file.st_mtim.tv_nsec == b->file.st_mtim.tv_nsec;
}

static int check_unchanged(const struct verifier *v, const struct state *before, struct buf *why)
{
    struct state now;
    int err = look(v->path, &now, why);
    if (err || before->has_log || is_same(before, &now))
        return err;
    buf_printf(why, "The database %s was written to while it was looked at: check it again.",
               v->path);
    return -EAGAIN;
}

static int verify(struct verifier *v, const struct state *state, struct buf *why)
{
    int64_t version = 0;
    int err = migrate_version(&v->db, db_migrations.count, v->path, &version, why);
    if (err)
        return err;
    if (version == 0) {
        buf_printf(why, "The database %s is empty: name another with --db.", v->path);
        return -EINVAL;
    }
    err = run_all(v, version);
    if (!err)
        return check_unchanged(v, state, why);
    db_explain(&v->db, "look through", v->path, why);
    return err;
}

int store_verify(const char *path, const struct store_verify *to, struct buf *why)
{
    struct verifier v = { .path = path, .to = to };
    struct state state;
    int err = look(path, &state, why);
    if (err)
        return err;
    err = open_to_look(&v, &state, why);
    if (!err)
        err = verify(&v, &state, why);
    db_close(&v.db);
    return err;
}

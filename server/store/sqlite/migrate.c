#include "store/sqlite/migrate.h"

#include "core/log.h"
#include "store/sqlite/backup.h"

#include <errno.h>
#include <unistd.h>

struct identity {
    int64_t application_id, version, object_count;
};

static int identify(struct db *db, struct identity *out)
{
    int err = db_number(db, "PRAGMA application_id", &out->application_id);
    if (!err)
        err = db_number(db, "PRAGMA user_version", &out->version);
    if (!err)
        err = db_number(db, "SELECT count(*) FROM sqlite_schema", &out->object_count);
    return err;
}

static bool is_empty(const struct identity *id)
{
    return id->application_id == 0 && id->version == 0 && id->object_count == 0;
}

static int check_identity(const struct identity *id, size_t known, const char *path,
                          struct buf *why)
{
    if (is_empty(id))
        return 0;
    if (id->application_id != MIGRATE_APPLICATION_ID) {
        buf_printf(why,
                   "The database %s belongs to another program: choose another file with --db.",
                   path);
        return -EINVAL;
    }
    if (id->version > (int64_t)known) {
        buf_printf(why,
                   "The database %s was written by a newer Mailstop (schema %lld, this one knows "
                   "%zu): use that one, or choose another file with --db.",
                   path, (long long)id->version, known);
        return -EINVAL;
    }
    return 0;
}

/* auto_vacuum can be chosen only before the first page is written, which changing to WAL does. */
static int set_up(struct db *db, const struct identity *id)
{
    int err = is_empty(id) ? db_exec(db, "PRAGMA auto_vacuum = INCREMENTAL") : 0;
    return err ? err : db_exec(db, "PRAGMA journal_mode = WAL");
}

/* SQLite stays in the old mode, and calls it no error, where files cannot be shared in memory. */
static int check_mode(struct db *db, const char *path, struct buf *why)
{
    int64_t is_wal;
    int err = db_number(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal);
    if (err) {
        db_explain(db, "read", path, why);
        return err;
    }
    if (is_wal)
        return 0;
    buf_printf(why,
               "The file system of the database %s allows no write-ahead log: choose a file on a "
               "local disk with --db.",
               path);
    return -EINVAL;
}

static int write_identity(struct db *db, size_t version)
{
    struct buf numbers AUTO(buf_done) = { 0 };
    buf_printf(&numbers, "PRAGMA application_id = %d; PRAGMA user_version = %zu",
               MIGRATE_APPLICATION_ID, version);
    return db_exec(db, buf_text(&numbers));
}

static int apply(struct db *db, const struct embedded_files *steps, size_t from)
{
    if (from == steps->count)
        return 0;
    int err = db_exec(db, "BEGIN IMMEDIATE");
    for (size_t i = from; !err && i < steps->count; i++)
        err = db_exec(db, (const char *)steps->items[i].bytes);
    if (!err)
        err = write_identity(db, steps->count);
    return err ? err : db_exec(db, "COMMIT");
}

/* `copy` stays empty where there is nothing to lose. */
static int keep_copy(struct db *db, const struct identity *id, size_t known, const char *path,
                     struct buf *copy, struct buf *why)
{
    if (is_empty(id) || id->version == (int64_t)known)
        return 0;
    log_info("store", "keeping a copy of the database, which is then brought up to date",
             log_str("database", path), log_num("schema", id->version));
    return backup_keep(db, path, id->version + 1, copy, why);
}

static int abandon(struct db *db, int err, const char *path, struct buf *copy, struct buf *why)
{
    db_explain(db, "bring up to date", path, why);
    db_roll_back(db);
    if (copy->len)
        (void)unlink(buf_text(copy)); /* of what is still there */
    return err;
}

static int bring_up_to_date(struct db *db, const struct identity *id,
                            const struct embedded_files *steps, const char *path, struct buf *why)
{
    struct buf copy AUTO(buf_done) = { 0 };
    int err = keep_copy(db, id, steps->count, path, &copy, why);
    if (err)
        return err;
    err = set_up(db, id);
    if (!err)
        err = apply(db, steps, (size_t)id->version);
    if (err)
        return abandon(db, err, path, &copy, why);
    if (copy.len)
        log_info("store", "the database is up to date", log_num("schema", (int64_t)steps->count),
                 log_str("copy", buf_text(&copy)));
    return 0;
}

static int read_identity(struct db *db, size_t known, const char *path, struct identity *out,
                         struct buf *why)
{
    int err = identify(db, out);
    if (!err)
        return check_identity(out, known, path, why);
    db_explain(db, "read", path, why);
    return err;
}

int migrate_version(struct db *db, size_t known, const char *path, int64_t *version_out,
                    struct buf *why)
{
    struct identity id;
    int err = read_identity(db, known, path, &id, why);
    if (!err)
        *version_out = id.version;
    return err;
}

int migrate(struct db *db, const struct embedded_files *steps, const char *path, struct buf *why)
{
    struct identity id;
    int err = read_identity(db, steps->count, path, &id, why);
    if (!err)
        err = bring_up_to_date(db, &id, steps, path, why);
    return err ? err : check_mode(db, path, why);
}

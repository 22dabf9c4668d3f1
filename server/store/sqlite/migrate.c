#include "store/sqlite/migrate.h"

#include <errno.h>

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

static int apply_step(struct db *db, const struct embedded_file *step, size_t version)
{
    struct buf numbers AUTO(buf_done) = { 0 };
    buf_printf(&numbers, "PRAGMA application_id = %d; PRAGMA user_version = %zu",
               MIGRATE_APPLICATION_ID, version);
    int err = db_exec(db, "BEGIN IMMEDIATE");
    if (!err)
        err = db_exec(db, (const char *)step->bytes);
    if (!err)
        err = db_exec(db, buf_text(&numbers));
    return err ? err : db_exec(db, "COMMIT");
}

static int abandon(struct db *db, int err, const char *path, struct buf *why)
{
    db_explain(db, "bring up to date", path, why);
    db_roll_back(db);
    return err;
}

int migrate(struct db *db, const struct embedded_files *steps, const char *path, struct buf *why)
{
    struct identity id;
    int err = identify(db, &id);
    if (err) {
        db_explain(db, "read", path, why);
        return err;
    }
    err = check_identity(&id, steps->count, path, why);
    if (err)
        return err;
    err = set_up(db, &id);
    for (size_t i = (size_t)id.version; !err && i < steps->count; i++)
        err = apply_step(db, &steps->items[i], i + 1);
    if (err)
        return abandon(db, err, path, why);
    return check_mode(db, path, why);
}

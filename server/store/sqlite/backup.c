#include "store/sqlite/backup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAMES_MAX = 9 }; /* of copies from before one and the same version */

/* ---- sentences ---- */

static void explain(struct buf *why, const char *path, const char *cause, const char *detail,
                    const char *remedy)
{
    buf_printf(why,
               "Cannot keep a copy of the database %s before it is brought up to date, because %s "
               "(%s): %s or choose another file with --db.",
               path, cause, detail, remedy);
}

static int explain_fault(struct buf *why, const char *path, const struct db *db)
{
    explain(why, path, db->fault->what, sqlite3_errmsg(db->handle), db->fault->remedy);
    return db->fault->err;
}

static int explain_errno(struct buf *why, const char *path, int err)
{
    explain(why, path, "no file can be made beside it", strerror(-err), "correct that");
    return err;
}

/* ---- names ---- */

/* No other Mailstop looks for one at the same time: the database is locked. */
static int find_name(const char *path, int64_t version, struct buf *out, struct buf *why)
{
    for (int number = 1; number <= NAMES_MAX; number++) {
        buf_clear(out);
        buf_printf(out, "%s.before-%lld", path, (long long)version);
        if (number > 1)
            buf_printf(out, ".%d", number);
        if (access(buf_text(out), F_OK) && errno == ENOENT)
            return 0;
    }
    buf_printf(why,
               "The database %s has %d copies from before version %lld: move them away or choose "
               "another file with --db.",
               path, NAMES_MAX, (long long)version);
    return -EEXIST;
}

/* ---- the copy ---- */

/* Made here and not by SQLite, so that only its owner can read it. */
static int make_file(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 || close(fd) ? -errno : 0;
}

/* In one transaction of the copy, which SQLite brings to the disk at its end. */
static int copy_pages(struct db *from, struct db *to)
{
    sqlite3_backup *b = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (!b)
        return db_failed(to, sqlite3_errcode(to->handle));
    errno = 0;
    int code = sqlite3_backup_step(b, -1);
    int err = code == SQLITE_DONE ? 0 : db_failed(to, code);
    (void)sqlite3_backup_finish(b); /* says the same again */
    return err;
}

static int fill(struct db *from, const char *path, const char *name, struct buf *why)
{
    struct db to;
    int err = db_open(&to, name, NULL);
    if (!err)
        err = copy_pages(from, &to);
    if (err)
        err = explain_fault(why, path, &to);
    db_close(&to);
    return err;
}

/* A name is on disk when its folder is. */
static int sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    assert(slash);
    struct buf folder AUTO(buf_done) = { 0 };
    buf_append(&folder, (struct span){ path, (size_t)(slash - path) + 1 });
    int fd = open(buf_text(&folder), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int err = fsync(fd) ? -errno : 0;
    close(fd);
    return err;
}

static int give_name(const char *temporary, const char *name)
{
    return rename(temporary, name) ? -errno : sync_folder(name);
}

static int make_copy(struct db *db, const char *path, const char *temporary, const char *name,
                     struct buf *why)
{
    int err = make_file(temporary);
    if (err)
        return explain_errno(why, path, err);
    err = fill(db, path, temporary, why);
    if (!err && (err = give_name(temporary, name)))
        err = explain_errno(why, path, err);
    if (err)
        (void)unlink(temporary);
    return err;
}

int backup_keep(struct db *db, const char *path, int64_t version, struct buf *name_out,
                struct buf *why)
{
    struct buf part AUTO(buf_done) = { 0 };
    int err = find_name(path, version, name_out, why);
    if (err)
        return err;
    buf_printf(&part, "%s.before-unfinished", path);
    (void)unlink(buf_text(&part)); /* what a crash cut off */
    return make_copy(db, path, buf_text(&part), buf_text(name_out), why);
}

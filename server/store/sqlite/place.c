#define _XOPEN_SOURCE 700 /* realpath */
#include "store/sqlite/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What lies beside a database, itself first. */
static const char *const suffixes[] = { "", "-wal", "-shm", "-lock" };

static int failed(struct buf *why, const char *what, const char *path, int err)
{
    buf_printf(why, "Cannot %s %s (%s): correct that or choose another file with --db.", what, path,
               strerror(err));
    return -err;
}

/* ---- folders ---- */

static int make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -errno;
}

/* Every missing folder above `path`. */
static int make_parents(const char *path, struct buf *why)
{
    char *folder AUTO(free_ptr) = xstrdup(path);
    for (char *slash = strchr(folder, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (slash == folder)
            continue; /* the root */
        *slash = '\0';
        int err = make_folder(folder);
        if (err)
            return failed(why, "make the folder", folder, -err);
        *slash = '/';
    }
    return 0;
}

/* ---- the file ---- */

static int check_is_file(int fd, const char *path, struct buf *why)
{
    struct stat st;
    if (fstat(fd, &st))
        return failed(why, "look at the database", path, errno);
    if (S_ISREG(st.st_mode))
        return 0;
    buf_printf(why, "%s is not a file: choose another with --db.", path);
    return -EINVAL;
}

/* Made here and not by SQLite, so that only its owner can read it. The files that SQLite makes
 * beside it take its permissions. */
static int make_file(const char *path, struct buf *why)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(why, "open the database", path, errno);
    int err = check_is_file(fd, path, why);
    close(fd);
    return err;
}

/* Absolute, because SQLite would take a name that begins with "file:" for a URI. */
static int resolve(const char *path, char **out, struct buf *why)
{
    char *absolute = realpath(path, NULL);
    if (!absolute)
        return failed(why, "find the database", path, errno);
    *out = absolute;
    return 0;
}

/* ---- the lock ---- */

static int refuse_second(int fd, const char *path, struct buf *why)
{
    struct flock holder = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    buf_printf(why, "Another Mailstop ");
    if (fcntl(fd, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK && holder.l_pid > 0)
        buf_printf(why, "(process %ld) ", (long)holder.l_pid);
    buf_printf(why, "has the database %s open: stop it or choose another file with --db.", path);
    return -EBUSY;
}

/* A file of its own, because closing any descriptor of the database would drop the locks that
 * SQLite holds on it, and because SQLite's exclusive mode would lock out the operator's shell. */
static int lock_file(const char *path, int *fd_out, struct buf *why)
{
    struct buf name AUTO(buf_done) = { 0 };
    buf_printf(&name, "%s-lock", path);
    int fd = open(buf_text(&name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(why, "open the lock file", buf_text(&name), errno);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(fd, F_SETLK, &lock) == 0) {
        *fd_out = fd;
        return 0;
    }
    bool is_held = errno == EACCES || errno == EAGAIN;
    int err = is_held ? refuse_second(fd, path, why) : failed(why, "lock", buf_text(&name), errno);
    close(fd);
    return err;
}

/* ---- both kinds ---- */

static int open_file(const char *path, struct place *p, struct buf *why)
{
    int err = make_parents(path, why);
    if (!err)
        err = make_file(path, why);
    if (!err)
        err = resolve(path, &p->path, why);
    if (!err)
        err = lock_file(p->path, &p->lock_fd, why);
    return err;
}

static int open_temporary(struct place *p, struct buf *why)
{
    const char *parent = getenv("TMPDIR");
    struct buf folder AUTO(buf_done) = { 0 };
    buf_printf(&folder, "%s/mailstop-XXXXXX", parent && *parent ? parent : "/tmp");
    p->folder = buf_take(&folder);
    if (!mkdtemp(p->folder))
        return failed(why, "make the folder", p->folder, errno);
    struct buf path AUTO(buf_done) = { 0 };
    buf_printf(&path, "%s/memory.db", p->folder);
    return open_file(buf_text(&path), p, why);
}

int place_open(const char *path, struct place *out, struct buf *why)
{
    struct place p = { .lock_fd = -1 };
    bool in_memory = strcmp(path, ":memory:") == 0;
    int err = in_memory ? open_temporary(&p, why) : open_file(path, &p, why);
    if (err) {
        place_close(&p);
        return err;
    }
    *out = p;
    return 0;
}

void place_hide(struct place *p)
{
    for (size_t i = 0; p->path && i < ARRAY_LEN(suffixes); i++) {
        struct buf name AUTO(buf_done) = { 0 };
        buf_printf(&name, "%s%s", p->path, suffixes[i]);
        unlink(buf_text(&name));
    }
    rmdir(p->folder);
    free(p->folder);
    p->folder = NULL;
}

void place_close(struct place *p)
{
    if (p->folder)
        place_hide(p);
    if (p->lock_fd >= 0)
        close(p->lock_fd);
    free(p->path);
    *p = (struct place){ .lock_fd = -1 };
}

#define _GNU_SOURCE /* O_TMPFILE, where there is one */
#include "core/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- what they hold together ---- */

uint64_t spools_held(const struct spools *all)
{
    return atomic_load(&all->held_bytes);
}

bool spools_have_room(const struct spools *all, uint64_t bytes)
{
    return bytes <= all->max_bytes - spools_held(all);
}

/* What a spool takes it counts in its size, and gives back when it is done: whatever becomes of
 * the message. */
static bool take(struct spools *all, uint64_t bytes)
{
    uint64_t held = spools_held(all);
    do
        if (bytes > all->max_bytes - held)
            return false;
    while (!atomic_compare_exchange_weak(&all->held_bytes, &held, held + bytes));
    return true;
}

static void give_back(struct spools *all, uint64_t bytes)
{
    atomic_fetch_sub(&all->held_bytes, bytes);
}

/* ---- one ---- */

void spool_init(struct spool *s, struct spools *all)
{
    *s = (struct spool){ .fd = -1, .all = all };
}

void spool_done(struct spool *s)
{
    buf_done(&s->memory);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    give_back(s->all, s->size);
    s->size = 0;
}

/* For systems and file systems without O_TMPFILE: the name lives for an instant. */
static int open_named(const char *dir)
{
    struct buf path AUTO(buf_done) = { 0 };
    buf_printf(&path, "%s/mailstop-XXXXXX", dir);
    char *name AUTO(free_ptr) = buf_take(&path);
    int fd = mkstemp(name);
    if (fd < 0)
        return -errno;
    unlink(name);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static int open_unnamed(const char *dir)
{
#ifdef O_TMPFILE
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
#endif
    return open_named(dir);
}

static int write_all(int fd, struct span bytes)
{
    while (bytes.len) {
        ssize_t wrote = write(fd, bytes.ptr, bytes.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -errno;
        bytes = span_slice(bytes, (size_t)wrote, bytes.len);
    }
    return 0;
}

static int move_to_file(struct spool *s)
{
    int fd = open_unnamed(s->all->dir);
    if (fd < 0)
        return fd;
    s->fd = fd;
    int err = write_all(fd, buf_span(&s->memory));
    buf_done(&s->memory);
    return err;
}

int spool_append(struct spool *s, struct span bytes)
{
    int err = 0;
    if (!take(s->all, bytes.len))
        return -ENOBUFS;
    s->size += bytes.len;
    if (s->fd < 0 && s->memory.len + bytes.len > SPOOL_MEMORY)
        err = move_to_file(s);
    if (!err && s->fd >= 0)
        err = write_all(s->fd, bytes);
    else if (!err)
        buf_append(&s->memory, bytes);
    return err;
}

static int64_t read_memory(void *arg, uint64_t at, void *out, size_t len)
{
    const struct spool *s = arg;
    if (at >= s->memory.len || len == 0)
        return 0;
    size_t left = s->memory.len - (size_t)at;
    if (len > left)
        len = left;
    memcpy(out, s->memory.ptr + at, len);
    return (int64_t)len;
}

static int64_t read_file(void *arg, uint64_t at, void *out, size_t len)
{
    const struct spool *s = arg;
    ssize_t got;
    do
        got = pread(s->fd, out, len, (off_t)at);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

struct source spool_source(struct spool *s)
{
    return (struct source){
        .size = s->size,
        .read = s->fd < 0 ? read_memory : read_file,
        .arg = s,
    };
}

#include "api/people.h"

#include "core/log.h"
#include "secret/htpasswd.h"
#include "secret/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REMEMBERED = 64 }; /* logins; more than that push the oldest out */

/* Tells one state of the file from another. */
struct version {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct people {
    const char *path; /* borrowed */
    pthread_rwlock_t lock;
    struct htpasswd file;
    struct version version; /* of the file that was read last, good or bad */
    unsigned generation;    /* of what is in `file` */
    char salt[SECRET_SIZE]; /* of the digests below */
    struct secret_digest right[REMEMBERED];
    size_t right_count; /* ever remembered */
};

/* ---- the file ---- */

static bool is_same(const struct version *a, const struct version *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static struct version version_of(const struct stat *st)
{
    return (struct version){ st->st_dev, st->st_ino, st->st_size, st->st_mtim };
}

static int read_all(int fd, struct buf *text)
{
    ssize_t got;
    do {
        got = read(fd, buf_reserve(text, 4096), 4096);
        text->len += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && text->len <= HTPASSWD_SIZE_MAX) || (got < 0 && errno == EINTR));
    if (got < 0)
        return -errno;
    return text->len > HTPASSWD_SIZE_MAX ? -EFBIG : 0;
}

static int read_file(const char *path, struct buf *text, struct version *version_out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int err = fstat(fd, &st) ? -errno : read_all(fd, text);
    close(fd);
    if (!err)
        *version_out = version_of(&st);
    return err;
}

/* `out` is good for htpasswd_done() whatever comes of it. */
static int load(const char *path, struct htpasswd *out, struct version *version_out,
                struct buf *why)
{
    struct buf text AUTO(buf_done) = { 0 }, fault AUTO(buf_done) = { 0 };
    *out = (struct htpasswd){ 0 };
    int err = read_file(path, &text, version_out);
    if (err) {
        buf_printf(why, "Cannot read the file of --auth-file, %s: %s.", path, strerror(-err));
        return err;
    }
    if (htpasswd_parse(buf_span(&text), out, &fault))
        return 0;
    buf_printf(why, "The file of --auth-file, %s, is not as htpasswd -B makes it: %s.", path,
               buf_text(&fault));
    return -EINVAL;
}

int people_open(const char *path, struct people **out, struct buf *why)
{
    struct people *p = xcalloc(1, sizeof(*p));
    int err = load(path, &p->file, &p->version, why);
    if (err) {
        htpasswd_done(&p->file);
        free(p);
        return err;
    }
    p->path = path;
    secret_make(p->salt);
    pthread_rwlock_init(&p->lock, NULL);
    *out = p;
    return 0;
}

void people_close(struct people *p)
{
    if (!p)
        return;
    htpasswd_done(&p->file);
    pthread_rwlock_destroy(&p->lock);
    free(p);
}

/* ---- reading it anew ---- */

static bool has_changed(struct people *p)
{
    struct stat st;
    if (stat(p->path, &st)) /* being replaced, perhaps */
        return false;
    struct version now = version_of(&st);
    pthread_rwlock_rdlock(&p->lock);
    bool is_new = !is_same(&now, &p->version);
    pthread_rwlock_unlock(&p->lock);
    return is_new;
}

/* Takes over `file`; what was right by the old one need not be any more. */
static void replace(struct people *p, struct htpasswd *file)
{
    struct htpasswd old = p->file;
    p->file = *file;
    *file = old;
    p->right_count = 0;
    p->generation++;
}

/* A file that is not as it must be leaves those in who were in, and is complained of once. */
static void refresh(struct people *p)
{
    struct htpasswd file;
    struct version version = { 0 };
    struct buf why AUTO(buf_done) = { 0 };
    if (!has_changed(p))
        return;
    int err = load(p->path, &file, &version, &why);
    pthread_rwlock_wrlock(&p->lock);
    bool is_said = is_same(&version, &p->version);
    p->version = version;
    if (!err)
        replace(p, &file);
    pthread_rwlock_unlock(&p->lock);
    htpasswd_done(&file);
    if (!is_said && err)
        log_error("http", "who may log in stays as it was", log_span("why", buf_span(&why)));
    if (!is_said && !err)
        log_info("http", "who may log in was read anew", log_str("file", p->path));
}

/* ---- logins ---- */

/* Different for each process, so that it tells nothing to who may read our memory later. */
static struct secret_digest digest_of(const struct people *p, struct span name,
                                      struct span password)
{
    struct buf text AUTO(buf_wipe) = { 0 };
    buf_printf(&text, "%s:%zu:", p->salt, name.len);
    buf_append(&text, name);
    buf_append(&text, password);
    return secret_digest(buf_span(&text));
}

static bool is_remembered(const struct people *p, const struct secret_digest *digest)
{
    size_t count = p->right_count < REMEMBERED ? p->right_count : REMEMBERED;
    for (size_t i = 0; i < count; i++)
        if (secret_digest_equal(&p->right[i], digest))
            return true;
    return false;
}

/* Not if the file has changed since it was asked. */
static void remember(struct people *p, const struct secret_digest *digest, unsigned generation)
{
    pthread_rwlock_wrlock(&p->lock);
    if (p->generation == generation)
        p->right[p->right_count++ % REMEMBERED] = *digest;
    pthread_rwlock_unlock(&p->lock);
}

bool people_check(struct people *p, struct span name, struct span password)
{
    refresh(p);
    struct secret_digest digest = digest_of(p, name, password);
    pthread_rwlock_rdlock(&p->lock);
    unsigned generation = p->generation;
    bool was_right = is_remembered(p, &digest);
    bool is_right = was_right || htpasswd_check(&p->file, name, password);
    pthread_rwlock_unlock(&p->lock);
    if (is_right && !was_right)
        remember(p, &digest, generation);
    return is_right;
}

/* Where our own certificates live. The folder appears with all that is in it or not at all, and
 * later only the certificate is replaced, so no crash and no second process leaves a half. */

#include "tls/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, READ_SIZE = 16 * 1024, FOLDER_MODE = 0755 };

struct file {
    const char *name;
    mode_t mode;
    size_t offset; /* of its struct buf in struct tls_own */
};

static const struct file files[] = {
    { "ca.key", 0600, offsetof(struct tls_own, ca.key) },
    { "ca.pem", 0644, offsetof(struct tls_own, ca.cert) },
    { "key.pem", 0600, offsetof(struct tls_own, server.key) },
    { "cert.pem", 0644, offsetof(struct tls_own, server.cert) },
};

/* "FOLDER/NAME"; the caller frees it. */
static char *path_of(const char *folder, const char *name)
{
    struct buf path = { 0 };
    buf_printf(&path, "%s/%s", folder, name);
    return buf_take(&path);
}

/* ---- reading ---- */

static int read_all(int fd, struct buf *out)
{
    ssize_t count;
    size_t total = 0;
    while ((count = read(fd, buf_reserve(out, READ_SIZE), READ_SIZE)) > 0) {
        out->len += (size_t)count;
        total += (size_t)count;
        if (total > FILE_MAX)
            return -EFBIG;
    }
    return count < 0 ? -errno : 0;
}

int tls_read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int err = read_all(fd, out);
    (void)close(fd);
    return err;
}

/* Whoever else may write there could be the CA that people trust. */
static int check_owner(const char *folder)
{
    struct stat st;
    if (lstat(folder, &st))
        return -errno;
    if (!S_ISDIR(st.st_mode))
        return -ENOTDIR;
    return st.st_uid == geteuid() && !(st.st_mode & S_IWOTH) ? 0 : -EPERM;
}

int tls_folder_load(const char *folder, struct tls_own *own)
{
    int err = check_owner(folder);
    for (size_t i = 0; i < ARRAY_LEN(files) && !err; i++) {
        char *path AUTO(free_ptr) = path_of(folder, files[i].name);
        err = tls_read_file(path, (struct buf *)(void *)((char *)own + files[i].offset));
        if (err == -ENOENT)
            err = 0;
    }
    return err;
}

/* ---- writing ---- */

/* Closes it in any case. */
static int write_all(int fd, struct span bytes)
{
    int err = 0;
    while (bytes.len && !err) {
        ssize_t count = write(fd, bytes.ptr, bytes.len);
        err = count < 0 ? -errno : 0;
        bytes = span_slice(bytes, count > 0 ? (size_t)count : 0, bytes.len);
    }
    if (!err && fsync(fd))
        err = -errno;
    if (close(fd) && !err)
        err = -errno;
    return err;
}

static int write_new(const char *path, struct span bytes, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    return fd < 0 ? -errno : write_all(fd, bytes);
}

static int fill(const char *folder, const struct tls_own *own)
{
    int err = chmod(folder, FOLDER_MODE) ? -errno : 0;
    for (size_t i = 0; i < ARRAY_LEN(files) && !err; i++) {
        char *path AUTO(free_ptr) = path_of(folder, files[i].name);
        const struct buf *content = (const void *)((const char *)own + files[i].offset);
        err = write_new(path, buf_span(content), files[i].mode);
    }
    return err;
}

static void remove_folder(const char *folder)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *path AUTO(free_ptr) = path_of(folder, files[i].name);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static bool is_taken(int err)
{
    return err == -ENOTEMPTY || err == -EEXIST || err == -ENOTDIR;
}

int tls_folder_make(const char *folder, const struct tls_own *own)
{
    struct buf pattern AUTO(buf_done) = { 0 };
    buf_printf(&pattern, "%s.XXXXXX", folder);
    (void)buf_text(&pattern);
    if (!mkdtemp(pattern.ptr))
        return -errno;
    int err = fill(pattern.ptr, own);
    if (!err && rename(pattern.ptr, folder))
        err = -errno;
    if (err)
        remove_folder(pattern.ptr);
    return is_taken(err) ? -EEXIST : err;
}

int tls_folder_replace_cert(const char *folder, const struct buf *cert)
{
    char *path AUTO(free_ptr) = path_of(folder, "cert.pem");
    char *next AUTO(free_ptr) = path_of(folder, "cert.pem.XXXXXX");
    int fd = mkstemp(next);
    if (fd < 0)
        return -errno;
    int err = fchmod(fd, 0644) ? -errno : 0;
    if (err)
        (void)close(fd);
    else
        err = write_all(fd, buf_span(cert));
    if (!err && rename(next, path))
        err = -errno;
    if (err)
        (void)unlink(next);
    return err;
}

/* Unix sockets are files, and a file stays behind when its server crashes. */

#include "net/private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const socklen_t addr_len = sizeof(struct sockaddr_un);

static int open_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return -errno;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK); /* one that is busy shall not keep us waiting */
    return fd;
}

/* 0: nobody listens there. */
static int knock(const struct sockaddr_storage *addr)
{
    int fd = open_socket();
    if (fd < 0)
        return fd;
    int err = connect(fd, (const struct sockaddr *)addr, addr_len) ? -errno : 0;
    (void)close(fd);
    if (err == -ECONNREFUSED)
        return 0;
    return err == 0 || err == -EAGAIN ? -EADDRINUSE : err;
}

static int make_room(const struct sockaddr_storage *addr)
{
    struct stat st;
    const char *path = netaddr_path(addr);
    if (lstat(path, &st))
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    int err = knock(addr);
    if (!err && unlink(path))
        err = -errno;
    return err;
}

int net_unix_bind(const struct sockaddr_storage *addr, int *fd_out)
{
    int err = make_room(addr);
    if (err)
        return err;
    int fd = open_socket();
    if (fd < 0)
        return fd;
    if (bind(fd, (const struct sockaddr *)addr, addr_len)) {
        err = -errno;
        (void)close(fd);
        return err;
    }
    *fd_out = fd;
    return 0;
}

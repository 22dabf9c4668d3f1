#include "http/connections.h"

#include "core/netaddr.h"
#include "core/peers.h"
#include "tls/tls.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

enum { CROWD = 200 };

struct connections {
    struct connections_config config;
    struct watch *watch;
    pthread_mutex_t lock;
    struct peers peers;
    size_t seated, refused;
    size_t most; /* that were seated since memory was given back */
};

enum place { SEATED, ONE_TOO_MANY, ONE_TOO_MANY_OF_ITS_ADDRESS };

struct http_connection {
    struct watched watched;
    struct tls_pair *pair; /* what it shows; NULL: there is no TLS */
    struct peer *peer;     /* of one that is seated */
    enum place place;
    char ip[NETADDR_IP];
};

struct connections *connections_start(const struct connections_config *config)
{
    struct connections *all = xcalloc(1, sizeof(*all));
    all->config = *config;
    all->watch = watch_start(config->header_timeout_s);
    pthread_mutex_init(&all->lock, NULL);
    peers_init(&all->peers);
    return all;
}

void connections_stop(struct connections *all)
{
    watch_stop(all->watch);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

/* ---- places ---- */

static enum place find_place(struct connections *all, struct http_connection *c)
{
    if (all->seated >= all->config.max)
        return ONE_TOO_MANY;
    c->peer = peers_enter(&all->peers, c->ip, all->config.max_per_ip);
    return c->peer ? SEATED : ONE_TOO_MANY_OF_ITS_ADDRESS;
}

/* False if it cannot even be told. */
static bool take_place(struct connections *all, struct http_connection *c)
{
    pthread_mutex_lock(&all->lock);
    c->place = find_place(all, c);
    if (c->place == SEATED)
        all->seated++;
    else
        all->refused++;
    if (all->seated > all->most)
        all->most = all->seated;
    bool can_be_told = all->refused <= CONNECTIONS_REFUSED_MAX || c->place == SEATED;
    pthread_mutex_unlock(&all->lock);
    return can_be_told;
}

/* Whether so many have gone that what they used is worth giving back. */
static bool has_emptied(struct connections *all)
{
    bool has = all->most >= CROWD && all->seated <= all->most / 8;
    if (has)
        all->most = all->seated;
    return has;
}

static void leave_place(struct connections *all, struct http_connection *c)
{
    pthread_mutex_lock(&all->lock);
    peers_leave(c->peer);
    if (c->place == SEATED)
        all->seated--;
    else
        all->refused--;
    bool give_back = has_emptied(all);
    pthread_mutex_unlock(&all->lock);
    if (give_back)
        mem_give_back();
}

/* ---- one connection ---- */

static void note_ip(struct http_connection *c, struct MHD_Connection *connection)
{
    struct sockaddr_storage addr = { 0 };
    const struct sockaddr *client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    memcpy(&addr, client,
           client->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                         : sizeof(struct sockaddr_in));
    (void)netaddr_format_ip(&addr, c->ip);
}

static struct http_connection *begin(struct connections *all, struct MHD_Connection *connection)
{
    struct http_connection *c = xcalloc(1, sizeof(*c));
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int fd = info->connect_fd;
    watch_begin(all->watch, &c->watched, fd);
    note_ip(c, connection);
    if (!take_place(all, c))
        (void)shutdown(fd, SHUT_RDWR); /* its thread sees that nothing comes any more */
    if (!all->config.tls)
        return c;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    c->pair = tls_lend(all->config.tls, info->tls_session);
    return c;
}

static void end(struct connections *all, struct http_connection *c)
{
    watch_end(&c->watched);
    leave_place(all, c);
    if (c->pair)
        tls_give_back(all->config.tls, c->pair);
    free(c);
}

/* libmicrohttpd tells of the begin before it shakes hands, and of the end before it closes the
 * socket. */
void connections_notify(void *all, struct MHD_Connection *connection, void **context,
                        enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *context = begin(all, connection);
    else if (*context)
        end(all, *context);
}

struct http_connection *http_connection_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

struct watched *http_connection_watched(struct http_connection *c)
{
    return &c->watched;
}

const char *http_connection_ip(const struct http_connection *c)
{
    return c->ip;
}

bool http_connection_is_gone(struct MHD_Connection *connection)
{
    char octet;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!info)
        return false;
    ssize_t got = recv(info->connect_fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

struct http_response http_connection_refusal(const struct http_connection *c)
{
    if (c->place == SEATED)
        return (struct http_response){ 0 };
    struct http_response res = http_problem(
        503,
        c->place == ONE_TOO_MANY
            ? "There are too many connections; close some, or start the server with a higher "
              "--max-connections"
            : "There are too many connections from this address; close some, or start the server "
              "with a higher --max-connections-per-ip");
    http_set_header(&res, "Retry-After", "5");
    http_set_header(&res, "Connection", "close");
    return res;
}

#include "api/private.h"
#include "core/netaddr.h"

#include <string.h>

static bool is_wildcard(const char *ip)
{
    return strcmp(ip, "0.0.0.0") == 0 || strcmp(ip, "::") == 0;
}

/* The host of "app.test:8025", "[::1]:8025", without port and brackets. */
static struct span host_of(struct span authority)
{
    if (span_starts_with(authority, SPAN("[")))
        return span_slice(authority, 1, span_find(authority, ']'));
    return span_slice(authority, 0, span_find(authority, ':'));
}

/* Whoever asks over the network is helped by an address that is open to it; on this machine any
 * will do. */
static bool find_listener(const struct api *a, struct sockaddr_storage *out)
{
    bool is_found = false;
    for (size_t i = 0; i < a->config.listener_count; i++) {
        const struct api_listener *l = &a->config.listeners[i];
        struct sockaddr_storage addr;
        if (strcmp(l->protocol, "smtp") != 0 || !netaddr_parse(span_of(l->address), &addr))
            continue;
        if (!is_found || (netaddr_is_loopback(out) && !netaddr_is_loopback(&addr)))
            *out = addr;
        is_found = true;
    }
    return is_found;
}

struct api_endpoint api_endpoint(const struct http_request *r)
{
    struct api_endpoint e = { { 0 }, 0 };
    struct sockaddr_storage addr;
    if (!find_listener(api_of(r), &addr))
        return e;
    char ip[NETADDR_IP];
    netaddr_format_ip(&addr, ip);
    struct span host = is_wildcard(ip) ? host_of(http_header(r, "Host")) : span_of(ip);
    host = span_slice(host, 0, sizeof(e.host) - 1);
    memcpy(e.host, host.ptr, host.len);
    e.port = netaddr_port(&addr);
    return e;
}

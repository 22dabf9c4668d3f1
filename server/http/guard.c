#include "http/guard.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_address(struct span name, int family)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char octets[sizeof(struct in6_addr)];
    if (name.len == 0 || name.len >= sizeof(text))
        return false;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    return inet_pton(family, text, octets) == 1;
}

/* ":8025" or nothing. What follows a name in Host reaches our own headers, so it must be no more.
 */
static bool is_port(struct span rest)
{
    uint64_t port;
    if (rest.len == 0)
        return true;
    return rest.ptr[0] == ':' && parse_u64(span_slice(rest, 1, rest.len), &port) &&
           port <= UINT16_MAX;
}

static bool is_listed(struct span text, struct guard_list list)
{
    for (size_t i = 0; i < list.count; i++)
        if (span_ieq(text, span_of(list.items[i])))
            return true;
    return false;
}

bool host_is_allowed(struct span host, struct guard_list names)
{
    bool is_bracketed = span_starts_with(host, SPAN("["));
    size_t end = span_find(host, is_bracketed ? ']' : ':');
    struct span name = span_slice(host, is_bracketed, end);
    if (is_bracketed)
        return end < host.len && is_port(span_slice(host, end + 1, host.len)) &&
               is_address(name, AF_INET6);
    return is_port(span_slice(host, end, host.len)) &&
           (is_address(name, AF_INET) || span_ieq(name, SPAN("localhost")) ||
            is_listed(name, names));
}

/* A port that is the scheme's own may be left out on either side. */
static struct span without_port(struct span authority, struct span port)
{
    if (authority.len > port.len &&
        span_eq(span_slice(authority, authority.len - port.len, authority.len), port))
        return span_slice(authority, 0, authority.len - port.len);
    return authority;
}

/* Behind a proxy that speaks TLS the origin is https while we are spoken to in plain text. */
bool origin_is_own(struct span origin, struct span host)
{
    static const struct {
        struct span scheme, port;
    } schemes[] = { { { "http://", 7 }, { ":80", 3 } }, { { "https://", 8 }, { ":443", 4 } } };
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (!span_istarts_with(origin, schemes[i].scheme))
            continue;
        struct span authority = span_slice(origin, schemes[i].scheme.len, origin.len);
        return authority.len && span_ieq(without_port(authority, schemes[i].port),
                                         without_port(host, schemes[i].port));
    }
    return false;
}

bool origin_is_listed(struct span origin, struct guard_list origins)
{
    return is_listed(origin, origins);
}

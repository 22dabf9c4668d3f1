#include "http/guard.h"

#include <arpa/inet.h>
#include <string.h>

/* The name in "name:port"; for "[::1]:8025" what the brackets hold. */
static struct span host_name(struct span host, bool *is_bracketed_out)
{
    *is_bracketed_out = host.len && host.ptr[0] == '[';
    if (!*is_bracketed_out)
        return span_cut(&host, ':');
    span_cut(&host, '[');
    return span_cut(&host, ']');
}

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

bool host_is_allowed(struct span host, struct guard_list names)
{
    bool is_bracketed;
    struct span name = host_name(host, &is_bracketed);
    if (is_bracketed)
        return is_address(name, AF_INET6);
    if (is_address(name, AF_INET) || span_ieq(name, SPAN("localhost")))
        return true;
    for (size_t i = 0; i < names.count; i++)
        if (span_ieq(name, span_of(names.items[i])))
            return true;
    return false;
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
    for (size_t i = 0; i < origins.count; i++)
        if (span_ieq(origin, span_of(origins.items[i])))
            return true;
    return false;
}

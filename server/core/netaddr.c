#include "core/netaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/* The same storage seen as each family; a union, so that no aliasing rule is broken. */
union address {
    struct sockaddr_storage storage;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un unix_socket;
};

static union address view(const struct sockaddr_storage *addr)
{
    union address a;
    memcpy(&a.storage, addr, sizeof(*addr));
    return a;
}

static bool parse_host(const char *host, union address *a)
{
    *a = (union address){ 0 };
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &a->v4.sin_addr) == 1) {
        a->v4.sin_family = AF_INET;
        return true;
    }
    a->v6.sin6_family = AF_INET6;
    return inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1;
}

bool netaddr_parse(struct span text, struct sockaddr_storage *out)
{
    char host[NETADDR_TEXT];
    uint64_t port;
    size_t colon = text.len;
    while (colon && text.ptr[colon - 1] != ':')
        colon--;
    struct span name = span_slice(text, 0, colon ? colon - 1 : 0);
    bool is_bracketed = name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';
    if (is_bracketed)
        name = span_slice(name, 1, name.len - 1);
    if (name.len == 0 || name.len >= sizeof(host) ||
        !parse_u64(span_slice(text, colon, text.len), &port) || port > UINT16_MAX)
        return false;
    memcpy(host, name.ptr, name.len);
    host[name.len] = '\0';
    union address a;
    if (!parse_host(host, &a) || is_bracketed != (a.storage.ss_family == AF_INET6))
        return false;
    if (is_bracketed)
        a.v6.sin6_port = htons((uint16_t)port);
    else
        a.v4.sin_port = htons((uint16_t)port);
    *out = a.storage;
    return true;
}

bool netaddr_parse_unix(struct span text, struct sockaddr_storage *out)
{
    union address a = { .unix_socket = { .sun_family = AF_UNIX } };
    if (!span_starts_with(text, SPAN("unix:")))
        return false;
    struct span path = span_slice(text, strlen("unix:"), text.len);
    if (path.len == 0 || path.len >= sizeof(a.unix_socket.sun_path))
        return false;
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.ptr[i] <= ' ' || path.ptr[i] == 0x7F)
            return false;
    memcpy(a.unix_socket.sun_path, path.ptr, path.len);
    *out = a.storage;
    return true;
}

const char *netaddr_path(const struct sockaddr_storage *addr)
{
    return addr->ss_family == AF_UNIX ? (const char *)addr + offsetof(struct sockaddr_un, sun_path)
                                      : NULL;
}

uint16_t netaddr_port(const struct sockaddr_storage *addr)
{
    union address a = view(addr);
    if (addr->ss_family == AF_UNIX)
        return 0;
    return ntohs(addr->ss_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

static bool is_mapped(const union address *a)
{
    return a->storage.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr);
}

const char *netaddr_format_ip(const struct sockaddr_storage *addr, char out[NETADDR_IP])
{
    if (addr->ss_family == AF_UNIX)
        return strcpy(out, "unix");
    union address a = view(addr);
    const void *octets = &a.v4.sin_addr;
    int family = AF_INET;
    if (is_mapped(&a)) {
        octets = &a.v6.sin6_addr.s6_addr[12];
    } else if (addr->ss_family == AF_INET6) {
        octets = &a.v6.sin6_addr;
        family = AF_INET6;
    }
    if (!inet_ntop(family, octets, out, NETADDR_IP))
        out[0] = '\0';
    return out;
}

const char *netaddr_format(const struct sockaddr_storage *addr, char out[NETADDR_TEXT])
{
    char ip[NETADDR_IP];
    if (addr->ss_family == AF_UNIX) {
        snprintf(out, NETADDR_TEXT, "unix:%s", netaddr_path(addr));
        return out;
    }
    union address a = view(addr);
    bool brackets = addr->ss_family == AF_INET6 && !is_mapped(&a);
    netaddr_format_ip(addr, ip);
    snprintf(out, NETADDR_TEXT, brackets ? "[%.46s]:%u" : "%.46s:%u", ip,
             (unsigned)netaddr_port(addr));
    return out;
}

bool netaddr_is_loopback(const struct sockaddr_storage *addr)
{
    union address a = view(addr);
    if (addr->ss_family == AF_UNIX)
        return true;
    if (is_mapped(&a))
        return a.v6.sin6_addr.s6_addr[12] == 127;
    if (addr->ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr);
    return ntohl(a.v4.sin_addr.s_addr) >> 24 == 127;
}

/* ---- blocks ---- */

struct block {
    int family; /* AF_UNIX has no octets */
    unsigned char octets[sizeof(struct in6_addr)];
    unsigned bits; /* from the front, that all in it have in common */
};

static bool parse_octets(struct span text, struct block *b)
{
    char address[NETADDR_IP];
    if (text.len == 0 || text.len >= sizeof(address))
        return false;
    memcpy(address, text.ptr, text.len);
    address[text.len] = '\0';
    b->family = memchr(address, ':', text.len) ? AF_INET6 : AF_INET;
    b->bits = b->family == AF_INET6 ? 128 : 32;
    return inet_pton(b->family, address, b->octets) == 1;
}

static bool parse_block(const char *text, struct block *out)
{
    struct span rest = span_of(text);
    uint64_t bits;
    *out = (struct block){ .family = AF_UNIX };
    if (span_eq(rest, SPAN("unix")))
        return true;
    bool has_bits = span_find(rest, '/') < rest.len;
    if (!parse_octets(span_cut(&rest, '/'), out))
        return false;
    if (!has_bits)
        return true;
    if (!parse_u64(rest, &bits) || bits > out->bits)
        return false;
    out->bits = (unsigned)bits;
    return true;
}

static bool has_prefix(const unsigned char *octets, const unsigned char *prefix, unsigned bits)
{
    unsigned whole = bits / 8, mask = 0xFF00u >> bits % 8 & 0xFF;
    return memcmp(octets, prefix, whole) == 0 &&
           (!mask || (octets[whole] & mask) == (prefix[whole] & mask));
}

bool netaddr_is_block(const char *text)
{
    struct block b;
    return parse_block(text, &b);
}

bool netaddr_is_in(const char *ip, const char *block)
{
    struct block one, all;
    return parse_block(ip, &one) && parse_block(block, &all) && one.family == all.family &&
           has_prefix(one.octets, all.octets, all.bits);
}

bool netaddr_normalize(struct span ip, char out[NETADDR_IP])
{
    struct block b;
    return parse_octets(ip, &b) && inet_ntop(b.family, b.octets, out, NETADDR_IP);
}

/* ---- names ---- */

static bool is_dns_name(struct span text)
{
    bool is_label_begun = false;
    if (span_starts_with(text, SPAN("*.")))
        text = span_slice(text, 2, text.len);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!is_letter && !(c == '.' && is_label_begun))
            return false;
        is_label_begun = is_letter;
    }
    return is_label_begun && text.len <= NETADDR_NAME_MAX;
}

bool netaddr_is_name(const char *text)
{
    struct in_addr v4;
    struct in6_addr v6;
    return inet_pton(AF_INET, text, &v4) == 1 || inet_pton(AF_INET6, text, &v6) == 1 ||
           is_dns_name(span_of(text));
}

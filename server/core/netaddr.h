#pragma once
/* Addresses to listen on and to show: "127.0.0.1:1025", "[::1]:1025", "localhost:1025", and
 * "unix:/run/mailstop.sock". No name is ever looked up. */

#include "core/span.h"

#include <sys/socket.h>

enum { NETADDR_TEXT = 128, NETADDR_IP = 48, NETADDR_NAME_MAX = 253 /* octets: RFC 1035 2.3.4 */ };

/* False if `text` is no address with a port; port 0 means any free one. */
bool netaddr_parse(struct span text, struct sockaddr_storage *out);

/* The same for "unix:PATH". The path has no spaces and no control characters, for it is shown in a
 * line that scripts read. */
bool netaddr_parse_unix(struct span text, struct sockaddr_storage *out);

/* The path of a Unix socket; NULL if it is none. */
const char *netaddr_path(const struct sockaddr_storage *addr);

/* "127.0.0.1:1025", "[::1]:1025" or "unix:PATH"; returns `out`. */
const char *netaddr_format(const struct sockaddr_storage *addr, char out[NETADDR_TEXT]);

/* The same without port and brackets. An IPv4 address mapped into IPv6 is shown as IPv4. All Unix
 * sockets are "unix". */
const char *netaddr_format_ip(const struct sockaddr_storage *addr, char out[NETADDR_IP]);

/* 0 of a Unix socket. */
uint16_t netaddr_port(const struct sockaddr_storage *addr);

/* 127.0.0.0/8, ::1 or a Unix socket. */
bool netaddr_is_loopback(const struct sockaddr_storage *addr);

/* Clients: an address without a port, a network as 192.0.2.0/24, or "unix". */
bool netaddr_is_block(const char *text);

/* Whether an address as netaddr_format_ip() shows it is in a block. */
bool netaddr_is_in(const char *ip, const char *block);

/* An address without a port, of either case and however it is abbreviated, as others show it. */
bool netaddr_normalize(struct span ip, char out[NETADDR_IP]);

/* A DNS name in ASCII or an address without a port: what a certificate can be for. The name may be
 * "*.shop.test". */
bool netaddr_is_name(const char *text);

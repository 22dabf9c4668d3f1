#pragma once
/* Addresses to listen on and to show: "127.0.0.1:1025", "[::1]:1025", "localhost:1025". No name is
 * ever looked up. */

#include "core/span.h"

#include <sys/socket.h>

enum { NETADDR_TEXT = 64, NETADDR_NAME_MAX = 253 /* octets: RFC 1035 2.3.4 */ };

/* False if `text` is no address with a port; port 0 means any free one. */
bool netaddr_parse(struct span text, struct sockaddr_storage *out);

/* "127.0.0.1:1025" or "[::1]:1025"; returns `out`. */
const char *netaddr_format(const struct sockaddr_storage *addr, char out[NETADDR_TEXT]);

/* The same without port and brackets. An IPv4 address mapped into IPv6 is shown as IPv4. */
const char *netaddr_format_ip(const struct sockaddr_storage *addr, char out[NETADDR_TEXT]);

uint16_t netaddr_port(const struct sockaddr_storage *addr);

/* 127.0.0.0/8 or ::1. */
bool netaddr_is_loopback(const struct sockaddr_storage *addr);

/* A DNS name in ASCII or an address without a port: what a certificate can be for. The name may be
 * "*.shop.test". */
bool netaddr_is_name(const char *text);

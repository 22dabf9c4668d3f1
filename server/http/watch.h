#pragma once
/* The header of a request must be there in time, however slowly it drips: a connection that keeps
 * its next one back for longer is shut. (libmicrohttpd's timeout begins anew with each octet.) */

#include "core/list.h"

#include <stdint.h>

struct watch;

/* A connection, part of what its owner keeps of it. Requests come and go without a lock. */
struct watched {
    struct list link;
    struct watch *watch;
    int fd;
    _Atomic uint64_t
        waits_since_us; /* for a header, by the steady clock; 0: it is not waited for */
};

struct watch *watch_start(unsigned timeout_s);

/* When no connection is left. */
void watch_stop(struct watch *w);

/* For as long as the socket is open, and a header is waited for from now on. */
void watch_begin(struct watch *w, struct watched *one, int fd);
void watch_end(struct watched *one);

/* The header is there; the request is over, and the next header is waited for. */
void watch_header_came(struct watched *one);
void watch_request_over(struct watched *one);

#pragma once
/* How many connections each client address has open. */

#include "core/list.h"

#include <stddef.h>
#include <stdint.h>

enum { PEERS_BUCKETS = 1024 };

struct peer; /* one address, while it has connections */

struct peers {
    struct list buckets[PEERS_BUCKETS]; /* struct peer.link */
};

void peers_init(struct peers *p);

/* Counts one connection more; NULL if `ip` has `max` of them already. */
struct peer *peers_enter(struct peers *p, const char *ip, size_t max);

/* The connection is gone. NULL is accepted. */
void peers_leave(struct peer *peer);

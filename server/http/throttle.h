#pragma once
/* How often each client address may be wrong about who it is: some times at once, then once in a
 * while. Of fixed size: addresses that share a place push each other out, which at worst gives one
 * a fresh start. Safe from any thread. */

#include "core/span.h"

#include <pthread.h>
#include <stdint.h>

enum {
    THROTTLE_BURST = 20,              /* failures at once */
    THROTTLE_REFILL_US = 1000 * 1000, /* one is forgotten after so long */
    THROTTLE_PLACES = 1024,
};

struct throttle_place {
    uint64_t key;      /* of the address; 0: nobody's */
    uint64_t until_us; /* when all its failures are forgotten */
};

struct throttle {
    pthread_mutex_t lock;
    struct throttle_place places[THROTTLE_PLACES];
};

void throttle_init(struct throttle *t);
void throttle_done(struct throttle *t);

/* Seconds until the address may try again; 0: it may. An IPv6 address counts with all of its /64.
 */
unsigned throttle_wait_s(struct throttle *t, struct span ip, uint64_t now_us);

/* The address was wrong. */
void throttle_blame(struct throttle *t, struct span ip, uint64_t now_us);

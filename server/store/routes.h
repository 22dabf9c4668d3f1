#pragma once
/* Which inboxes get a copy of a message for the sake of its recipients: the patterns of all
 * inboxes, in memory, so that the workers need no database to find out. Without patterns it costs
 * nothing. Safe from any thread; the writer keeps it true to what is committed. */

#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

/* The patterns of one inbox. */
struct route {
    int64_t inbox_id;
    int64_t expires_at_ms; /* 0: never */
    struct arena arena;    /* of the patterns */
    struct store_texts patterns;
};

struct routes {
    pthread_rwlock_t lock;
    struct route *items; /* by inbox, the lowest id first */
    size_t room;
    atomic_size_t count; /* changes under the lock */
};

void routes_init(struct routes *r);
void routes_done(struct routes *r);

/* Takes `route`, in the place of what the inbox had. One without patterns is as none. */
void routes_put(struct routes *r, struct route *route);
void routes_drop(struct routes *r, int64_t inbox_id);

/* Fills `out` with the inboxes one of whose patterns matches a recipient, the lowest id first, at
 * most `max`. Returns how many there are, which may be more than that. */
size_t routes_match(struct routes *r, const struct store_envelope *e, int64_t now_ms, int64_t *out,
                    size_t max);

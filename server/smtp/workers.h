#pragma once
/* Threads that read finished messages and make them ready for the store. */

#include "core/mailbox.h"
#include "store/store.h"

enum { WORKERS_MAX = 4 };

struct workers {
    struct store *store; /* borrowed */
    struct mailbox inbox;
    struct letters waiting; /* for workers_go() */
    struct letter stop;
    pthread_t threads[WORKERS_MAX];
    size_t count;
};

/* Starts as many as `wanted`, within reason. 0 or a negative errno. */
int workers_start(struct workers *w, struct store *store, size_t wanted) MUST_CHECK;

/* Once nothing more is posted: ends them when they are done. */
void workers_stop(struct workers *w);

/* Has the message read and given to the store, from workers_go() on; `d` comes back by its
 * `reply_to`. */
void workers_post(struct workers *w, struct store_delivery *d);

/* To be called when there is nothing else to do at once: what is posted together costs less. */
void workers_go(struct workers *w);

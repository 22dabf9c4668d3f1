#pragma once
/* Who sleeps until there is news, and how nobody oversleeps.
 *
 * Whoever wants to sleep notes the round, looks for news, and sleeps only if the round is still the
 * same: news makes a new round before it wakes anybody, so that none slips in between looking and
 * sleeping. Safe from any thread. */

#include "core/list.h"

#include <pthread.h>
#include <stdint.h>
#include <time.h>

struct sleeper {
    struct list link;
    bool is_beat; /* woken because it is time for a sign of life */
};

struct sleepers {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct list asleep; /* struct sleeper::link */
    uint64_t round;
    bool is_woken, is_closed;
    /* Called with the lock held. */
    void (*suspend)(struct sleeper *s);
    void (*resume)(struct sleeper *s);
};

void sleepers_init(struct sleepers *all, void (*suspend)(struct sleeper *s),
                   void (*resume)(struct sleeper *s));

/* Nobody sleeps any more. */
void sleepers_done(struct sleepers *all);

uint64_t sleepers_round(struct sleepers *all);

/* Falls asleep; false if that must not be: there was news since `round`, or it is closed. */
bool sleepers_sleep(struct sleepers *all, struct sleeper *s, uint64_t round);

/* There is news. Wakes nobody itself, but who waits in sleepers_wait(). */
void sleepers_call(struct sleepers *all);

/* From now on nobody falls asleep. */
void sleepers_close(struct sleepers *all);
bool sleepers_are_closed(struct sleepers *all);

/* Waits for a call or until `deadline` of the steady clock. False: the deadline was reached. */
bool sleepers_wait(struct sleepers *all, const struct timespec *deadline);

/* Wakes everybody. */
void sleepers_wake(struct sleepers *all, bool is_beat);

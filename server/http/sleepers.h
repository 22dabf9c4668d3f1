#pragma once
/* Who sleeps until there is news of a topic, or until a time, and how nobody oversleeps.
 *
 * Whoever wants to sleep notes the round of the topic, looks for news, and sleeps only if the round
 * is still the same: news makes a new round before it wakes anybody, so that none slips in between
 * looking and sleeping. Safe from any thread.
 *
 * Topics share rooms, and a whole room is woken: to be woken without news of one's own topic is
 * possible, and rare. */

#include "core/list.h"

#include <pthread.h>
#include <stdint.h>

enum {
    SLEEPERS_ANY = 0, /* the topic of who wants to hear all news, and of news that concerns all */
    SLEEPERS_ROOMS = 1024,
    SLEEPERS_CHECK_US = 1000000, /* how often it is looked who is gone */
};

enum sleeper_cause { SLEEPER_NEWS, SLEEPER_TIME, SLEEPER_GONE };

struct sleeper {
    struct list link;
    int64_t topic;
    uint64_t wake_at_us; /* of the steady clock: woken then at the latest */
    enum sleeper_cause woken_by;
};

/* What sleeping is. Called with the lock held. */
struct sleepers_how {
    void (*suspend)(struct sleeper *s);
    void (*resume)(struct sleeper *s);
    bool (*is_gone)(struct sleeper *s); /* nobody waits for it any more: it is woken to hear that */
};

struct sleepers {
    const struct sleepers_how *how;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct {
        struct list asleep; /* struct sleeper::link */
        uint64_t round;
        bool is_called;
    } rooms[SLEEPERS_ROOMS];
    bool is_called, is_closed;
    size_t count;         /* how many are asleep */
    uint64_t next_due_us; /* when the first of them wants to be woken */
    uint64_t checked_us;
};

/* `how` is borrowed. */
void sleepers_init(struct sleepers *all, const struct sleepers_how *how);

/* Nobody sleeps any more. */
void sleepers_done(struct sleepers *all);

uint64_t sleepers_round(struct sleepers *all, int64_t topic);

/* Falls asleep; false if that must not be: there was news since `round`, or it is closed. */
bool sleepers_sleep(struct sleepers *all, struct sleeper *s, uint64_t round);

/* There is news of the topic. Wakes nobody itself, but who waits in sleepers_wait(). */
void sleepers_call(struct sleepers *all, int64_t topic);

/* From now on nobody falls asleep. */
void sleepers_close(struct sleepers *all);
bool sleepers_are_closed(struct sleepers *all);

/* Waits until somebody is to be woken, and for SLEEPERS_CHECK_US at most. */
void sleepers_wait(struct sleepers *all);

/* Wakes who was called, whose time has come, and who is gone, as it is now. */
void sleepers_wake(struct sleepers *all, uint64_t now_us);

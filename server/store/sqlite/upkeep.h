#pragma once
/* What the writer does of its own accord, between deliveries. A chore does a little at a time, as a
 * job like others that shares the next transaction, and says when to go on. While messages come in,
 * each step is followed by a rest of twice the time that it took with its transaction, so that most
 * of the writer's time is theirs however much there is to do. What is left to do is in the
 * database: a restart goes on with it.
 *
 * To add one: a name in enum chore, a row in the table of upkeep.c, a function in a file of its
 * own. What may make it due is said with upkeep_wake(). */

#include "store/job.h"

#include <stdbool.h>

enum chore {
    CHORE_INDEX,
    CHORE_SWEEP,
    CHORE_EXPIRE,
    CHORE_RETENTION,
    CHORE_GIVE_BACK,
    CHORE_SILENT_SESSIONS,
    CHORE_COUNT,
};

/* What happened, and may have made chores due. Opening the store makes all of them due. */
enum upkeep_reason {
    UPKEEP_ADDED = 1,    /* messages were stored */
    UPKEEP_REMOVED = 2,  /* rows were deleted, and no more at once */
    UPKEEP_SILENT = 4,   /* a session without a message was stored */
    UPKEEP_CLEARED = 8,  /* an inbox was cleared, or has left */
    UPKEEP_DATED = 16,   /* an inbox was told when to leave */
    UPKEEP_LIMITED = 32, /* an inbox was told how much to keep, or a message that it may go */
};

enum { UPKEEP_WHEN_WOKEN = -1 };

/* One step. It is inside a transaction, as the run of a job, and may be run again. */
struct upkeep_step {
    int64_t now_ms;
    uint64_t until_us; /* by the steady clock: when it should come to its end */
    int64_t again_ms;  /* set by the step: how long until the next, or UPKEEP_WHEN_WOKEN */
    bool is_urgent;    /* set by the step: no rest before the next */
};

/* By the steady clock. */
struct upkeep_times {
    uint64_t due_us;    /* UINT64_MAX: when woken */
    uint64_t rested_us; /* not before that */
    bool is_midway;     /* the last step left something to do */
    bool is_woken;      /* since then: what it passed already may be otherwise now */
};

/* Of the writer's thread alone. */
struct upkeep {
    struct job job;
    bool is_running; /* the job is queued */
    bool has_failed; /* it did, the last time */
    enum chore current;
    struct upkeep_step step;
    uint64_t taken_us; /* when it was begun; 0: it is over, and its rest begun */
    unsigned reasons;
    struct upkeep_times times[CHORE_COUNT];
};

void upkeep_init(struct upkeep *u);

/* Costs next to nothing: it is looked into after the transaction. */
void upkeep_wake(struct upkeep *u, enum upkeep_reason reason);

/* When upkeep_take() will have something, by the steady clock; UINT64_MAX: when woken. */
uint64_t upkeep_due_us(struct upkeep *u, uint64_t now_us);

/* The job of the next step if one is due, else NULL. */
struct job *upkeep_take(struct upkeep *u, uint64_t now_us);

/* Whether the step has had its time. */
bool upkeep_is_over(const struct upkeep_step *s);

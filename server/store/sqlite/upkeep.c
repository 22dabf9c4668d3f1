#include "store/sqlite/upkeep.h"

#include "core/clock.h"
#include "core/mem.h"
#include "store/sqlite/indexing.h"
#include "store/sqlite/leaving.h"
#include "store/sqlite/retention.h"
#include "store/sqlite/session_prune.h"
#include "store/sqlite/space.h"
#include "store/sqlite/sweep.h"

enum {
    STEP_US = 4000,
    REST = 2,           /* times as long as the step took */
    RETRY_US = 5000000, /* after a step that failed */
};

/* clang-format off */
static const struct {
    int (*step)(struct writer *w, struct upkeep_step *s);
    unsigned woken_by; /* of enum upkeep_reason */
    unsigned after_ms; /* gathers what happens meanwhile */
} chores[CHORE_COUNT] = {
    /*                          step             woken by        after */
    [CHORE_INDEX] =           { indexing_step,   UPKEEP_ADDED,   0 },
    [CHORE_SWEEP] =           { sweep,           UPKEEP_CLEARED, 0 },
    [CHORE_EXPIRE] =          { leaving_expire,  UPKEEP_DATED,   0 },
    [CHORE_RETENTION] =       { retention_step,  UPKEEP_ADDED | UPKEEP_LIMITED, 500 },
    [CHORE_GIVE_BACK] =       { space_give_back, UPKEEP_REMOVED, 1000 },
    [CHORE_SILENT_SESSIONS] = { session_prune,   UPKEEP_SILENT,  1000 },
};
/* clang-format on */

/* ---- what is due ---- */

void upkeep_init(struct upkeep *u)
{
    *u = (struct upkeep){ 0 };
}

void upkeep_wake(struct upkeep *u, enum upkeep_reason reason)
{
    u->reasons |= reason;
}

static void heed_reasons(struct upkeep *u, uint64_t now_us)
{
    for (size_t i = 0; i < CHORE_COUNT; i++) {
        struct upkeep_times *t = &u->times[i];
        uint64_t due_us = now_us + (uint64_t)chores[i].after_ms * 1000;
        if (!(chores[i].woken_by & u->reasons))
            continue;
        t->is_woken |= t->is_midway;
        if (due_us < t->due_us)
            t->due_us = due_us;
    }
    u->reasons = 0;
}

/* A step costs more than its run: what it changed is committed and written back. While nothing is
 * stored there is nobody to rest for. */
static uint64_t rest_us(const struct upkeep *u, uint64_t now_us)
{
    if (u->has_failed)
        return RETRY_US;
    bool is_busy = u->reasons & UPKEEP_ADDED;
    return is_busy && !u->step.is_urgent ? REST * (now_us - u->taken_us) : 0;
}

static void begin_rest(struct upkeep *u, uint64_t now_us)
{
    if (u->taken_us)
        u->times[u->current].rested_us = now_us + rest_us(u, now_us);
    u->taken_us = 0;
}

static uint64_t due_us(const struct upkeep_times *t)
{
    return t->due_us > t->rested_us ? t->due_us : t->rested_us;
}

static enum chore earliest(const struct upkeep *u)
{
    enum chore found = 0;
    for (enum chore i = 1; i < CHORE_COUNT; i++)
        if (due_us(&u->times[i]) < due_us(&u->times[found]))
            found = i;
    return found;
}

uint64_t upkeep_due_us(struct upkeep *u, uint64_t now_us)
{
    if (u->is_running)
        return UINT64_MAX;
    begin_rest(u, now_us);
    heed_reasons(u, now_us);
    return due_us(&u->times[earliest(u)]);
}

/* ---- a step ---- */

bool upkeep_is_over(const struct upkeep_step *s)
{
    return clock_steady_us() >= s->until_us;
}

static int run(struct writer *w, struct job *j)
{
    struct upkeep *u = container_of(j, struct upkeep, job);
    u->step = (struct upkeep_step){
        .now_ms = clock_now_ms(),
        .until_us = clock_steady_us() + STEP_US,
        .again_ms = UPKEEP_WHEN_WOKEN,
    };
    return chores[u->current].step(w, &u->step);
}

static uint64_t next_us(const struct upkeep_step *s)
{
    if (s->again_ms == UPKEEP_WHEN_WOKEN)
        return UINT64_MAX;
    return clock_steady_us() + (uint64_t)s->again_ms * 1000;
}

static void settle(struct writer *w, struct job *j)
{
    (void)w;
    struct upkeep *u = container_of(j, struct upkeep, job);
    struct upkeep_times *t = &u->times[u->current];
    u->has_failed = j->result != 0;
    t->is_midway = u->has_failed || u->step.again_ms == 0;
    t->due_us = u->has_failed ? 0 : next_us(&u->step);
    u->is_running = false;
    if (t->is_midway || !t->is_woken)
        return;
    uint64_t once_more_us = clock_steady_us() + (uint64_t)chores[u->current].after_ms * 1000;
    if (once_more_us < t->due_us)
        t->due_us = once_more_us;
    t->is_woken = false;
}

struct job *upkeep_take(struct upkeep *u, uint64_t now_us)
{
    if (upkeep_due_us(u, now_us) > now_us)
        return NULL;
    u->current = earliest(u);
    u->is_running = true;
    u->taken_us = now_us;
    u->job = (struct job){ .run = run, .settle = settle };
    return &u->job;
}

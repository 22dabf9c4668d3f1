#include "store/sqlite/upkeep.h"

#include "core/clock.h"
#include "core/mem.h"
#include "store/sqlite/indexing.h"
#include "store/sqlite/session_prune.h"
#include "store/sqlite/space.h"

enum {
    STEP_US = 4000,
    RETRY_MS = 5000, /* after a step that failed */
};

/* clang-format off */
static const struct {
    int (*step)(struct writer *w, struct upkeep_step *s);
    unsigned woken_by; /* of enum upkeep_reason */
    unsigned after_ms; /* gathers what happens meanwhile */
} chores[CHORE_COUNT] = {
    /*                          step             woken by        after */
    [CHORE_INDEX] =           { indexing_step,   UPKEEP_ADDED,   0 },
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

static void advance(uint64_t *due_us, uint64_t to_us)
{
    if (to_us < *due_us)
        *due_us = to_us;
}

static void heed_reasons(struct upkeep *u, uint64_t now_us)
{
    for (size_t i = 0; i < CHORE_COUNT; i++)
        if (chores[i].woken_by & u->reasons)
            advance(&u->due_us[i], now_us + (uint64_t)chores[i].after_ms * 1000);
    u->reasons = 0;
}

static enum chore earliest(const struct upkeep *u)
{
    enum chore found = 0;
    for (enum chore i = 1; i < CHORE_COUNT; i++)
        if (u->due_us[i] < u->due_us[found])
            found = i;
    return found;
}

uint64_t upkeep_due_us(struct upkeep *u, uint64_t now_us)
{
    heed_reasons(u, now_us);
    return u->is_running ? UINT64_MAX : u->due_us[earliest(u)];
}

/* ---- a step ---- */

bool upkeep_is_over(const struct upkeep_step *s)
{
    return clock_steady_us() >= s->until_us;
}

static int run(struct writer *w, struct job *j)
{
    struct upkeep *u = container_of(j, struct upkeep, job);
    uint64_t start_us = clock_steady_us();
    u->step = (struct upkeep_step){
        .now_ms = clock_now_ms(),
        .until_us = start_us + STEP_US,
        .again_ms = UPKEEP_WHEN_WOKEN,
    };
    int err = chores[u->current].step(w, &u->step);
    u->took_us = clock_steady_us() - start_us;
    return err;
}

static uint64_t rest_us(const struct upkeep *u)
{
    uint64_t again_us = (uint64_t)u->step.again_ms * 1000;
    return again_us > u->took_us || u->step.is_urgent ? again_us : u->took_us;
}

static void settle(struct writer *w, struct job *j)
{
    (void)w;
    struct upkeep *u = container_of(j, struct upkeep, job);
    u->is_running = false;
    if (j->result)
        u->step.again_ms = RETRY_MS;
    bool sleeps = u->step.again_ms == UPKEEP_WHEN_WOKEN;
    u->due_us[u->current] = sleeps ? UINT64_MAX : clock_steady_us() + rest_us(u);
}

struct job *upkeep_take(struct upkeep *u, uint64_t now_us)
{
    if (upkeep_due_us(u, now_us) > now_us)
        return NULL;
    u->current = earliest(u);
    u->is_running = true;
    u->job = (struct job){ .run = run, .settle = settle, .is_chore = true };
    return &u->job;
}

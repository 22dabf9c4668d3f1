#pragma once
/* The chore that removes messages that are too old, too many, or too large together: the oldest
 * first, and none that is pinned. The newest goes for its age alone, so that what was just stored
 * can be seen. */

#include "store/sqlite/upkeep.h"
#include "store/store.h"

struct writer;

/* Of the writer's thread alone. */
struct retention {
    struct store_limits per_inbox; /* of those that have none of their own */
    int64_t max_bytes;             /* of all inboxes together; 0: no bound */
    int64_t after;                 /* inboxes up to this id were looked at in this round */
    int64_t again_ms;              /* when the first message found in it will be too old */
    int64_t passed_in, passed_to;  /* in this inbox, or in all if it is 0, those up to this id were
                                      looked at, and what is left of them may not go */
};

int retention_step(struct writer *w, struct upkeep_step *s) MUST_CHECK;

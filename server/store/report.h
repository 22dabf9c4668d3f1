#pragma once
/* What is known of a session with what the engine needs to store it. */

#include "store/job.h"
#include "store/record.h"

/* What a store_report lies in; its owner does not see the rest. */
struct report {
    struct store_report given;
    struct job job; /* given to the writer */
    struct session_record record;
    struct buf opening_room, closing_room;
    struct span opening, closing; /* packed */
};

struct report *report_of(struct store_report *r);

/* All that is costly and needs no database. */
void report_prepare(struct report *r);

void report_free(struct report *r);

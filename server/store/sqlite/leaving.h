#pragma once
/* How an inbox goes: nobody sees it any more as soon as its account is gone, and its messages are
 * written off like those of one that was cleared. Once they are swept, its row goes too. */

#include "store/sqlite/writer.h"

/* As store_inbox_delete(). */
int leaving_delete(struct writer *w, int64_t id) MUST_CHECK;

/* A chore: inboxes whose time is over leave. */
int leaving_expire(struct writer *w, struct upkeep_step *s) MUST_CHECK;

/* Removes some of those that have left and have nothing any more; *more says whether there may be
 * others. */
int leaving_finish(struct writer *w, bool *more) MUST_CHECK;

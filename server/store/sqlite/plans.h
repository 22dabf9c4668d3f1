#pragma once
/* Fault plans, as texts; who is to know of them is told when they are committed. */

#include "store/sqlite/writer.h"

/* As store_plan_put(). */
int plans_put(struct writer *w, int64_t inbox_id, const char *plan);

/* The inbox is leaving: its plan goes along. */
int plans_remove(struct db *db, int64_t inbox_id);

/* Tells of a plan in force; NULL: of none. */
void plans_tell(const struct writer *w, int64_t inbox_id, const char *plan);

/* Before the writer's thread runs: tells of all. */
int plans_start(struct writer *w) MUST_CHECK;

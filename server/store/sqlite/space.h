#pragma once
/* Gives pages that are free back to the file system. */

#include "store/sqlite/upkeep.h"

/* The chore. */
int space_give_back(struct writer *w, struct upkeep_step *s);

/* For chores that free many: takes free pages beyond `keep` off the end of the file, as long as the
 * step may last. A page that was freed in the same transaction is not even written. */
int space_trim(struct writer *w, int64_t keep, const struct upkeep_step *s);

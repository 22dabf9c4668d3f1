#pragma once
/* A copy of the database kept aside before it is changed for good. */

#include "store/sqlite/db.h"

/* Copies all that `db` holds, its log included, to "PATH.before-VERSION", or to the first such name
 * with ".2" and so on behind it that nobody has: no copy is ever overwritten. The copy is on disk
 * when this returns, and *name_out is what it is called. On failure there is none, and `*why` is a
 * sentence for the operator. */
int backup_keep(struct db *db, const char *path, int64_t version, struct buf *name_out,
                struct buf *why) MUST_CHECK;

#pragma once
/* Changes to what is stored. Each waits until it is committed. */

#include "store/sqlite/writer.h"

/* As their namesakes in store.h. */
int change_delete(struct writer *w, int64_t id);

/* Deletes those of CHANGE_SOME at most that are there, and adds how many that were. */
enum { CHANGE_SOME = 64 };
int change_delete_some(struct writer *w, const int64_t *ids, size_t count, int64_t *deleted);

int change_clear(struct writer *w, int64_t inbox_id, int64_t *deleted_out);
int change_mark(struct writer *w, int64_t id, const struct store_flags *flags);

/* Marks those of CHANGE_SOME at most that are there, in the inbox if it is not 0, and adds how many
 * were other than they are now. */
int change_mark_some(struct writer *w, int64_t inbox_id, const int64_t *ids, size_t count,
                     const struct store_flags *flags, int64_t *changed);

/* Removes a message with all that belongs to it. Inside a transaction, by the writer: everything
 * that deletes ends here. */
int change_remove(struct db *db, int64_t id);

/* Writes something that changes nothing: 0 if the database takes it. */
int change_probe(struct writer *w);

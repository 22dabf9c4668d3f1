#pragma once
/* Changes to what is stored. Each waits until it is committed. */

#include "store/sqlite/writer.h"

/* As their namesakes in store.h. */
int change_delete(struct writer *w, int64_t id);
int change_clear(struct writer *w, int64_t inbox_id, int64_t *deleted_out);
int change_mark(struct writer *w, int64_t id, struct store_flags flags);

/* Writes something that changes nothing: 0 if the database takes it. */
int change_probe(struct writer *w);

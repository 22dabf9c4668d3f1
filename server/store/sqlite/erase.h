#pragma once
/* Deletes what a query finds: a reader looks, a step at a time, and the writer deletes. */

#include "store/sqlite/readers.h"
#include "store/sqlite/writer.h"

/* As store_messages_delete(). */
int erase_found(struct readers *readers, struct writer *w, int64_t inbox_id,
                const struct store_query *query, int64_t *deleted_out);

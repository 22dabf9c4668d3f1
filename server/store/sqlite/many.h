#pragma once
/* Changes what a query finds, or all: a reader looks, a step at a time, and the writer changes. */

#include "store/sqlite/readers.h"
#include "store/sqlite/writer.h"

/* As store_messages_delete(). */
int many_delete(struct readers *readers, struct writer *w, const struct store_choice *which,
                int64_t *deleted_out);

/* As store_messages_mark(). */
int many_mark(struct readers *readers, struct writer *w, const struct store_choice *which,
              const struct store_flags *flags, int64_t *changed_out);

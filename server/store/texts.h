#pragma once
/* Lists of texts in a column: JSON, ["*@shop.test"]. */

#include "store/store.h"

/* Lives in `arena`. The texts are UTF-8. */
const char *texts_write(const struct store_texts *texts, struct arena *arena);

/* A column that is NULL or no list is an empty one. */
struct store_texts texts_read(const char *column, struct arena *arena);

#pragma once
/* Memory that dies together: allocate piece by piece, free all at once.
 * `= { 0 }` is an empty arena; arena_done() accepts it. */

#include "core/span.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first; the newest is the one being filled */
};

void arena_done(struct arena *a);

/* As arena_done(), for secrets. */
void arena_wipe(struct arena *a);

/* Zeroed and aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy that ends in NUL. */
char *arena_copy(struct arena *a, struct span bytes);

/* NULL stays NULL. */
char *arena_strdup(struct arena *a, const char *text);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#pragma once
/* The body of a message on its way in: in memory up to SPOOL_MEMORY bytes, beyond that in a
 * temporary file that has no name, so that nothing is left behind however the process ends. */

#include "core/buf.h"
#include "core/source.h"

#include <stdatomic.h>

enum { SPOOL_MEMORY = 256 * 1024 };

/* What spools share: where they make their files, and how much they may hold together. Safe from
 * any thread. */
struct spools {
    const char *dir; /* borrowed */
    uint64_t max_bytes;
    _Atomic uint64_t held_bytes; /* by all that are in use, in memory and in files */
};

struct spool {
    struct buf memory;
    int fd; /* -1 while all of it is in memory */
    uint64_t size;
    struct spools *all;
};

uint64_t spools_held(const struct spools *all);

/* Whether `bytes` more would fit now. Others may be faster. */
bool spools_have_room(const struct spools *all, uint64_t bytes);

/* `all` must outlive the spool. */
void spool_init(struct spool *s, struct spools *all);

/* Gives back what it held. */
void spool_done(struct spool *s);

/* 0 or a negative errno: -ENOBUFS when spools hold too much together, -ENOSPC when the disk is
 * full. After an error the spool is good for spool_done() only. */
int spool_append(struct spool *s, struct span bytes) MUST_CHECK;

/* Valid until the spool changes. */
struct source spool_source(struct spool *s);

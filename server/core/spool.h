#pragma once
/* The body of a message on its way in: in memory up to SPOOL_MEMORY bytes, beyond that in a
 * temporary file that has no name, so that nothing is left behind however the process ends. */

#include "core/buf.h"
#include "core/source.h"

enum { SPOOL_MEMORY = 256 * 1024 };

struct spool {
    struct buf memory;
    int fd; /* -1 while all of it is in memory */
    uint64_t size;
    const char *dir; /* where the file is made; borrowed */
};

/* `dir` must outlive the spool. */
void spool_init(struct spool *s, const char *dir);
void spool_done(struct spool *s);

/* 0 or a negative errno (-ENOSPC when the disk is full); after an error the spool is good for
 * spool_done() only. */
int spool_append(struct spool *s, struct span bytes) MUST_CHECK;

/* Valid until the spool changes. */
struct source spool_source(struct spool *s);

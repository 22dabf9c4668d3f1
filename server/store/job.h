#pragma once
/* What an engine's writer is asked to do. */

#include "core/mailbox.h"

#include <stdint.h>

struct writer; /* the engine's */

struct job {
    struct letter letter;

    /* Does the work inside a transaction. A negative errno is trouble with the database, which
     * undoes the transaction; the job may be run again. What its giver is to hear besides goes to
     * `result`. */
    int (*run)(struct writer *w, struct job *j);

    /* `result` is final and, if 0, on disk. The job is given away. */
    void (*settle)(struct writer *w, struct job *j);

    uint64_t bytes; /* about what it writes */
    int result;
};

#pragma once
/* Bytes that can be read from any offset, wherever they are kept: in memory, in a spool, in the
 * store. Whoever makes a source says how long it stays valid. */

#include "core/span.h"

struct source {
    uint64_t size;
    /* Copies at most `len` bytes from offset `at`. Returns how many (0 only at the end or for
     * len 0) or a negative errno. */
    int64_t (*read)(void *arg, uint64_t at, void *out, size_t len);
    void *arg;
};

/* Valid as long as `*bytes` and what it borrows. */
struct source source_of_span(const struct span *bytes);

/* Reads until `len` bytes or the end are reached. Returns how many or a negative errno. */
int64_t source_read_full(const struct source *s, uint64_t at, void *out, size_t len);

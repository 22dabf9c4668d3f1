#pragma once
/* What store_verify() looks at. Each check is a row in the table of verify.c: a name, the schema it
 * needs, and a function that tells what it finds with verify_found(). It returns 0 if it could look
 * at everything, and may leave a transaction open. Where it cannot read because the database is
 * damaged, that is told as a fault for it.
 *
 * A check looks at one moment, but for no longer than it must: a server that has the database open
 * meanwhile cannot use its log again before. */

#include "store/sqlite/db.h"
#include "store/store.h"

struct verifier {
    struct db db;
    const char *path;
    const struct store_verify *to;
    const char *check; /* the one at work */
    uint64_t faults;   /* it has found */
};

void verify_found(struct verifier *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void verify_progress(struct verifier *v, uint64_t done, uint64_t total);

/* Every message has its octets, and all octets belong to a message. */
int verify_octets(struct verifier *v);

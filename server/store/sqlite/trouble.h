#pragma once
/* What goes wrong with the database, in words for the operator, each said once and not once a
 * message. */

#include "core/buf.h"

#include <pthread.h>

struct fault {
    int code;      /* of SQLite, primary or extended */
    int err;       /* what our callers get */
    bool is_state; /* of the database, so that other messages meet it too */
    const char *what;
    const char *remedy;
};

/* `system_errno` is what the operating system said, 0 if nothing. */
const struct fault *fault_of(int code, int system_errno);

/* The trouble one kind of work has with the database. Safe from any thread. */
struct trouble {
    pthread_mutex_t lock;
    int err; /* of the last attempt; 0 if all is well */
    const struct fault *said;
    uint64_t said_at_us;
    bool is_open; /* said, and not yet said to be over */
};

enum { TROUBLE_REPEAT_US = 60 * 1000 * 1000 };

void trouble_init(struct trouble *t);
void trouble_done(struct trouble *t);

/* Says it in the log, unless it was said less than TROUBLE_REPEAT_US ago. */
void trouble_report(struct trouble *t, const struct fault *fault, const char *detail);

/* It works: says so if trouble was said. */
void trouble_over(struct trouble *t);

/* Negative errno of the last attempt, 0 if it worked. */
int trouble_now(struct trouble *t);

/* The decisions behind it, without clock and log. */
bool trouble_begins(struct trouble *t, const struct fault *fault, uint64_t now_us);
bool trouble_ends(struct trouble *t);

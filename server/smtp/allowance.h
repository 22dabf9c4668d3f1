#pragma once
/* So many a second, and some more at once after a time of rest. Times are of a steady clock. */

#include <stdbool.h>
#include <stdint.h>

/* `= { .each_us = ..., .at_once = ... }` is one that has rested. */
struct allowance {
    uint64_t each_us; /* what one takes */
    uint64_t at_once;
    uint64_t rested_at_us; /* when all of it is there again */
};

/* Whether there is room for `count` more. */
bool allowance_take(struct allowance *a, uint64_t now_us, uint64_t count);

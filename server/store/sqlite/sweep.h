#pragma once
/* The chore that removes the messages of inboxes that were cleared: up to `cleared_to` they are
 * written off, up to `swept_to` they are gone. */

#include "store/sqlite/upkeep.h"

int sweep(struct writer *w, struct upkeep_step *s);

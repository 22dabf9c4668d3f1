#pragma once
/* The chore that gives free pages back to the file system. */

#include "store/sqlite/upkeep.h"

int space_give_back(struct writer *w, struct upkeep_step *s);

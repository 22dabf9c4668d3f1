#pragma once
/* The chore that bounds how many sessions are kept that no message came by. Others go with the last
 * of their messages. */

#include "store/sqlite/upkeep.h"

enum { SILENT_SESSIONS_KEPT = 10000 };

int session_prune(struct writer *w, struct upkeep_step *s);

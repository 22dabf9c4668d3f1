#pragma once
/* Owns every part of the running program: starts them from the bottom up, stops them from the top
 * down, and does nothing else. */

#include "config.h"

/* Runs until SIGTERM or SIGINT. Returns the exit code of the process: 0, or 1 with one sentence on
 * standard error. */
int app_run(const struct config *config);

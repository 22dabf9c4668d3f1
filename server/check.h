#pragma once
/* `mailstop check`: looks through the database and says what is wrong with it. */

#include "config.h"

/* Returns the exit code of the process: 0 if all is well, 1 with a line for each fault on standard
 * output, or with one sentence on standard error if it could not look. */
int check_run(const struct config *config);

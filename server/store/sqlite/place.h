#pragma once
/* Where the database lies: its folder is made, its file is there and ours to write, and no other
 * Mailstop has it open. */

#include "core/buf.h"

struct place {
    char *path;   /* absolute */
    char *folder; /* for ":memory:": the temporary folder it lies in alone; otherwise NULL */
    int lock_fd;
};

/* On failure `*why` says what is wrong and what to do, and nothing is left to close. */
int place_open(const char *path, struct place *out, struct buf *why) MUST_CHECK;

/* Takes the names of the database in a temporary folder away. It lives on as long as it is open,
 * and nothing is left behind however the process ends; but it cannot be opened again. */
void place_hide(struct place *p);

void place_close(struct place *p);

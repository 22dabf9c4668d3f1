#pragma once
/* People who may log in: the file of --auth-file, read anew when it changes. Safe from any
 * thread. */

#include "core/buf.h"

struct people;

/* On failure `*why` is a sentence for the operator. */
int people_open(const char *path, struct people **out, struct buf *why);
void people_close(struct people *p); /* NULL is accepted */

/* Whether that is the password of that person. The first time it takes as long as bcrypt does;
 * what was right is remembered, by a digest, until the file changes. */
bool people_check(struct people *p, struct span name, struct span password);

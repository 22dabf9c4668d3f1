#pragma once
/* Cuts a message into its parts, in one pass and in constant memory. */

#include "mail/mail.h"

/* Fills in what the header says and the parts with their offsets; not their decoded size and
 * sha256, and nothing that needs the whole tree. */
void tree_read(const struct source *raw, struct arena *arena, struct mail *out);

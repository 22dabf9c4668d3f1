#pragma once
/* What the header of a message says about it as a whole (RFC 5322 section 3.6). */

#include "mail/mail.h"

void message_read(struct span fields, struct arena *arena, struct mail *out);

#pragma once
/* The header block of a message or part: fields, one or more lines each (RFC 5322 section 2.2). */

#include "mail/mail.h"

struct field {
    struct span name;
    struct span value; /* as sent, folds included, without blanks and line ends around it */
};

/* The part of `block` from its first to its last field. An mbox "From " line before them is left
 * out. A block that begins with anything else than a field has none: an empty span where the first
 * would stand. */
struct span header_fields(struct span block);

/* Takes the next field off the front of *fields; lines between that are no fields are skipped.
 * When there is none, false, and *fields stays as it is. */
bool header_next(struct span *fields, struct field *out);

/* As mail_headers(), with what struct mail_content says of its stray line. */
size_t header_list(const struct source *raw, struct arena *arena, struct mail_header **out,
                   const char **stray);

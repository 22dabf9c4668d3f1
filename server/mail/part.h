#pragma once
/* What the header of a part says about its body (RFC 2045, 2183, 2231). */

#include "mail/mail.h"

/* Fills in type, charset, encoding, file name, content id and disposition; what `fields` does not
 * say stays as it is. Returns the boundary of a multipart, NULL if there is none. */
const char *part_read(struct span fields, struct arena *arena, struct mail_part *part);

bool part_is_multipart(const struct mail_part *part);

/* An embedded message that can be taken apart: RFC 2046 section 5.2.1 allows it no encoding. */
bool part_is_message(const struct mail_part *part);

/* The index behind the part and all that is in it. */
size_t part_end(const struct mail *m, size_t index);

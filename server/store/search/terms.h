#pragma once
/* What a full-text index is told about a message: terms, each once, made of its words. A word of
 * the line with the tag "s" is the term "s:word"; that there is a line for a header field is the
 * term "h:name:". */

#include "core/buf.h"

/* Appends the terms of the words of a message, a space behind each. */
void terms_write(struct span kept, struct buf *out);

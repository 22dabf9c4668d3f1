#pragma once
/* JSON (RFC 8259) written straight into a buffer; reading it is jansson's. */

#include "core/buf.h"

/* A string in quotes. What is no well-formed UTF-8, and NUL, becomes U+FFFD. */
void json_text_put(struct buf *out, struct span text);

/* A member's name with its colon, and a comma before it unless it is its object's first. */
void json_text_key(struct buf *out, const char *name);

/* The comma before an element, unless it is its array's first. */
void json_text_next(struct buf *out);

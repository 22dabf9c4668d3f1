#pragma once
/* Base64 as RFC 4648 section 4 has it: with padding, without anything else. */

#include "core/buf.h"

void base64_encode(struct buf *out, struct span bytes);

/* Octets that decoding `len` characters may take. */
#define BASE64_ROOM(len) ((len) / 4 * 3)

/* Writes what `text` stands for to `out`, which has room for BASE64_ROOM(text.len), and its size to
 * *len; false, and *len untouched, if `text` is not base64 from end to end. */
bool base64_decode(struct span text, char *out, size_t *len);

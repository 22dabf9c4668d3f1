#pragma once
/* How ESMTP parameters carry octets that may not stand in them. */

#include "core/span.h"

/* xtext (RFC 3461 section 4): "+2B" is an octet in hexadecimal, other printable ASCII save "+" and
 * "=" stands for itself. Writes at most text.len octets to `out`, and how many to *len; false, and
 * *len untouched, if `text` is none. */
bool smtp_xtext_decode(struct span text, char *out, size_t *len);

/* An address of type utf-8 (RFC 6533 section 3): "\x{FC}" is a code point in hexadecimal, other
 * printable ASCII save "+", "=" and "\" stands for itself, and so do non-ASCII characters where
 * `allows_utf8` says so. Otherwise as smtp_xtext_decode(). */
bool smtp_unitext_decode(struct span text, bool allows_utf8, char *out, size_t *len);

#pragma once
/* UTF-8 (RFC 3629). Text from mail is made well-formed before it reaches JSON or the database. */

#include "core/buf.h"

enum { UTF8_NOT = 0 };

/* How many octets the well-formed sequence at the front of `s` has, 1 to 4; UTF8_NOT if the front
 * is no well-formed sequence or `s` is empty. */
size_t utf8_sequence(struct span s);

/* How much of the front of `s` is well-formed and holds no NUL, which no text of ours may. */
size_t utf8_sound_size(struct span s);

/* Writes a code point to `out`, at most 4 octets, and returns how many; UTF8_NOT for a surrogate
 * and beyond U+10FFFF. */
size_t utf8_encode(uint32_t code, char *out);

/* Whether all of it is sound. */
bool utf8_is_valid(struct span s);

/* Appends `s`, each octet that is not part of well-formed UTF-8 replaced by U+FFFD, and NUL
 * likewise. */
void utf8_scrub(struct buf *out, struct span s);

/* The longest front of `s` that has at most `count` code points and splits none. */
struct span utf8_front(struct span s, size_t count);

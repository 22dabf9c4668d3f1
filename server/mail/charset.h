#pragma once
/* Text in any charset made UTF-8, piece by piece. What has no meaning in the charset becomes
 * U+FFFD, and so does NUL. */

#include "core/buf.h"

#include <iconv.h>

enum charset_kind {
    CHARSET_GUESSED, /* not known: UTF-8 where it is well-formed, other octets windows-1252 */
    CHARSET_UTF8,
    CHARSET_ICONV,
};

struct charset {
    enum charset_kind kind;
    iconv_t iconv;
    struct buf held; /* the front of a character that is not complete yet */
};

/* `name` as MIME has it; NULL if not given. */
void charset_init(struct charset *c, const char *name);
void charset_done(struct charset *c);

/* Appends what `in` means, also what was held before; with `is_last` nothing is held. */
void charset_push(struct charset *c, struct span in, bool is_last, struct buf *out);

/* The name that stands for this one and its aliases; NULL if it is none of those in use. */
const char *charset_canonical(struct span name);

/* The character of an octet in windows-1252; where it has none, U+FFFD. */
unsigned charset_windows_1252(unsigned char octet);

/* Appends the code point as UTF-8, U+FFFD if it is none. */
void charset_put(struct buf *out, unsigned code_point);

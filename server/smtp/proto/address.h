#pragma once
/* The paths of MAIL and RCPT: RFC 5321 4.1.2 and 4.1.3, with the non-ASCII characters that
 * RFC 6531 3.3 adds. */

#include "core/span.h"

enum {
    SMTP_MAX_LOCAL_PART = 255, /* RFC 5321 asks for 64; longer ones are in use */
    SMTP_MAX_DOMAIN = 255,     /* RFC 5321 4.5.3.1.2 */
};

/* Spans are parts of the path that was parsed. */
struct smtp_mailbox {
    struct span text;       /* local-part@domain as written */
    struct span local_part; /* with its quotes, if any */
    bool is_ascii;
};

/* RFC 5322 3.2.3 */
bool smtp_is_atext(unsigned char c);

/* Takes "<...>" off the front of *in; *path is what lies between. A ">" in a quoted string or
 * behind a backslash ends nothing. False, and all untouched, when there is no path. */
bool smtp_path_take(struct span *in, struct span *path);

/* Parses the inside of a path. Source routes (RFC 5321 appendix C) are checked and left out.
 * NULL, or what is wrong in words for a reply; *out untouched then. */
const char *smtp_mailbox_parse(struct span path, struct smtp_mailbox *out);

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
    bool is_ascii, has_route;
};

/* RFC 5322 3.2.3 */
bool smtp_is_atext(unsigned char c);

bool smtp_is_ascii(struct span s);

/* Addresses as in literals, without the tag: RFC 5321 4.1.3. */
bool smtp_is_ipv4(struct span s);
bool smtp_is_ipv6(struct span s);

/* What is wrong with the name of HELO or EHLO, as enum smtp_note bits: RFC 5321 4.1.1.1 wants the
 * full name of a host, or an address literal. */
unsigned smtp_helo_notes(struct span name);

/* Takes "<...>" off the front of *in; *path is what lies between. A ">" in a quoted string or
 * behind a backslash ends nothing. False, and all untouched, when there is no path. */
bool smtp_path_take(struct span *in, struct span *path);

/* Parses the inside of a path. Source routes (RFC 5321 appendix C) are checked and left out.
 * NULL, or what is wrong in words for a reply; *out untouched then. */
const char *smtp_mailbox_parse(struct span path, struct smtp_mailbox *out);

#pragma once
/* Undoes dot-stuffing (RFC 5321 4.5.2) and finds the end of a message.
 *
 * Only CRLF.CRLF ends it. A bare LF or CR is part of the text and never of a line end: servers that
 * disagree on this can be made to see two messages where the other saw one (SMTP smuggling). */

#include "core/span.h"

enum smtp_dot_state {
    SMTP_DOT_LINE_START, /* at the beginning, and behind each CRLF */
    SMTP_DOT_TEXT,
    SMTP_DOT_CR,     /* behind a CR that was passed on */
    SMTP_DOT_DOT,    /* behind a dot at the start of a line, withheld */
    SMTP_DOT_DOT_CR, /* behind such a dot and a CR, both withheld */
};

/* `= { 0 }` is ready for a message. */
struct smtp_dot {
    enum smtp_dot_state state;
};

enum smtp_dot_result {
    SMTP_DOT_NEED_INPUT, /* all of *in is consumed */
    SMTP_DOT_OCTETS,     /* *out is text: part of *in, or a constant */
    SMTP_DOT_END,        /* the message is complete; *in begins behind it */
};

/* Consumes from the front of *in up to the next result. */
enum smtp_dot_result smtp_dot_read(struct smtp_dot *d, struct span *in, struct span *out);

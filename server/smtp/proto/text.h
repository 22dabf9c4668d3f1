#pragma once
/* Looks at a message as it passes, for what a stricter server would not take: dots are undone by
 * then, and it need not have come by DATA. */

#include "core/span.h"

#include "smtp/proto/engine.h"

enum { SMTP_MAX_TEXT_LINE = 998 }; /* octets without CRLF: RFC 5322 2.1.1 */

/* `= { 0 }` is ready for a message. */
struct smtp_text {
    unsigned notes; /* enum smtp_note bits */
    struct smtp_note_lines lines;
    uint64_t ended_lines; /* LF alone ends one, too: who sends it is told of it once */
    uint64_t line_bytes;  /* of the line in progress */
    char last;            /* the octet that came last */
};

void smtp_text_look(struct smtp_text *t, struct span octets);

/* After the last octet. */
void smtp_text_end(struct smtp_text *t);

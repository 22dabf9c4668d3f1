#pragma once
/* Whether the lines of a base64 body are all of one length, as programs that encode make them: then
 * any octet of what it decodes to is found by its place, without decoding what is before it. */

#include "core/span.h"

/* Zeroed at the start. */
struct base64_lines {
    size_t length; /* of the first line, without its end; 0: not known yet */
    size_t column; /* octets of the line at hand */
    char before;   /* the last octet */
    bool is_short; /* a shorter line has come, which must be the last */
    bool is_odd;
};

/* In order, each octet once. */
void base64_lines_push(struct base64_lines *l, struct span octets);

/* Their length if they are alike, each but the last ends in CRLF, and each holds whole groups of
 * four digits; otherwise 0. That they hold digits alone is for others to check. */
size_t base64_lines_length(const struct base64_lines *l);

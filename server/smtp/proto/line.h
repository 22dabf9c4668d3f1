#pragma once
/* Gathers one command line out of the pieces in which it arrives. */

#include "core/buf.h"

enum { SMTP_USUAL_LINE = 4096 }; /* octets of memory that are kept from line to line */

/* `= { 0 }` is ready for the first line. */
struct smtp_line {
    struct buf bytes; /* with the line end, up to the most that was allowed */
    bool is_complete, is_too_long, ends_in_crlf;
    char last;            /* the octet that came last */
    uint64_t total_bytes; /* with the line end and all that is not in `bytes` */
};

enum smtp_line_result {
    SMTP_LINE_NEED_INPUT, /* all of *in is consumed */
    SMTP_LINE_READY,
    SMTP_LINE_TOO_LONG, /* the rest has been swallowed up to its end */
};

/* Overwrites what was sent: it may have been a password. The line is ready for the next one. */
void smtp_line_wipe(struct smtp_line *l);

/* Consumes from the front of *in to the end of the line, which LF makes. A line of more than
 * `max_bytes`, line end included, is too long. Starts a new line when the last one was complete. */
enum smtp_line_result smtp_line_read(struct smtp_line *l, struct span *in, size_t max_bytes);

/* Of a line that is complete: without line end and the blanks before it, which RFC 5321 4.1.1 asks
 * to tolerate; what was kept of one too long. Valid until the next read. */
struct span smtp_line_text(const struct smtp_line *l);

/* The same with the blanks, and how many octets that is or would be. */
struct span smtp_line_octets(const struct smtp_line *l);
uint64_t smtp_line_size(const struct smtp_line *l);

/* Whether a line that is complete ended in LF without CR. */
bool smtp_line_ends_bare(const struct smtp_line *l);

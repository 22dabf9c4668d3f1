#pragma once
/* The lines of a source, one after the other, through a window of constant size. A line ends in LF;
 * a CR before it is part of the line end. */

#include "core/source.h"

enum { LINES_WINDOW = 16 * 1024 };

struct line {
    uint64_t at;      /* the offset of its first octet */
    struct span text; /* with its line end; valid until the next call */
    bool is_start;    /* false: the line before, longer than the window, goes on */
};

struct lines {
    const struct source *source;
    uint64_t at;        /* the offset of window[begin] */
    size_t begin, end;  /* what of the window is still to come */
    bool is_source_end; /* or the source failed, which ends it as well */
    bool is_midline;
    char window[LINES_WINDOW];
};

/* `source` is borrowed. */
void lines_init(struct lines *l, const struct source *source);

/* False at the end. A line start has at least LINES_WINDOW octets or all of its line. */
bool lines_next(struct lines *l, struct line *out);

/* How many octets the line end has: 0, 1 or 2. */
size_t line_end_size(struct span line);

/* Nothing but a line end: what ends a header. */
bool line_is_empty(const struct line *line);

/* What a boundary looks like. No field does, so that it ends a header too. */
bool line_is_dashed(const struct line *line);

#include "mail/lines.h"

#include <string.h>

void lines_init(struct lines *l, const struct source *source)
{
    l->source = source;
    l->at = 0;
    l->begin = l->end = 0;
    l->is_source_end = l->is_midline = false;
}

/* Moves what is left to the front and fills the room behind it. */
static void fill(struct lines *l)
{
    size_t left = l->end - l->begin;
    memmove(l->window, l->window + l->begin, left);
    l->begin = 0;
    l->end = left;
    int64_t got = source_read_full(l->source, l->at + left, l->window + left, LINES_WINDOW - left);
    if (got > 0)
        l->end += (size_t)got;
    l->is_source_end = got < (int64_t)(LINES_WINDOW - left);
}

/* How long the line at the front is as far as it is in the window. */
static size_t line_size(const struct lines *l, bool *is_whole)
{
    struct span rest = { l->window + l->begin, l->end - l->begin };
    size_t at = span_find(rest, '\n');
    *is_whole = at < rest.len;
    return *is_whole ? at + 1 : rest.len;
}

bool lines_next(struct lines *l, struct line *out)
{
    bool is_whole;
    size_t size = line_size(l, &is_whole);
    if (!is_whole && !l->is_source_end) {
        fill(l);
        size = line_size(l, &is_whole);
    }
    if (size == 0)
        return false;
    *out = (struct line){ l->at, { l->window + l->begin, size }, !l->is_midline };
    l->begin += size;
    l->at += size;
    l->is_midline = !is_whole;
    return true;
}

size_t line_end_size(struct span line)
{
    if (line.len == 0 || line.ptr[line.len - 1] != '\n')
        return 0;
    return line.len > 1 && line.ptr[line.len - 2] == '\r' ? 2 : 1;
}

bool line_is_empty(const struct line *line)
{
    return line->is_start && line_end_size(line->text) == line->text.len;
}

bool line_is_dashed(const struct line *line)
{
    return line->is_start && span_starts_with(line->text, SPAN("--"));
}

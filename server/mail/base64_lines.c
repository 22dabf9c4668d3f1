#include "mail/base64_lines.h"

#include <string.h>

/* Behind a shorter line only empty ones may come. */
static void look_at_length(struct base64_lines *l, size_t length)
{
    if (l->length == 0)
        l->length = length;
    if (length > l->length || (length && l->is_short))
        l->is_odd = true;
    if (length < l->length || length == 0)
        l->is_short = true;
}

static void end_line(struct base64_lines *l)
{
    bool has_cr = l->column && l->before == '\r';
    if (!has_cr)
        l->is_odd = true;
    look_at_length(l, l->column - has_cr);
    l->column = 0;
}

static void push_front(struct base64_lines *l, struct span octets)
{
    if (octets.len)
        l->before = octets.ptr[octets.len - 1];
    l->column += octets.len;
}

void base64_lines_push(struct base64_lines *l, struct span octets)
{
    while (octets.len && !l->is_odd) {
        size_t length = span_find(octets, '\n');
        push_front(l, span_slice(octets, 0, length));
        if (length < octets.len)
            end_line(l);
        octets = span_slice(octets, length + 1, octets.len);
    }
}

size_t base64_lines_length(const struct base64_lines *l)
{
    struct base64_lines all = *l;
    look_at_length(&all, all.column);
    return all.is_odd || all.length % 4 ? 0 : all.length;
}

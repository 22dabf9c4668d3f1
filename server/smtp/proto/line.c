#include "smtp/proto/line.h"

void smtp_line_done(struct smtp_line *l)
{
    buf_done(&l->bytes);
}

static void restart(struct smtp_line *l)
{
    buf_clear(&l->bytes);
    l->is_complete = false;
    l->is_too_long = false;
}

enum smtp_line_result smtp_line_read(struct smtp_line *l, struct span *in, size_t max_bytes)
{
    if (l->is_complete)
        restart(l);
    size_t lf = span_find(*in, '\n');
    l->is_complete = lf < in->len;
    struct span piece = span_slice(*in, 0, lf + 1);
    *in = span_slice(*in, lf + 1, in->len);
    l->is_too_long |= piece.len > max_bytes - l->bytes.len;
    if (!l->is_too_long)
        buf_append(&l->bytes, piece);
    if (!l->is_complete)
        return SMTP_LINE_NEED_INPUT;
    return l->is_too_long ? SMTP_LINE_TOO_LONG : SMTP_LINE_READY;
}

bool smtp_line_ends_bare(const struct smtp_line *l)
{
    return l->bytes.len < 2 || l->bytes.ptr[l->bytes.len - 2] != '\r';
}

struct span smtp_line_text(const struct smtp_line *l)
{
    size_t end = l->bytes.len - (smtp_line_ends_bare(l) ? 1 : 2);
    while (end && (l->bytes.ptr[end - 1] == ' ' || l->bytes.ptr[end - 1] == '\t'))
        end--;
    return (struct span){ l->bytes.ptr, end };
}

#include "smtp/proto/line.h"

void smtp_line_wipe(struct smtp_line *l)
{
    buf_wipe(&l->bytes);
    *l = (struct smtp_line){ 0 };
}

/* As buf_append(), without leaving a copy behind when it grows. */
static void append(struct buf *b, struct span piece)
{
    if (piece.len > b->cap - b->len) {
        struct buf larger = { 0 };
        buf_reserve(&larger, b->len + piece.len + b->cap);
        buf_append(&larger, buf_span(b));
        buf_wipe(b);
        *b = larger;
    }
    buf_append(b, piece);
}

/* A buffer that one long line has made large is not kept for the small ones. */
static void restart(struct smtp_line *l)
{
    struct buf bytes = l->bytes;
    if (bytes.cap > SMTP_USUAL_LINE)
        buf_wipe(&bytes);
    buf_clear(&bytes);
    *l = (struct smtp_line){ .bytes = bytes };
}

static void take_piece(struct smtp_line *l, struct span piece, size_t max_bytes)
{
    size_t room = max_bytes - l->bytes.len;
    append(&l->bytes, span_slice(piece, 0, room));
    l->is_too_long |= piece.len > room;
    l->total_bytes += piece.len;
    for (size_t i = piece.len > 2 ? piece.len - 2 : 0; i < piece.len; i++) {
        l->ends_in_crlf = l->last == '\r' && piece.ptr[i] == '\n';
        l->last = piece.ptr[i];
    }
}

enum smtp_line_result smtp_line_read(struct smtp_line *l, struct span *in, size_t max_bytes)
{
    if (l->is_complete)
        restart(l);
    size_t lf = span_find(*in, '\n');
    l->is_complete = lf < in->len;
    take_piece(l, span_slice(*in, 0, lf + 1), max_bytes);
    *in = span_slice(*in, lf + 1, in->len);
    if (!l->is_complete)
        return SMTP_LINE_NEED_INPUT;
    return l->is_too_long ? SMTP_LINE_TOO_LONG : SMTP_LINE_READY;
}

bool smtp_line_ends_bare(const struct smtp_line *l)
{
    return !l->ends_in_crlf;
}

uint64_t smtp_line_size(const struct smtp_line *l)
{
    return l->total_bytes - (l->ends_in_crlf ? 2 : 1);
}

struct span smtp_line_octets(const struct smtp_line *l)
{
    struct span kept = buf_span(&l->bytes);
    uint64_t size = smtp_line_size(l);
    return size < kept.len ? span_slice(kept, 0, (size_t)size) : kept;
}

struct span smtp_line_text(const struct smtp_line *l)
{
    struct span text = smtp_line_octets(l);
    while (text.len && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

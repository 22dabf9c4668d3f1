#include "mail/tree.h"

#include "core/mem.h"
#include "mail/header.h"
#include "mail/lines.h"
#include "mail/message.h"
#include "mail/part.h"

#include <string.h>

/* DESIGN. GMime reads all that fields say. Where parts begin and end is found here, line by line
 * (RFC 2046 section 5.1): GMime's own parser keeps every field of every part and the text around
 * parts in memory, up to two hundred times their size, and does not tell where an embedded message
 * ends. Here the memory is a window, one header block and the results, whatever the message.
 *
 * Containers (multiparts and embedded messages) that are open form a stack. A line that is the
 * boundary of one of them ends all that was opened after it. */

struct container {
    size_t part;          /* its index */
    struct span boundary; /* empty when there is none, and after the closing one */
    const char *prefix;   /* of the numbers of its children */
    size_t children;
    bool is_multipart, is_digest;
};

enum { NO_PART = -1 };

struct cutter {
    struct arena *arena;
    struct mail *mail;
    struct lines lines;
    struct mail_part *parts; /* grows; the last one is being read */
    size_t count, room;
    struct container open[MAIL_MAX_DEPTH];
    size_t depth;
    struct buf header; /* the block being read, */
    uint64_t header_at;
    bool is_in_header;
    size_t header_bytes;  /* of all blocks together */
    int leaf;             /* the part whose body is being read, or NO_PART */
    size_t last_line_end; /* in octets; before a boundary it belongs to that */
    uint64_t whole_from;  /* where the body begins if the message is not taken apart */
};

/* ---- parts ---- */

static struct mail_part *last_part(struct cutter *c)
{
    return &c->parts[c->count - 1];
}

/* False: too many. */
static bool add_part(struct cutter *c, const char *type)
{
    if (c->count == MAIL_MAX_PARTS)
        return false;
    if (c->count == c->room) {
        c->room = c->room ? 2 * c->room : 4;
        c->parts = xrealloc(c->parts, c->room * sizeof(*c->parts));
    }
    c->parts[c->count++] = (struct mail_part){ .content_type = type, .depth = c->depth };
    return true;
}

static const struct container *innermost(const struct cutter *c)
{
    return c->depth ? &c->open[c->depth - 1] : NULL;
}

/* Whether it is all that a message consists of. */
static bool is_whole_body(const struct cutter *c)
{
    const struct container *in = innermost(c);
    return !in || !in->is_multipart;
}

/* A message's own multipart has no number in RFC 3501, and its children are counted as if it were
 * not there: it is "0", and "2.0" in the message "2". */
static void number_part(struct cutter *c, struct mail_part *part)
{
    const struct container *in = innermost(c);
    size_t ordinal = is_whole_body(c) ? !part_is_multipart(part) : in->children;
    part->number = arena_printf(c->arena, "%s%zu", in ? in->prefix : "", ordinal);
}

/* A multipart in which no boundary was found shows its body as text. */
static bool add_missing_child(struct cutter *c, const struct container *in)
{
    if (!add_part(c, "text/plain"))
        return false;
    struct mail_part *child = last_part(c);
    child->number = arena_printf(c->arena, "%s1", in->prefix);
    child->start = c->parts[in->part].start;
    child->end = c->parts[in->part].end;
    return true;
}

/* ---- containers ---- */

static const char *child_prefix(struct cutter *c, const struct mail_part *part)
{
    const struct container *in = innermost(c);
    if (part_is_multipart(part) && is_whole_body(c))
        return in ? in->prefix : "";
    return arena_printf(c->arena, "%s.", part->number);
}

/* False: too deep. */
static bool open_container(struct cutter *c, const char *boundary)
{
    if (c->depth == MAIL_MAX_DEPTH)
        return false;
    const struct mail_part *part = last_part(c);
    c->open[c->depth] = (struct container){
        .part = c->count - 1,
        .boundary = span_of(boundary),
        .prefix = child_prefix(c, part),
        .is_multipart = part_is_multipart(part),
        .is_digest = strcmp(part->content_type, "multipart/digest") == 0,
    };
    c->depth++;
    return true;
}

/* The empty line behind a header may belong to the boundary already. */
static void end_part(struct cutter *c, size_t index, uint64_t end)
{
    struct mail_part *part = &c->parts[index];
    part->end = end;
    if (part->start > end)
        part->start = end;
}

/* The closing boundary takes itself off the container. */
static void note_end(struct cutter *c, const struct container *top)
{
    if (top->is_multipart && top->boundary.len)
        c->parts[top->part].faults |=
            top->children ? MAIL_FAULT_NOT_CLOSED : MAIL_FAULT_BOUNDARY_UNUSED;
}

/* Closes the leaf and the containers above `depth`. */
static bool close_down_to(struct cutter *c, size_t depth, uint64_t end)
{
    if (c->leaf != NO_PART)
        end_part(c, (size_t)c->leaf, end);
    c->leaf = NO_PART;
    while (c->depth > depth) {
        const struct container *top = &c->open[c->depth - 1];
        end_part(c, top->part, end);
        note_end(c, top);
        if (top->is_multipart && top->children == 0 && !add_missing_child(c, top))
            return false;
        c->depth--;
    }
    return true;
}

/* ---- headers ---- */

static bool begin_part(struct cutter *c, const char *type, uint64_t at)
{
    if (!add_part(c, type))
        return false;
    buf_clear(&c->header);
    c->header_at = at;
    c->is_in_header = true;
    return true;
}

static bool begin_body(struct cutter *c, const char *boundary)
{
    struct mail_part *part = last_part(c);
    if (part_is_multipart(part) && !boundary)
        part->faults |= MAIL_FAULT_NO_BOUNDARY;
    if (part_is_multipart(part))
        return open_container(c, boundary);
    if (part_is_message(part))
        return open_container(c, NULL) && begin_part(c, "text/plain", part->start);
    c->leaf = (int)c->count - 1;
    return true;
}

/* `at` is where the body begins, unless lines that are no fields stand before it: behind the last
 * field they are text whose empty line is missing. */
static bool end_header(struct cutter *c, uint64_t at)
{
    struct span block = buf_span(&c->header);
    struct span fields = header_fields(block);
    struct mail_part *part = last_part(c);
    c->is_in_header = false;
    if (c->count == 1)
        message_read(fields, c->arena, c->mail);
    const char *boundary = part_read(fields, c->arena, part);
    number_part(c, part);
    size_t fields_end = block.len ? (size_t)(fields.ptr - block.ptr) + fields.len : 0;
    bool is_leaf = !part_is_multipart(part) && !part_is_message(part);
    part->start = is_leaf && fields_end < block.len ? c->header_at + fields_end : at;
    if (c->count == 1)
        c->whole_from = part->start;
    return begin_body(c, boundary);
}

/* A message without a body in a message without a body has no header left to end. */
static bool end_headers(struct cutter *c, uint64_t at)
{
    while (c->is_in_header)
        if (!end_header(c, at))
            return false;
    return true;
}

/* False: too long. */
static bool take_header_line(struct cutter *c, const struct line *line)
{
    if (line_is_empty(line))
        return end_header(c, line->at + line->text.len);
    c->header_bytes += line->text.len;
    if (c->header_bytes > MAIL_MAX_HEADER_BYTES)
        return false;
    buf_append(&c->header, line->text);
    return true;
}

/* ---- boundaries ---- */

/* The boundary, perhaps "--", then nothing but blanks. */
static bool is_boundary(struct span line, struct span boundary, bool *is_closing)
{
    line = span_slice(line, 2, line.len - line_end_size(line));
    if (boundary.len == 0 || !span_starts_with(line, boundary))
        return false;
    struct span rest = span_slice(line, boundary.len, line.len);
    *is_closing = span_starts_with(rest, SPAN("--"));
    return span_trim(span_slice(rest, *is_closing ? 2 : 0, rest.len)).len == 0;
}

/* The innermost open container whose boundary the line is; NULL if there is none. */
static struct container *find_boundary(struct cutter *c, const struct line *line, bool *is_closing)
{
    for (size_t i = c->depth; i > 0; i--)
        if (is_boundary(line->text, c->open[i - 1].boundary, is_closing))
            return &c->open[i - 1];
    return NULL;
}

static bool take_boundary(struct cutter *c, const struct line *line, struct container *of,
                          bool is_closing)
{
    size_t depth = (size_t)(of - c->open) + 1;
    if (!close_down_to(c, depth, line->at - c->last_line_end))
        return false;
    if (is_closing) {
        of->boundary = (struct span){ 0 };
        return true;
    }
    of->children++;
    return begin_part(c, of->is_digest ? "message/rfc822" : "text/plain",
                      line->at + line->text.len);
}

/* No field begins with "--": the empty line before it is missing, but it ends the header. */
static bool take_dashed_line(struct cutter *c, const struct line *line)
{
    bool is_closing = false;
    if (!end_headers(c, line->at))
        return false;
    struct container *of = find_boundary(c, line, &is_closing);
    return of ? take_boundary(c, line, of, is_closing) : true;
}

static bool take_line(struct cutter *c, const struct line *line)
{
    if (line_is_dashed(line))
        return take_dashed_line(c, line);
    return c->is_in_header ? take_header_line(c, line) : true;
}

/* ---- the whole ---- */

/* False: beyond the bounds. */
static bool cut(struct cutter *c)
{
    struct line line;
    bool within = begin_part(c, "text/plain", 0);
    while (within && lines_next(&c->lines, &line)) {
        within = take_line(c, &line);
        c->last_line_end = line_end_size(line.text);
    }
    return within && end_headers(c, c->lines.at) && close_down_to(c, 0, c->lines.at);
}

/* One part, shown as text, whatever the header says. */
static void leave_whole(struct cutter *c)
{
    if (c->count == 1 && c->is_in_header)
        message_read(header_fields(buf_span(&c->header)), c->arena, c->mail);
    c->count = 1;
    c->parts[0] = (struct mail_part){
        .number = "1",
        .content_type = "text/plain",
        .encoding = MAIL_8BIT,
        .start = c->whole_from,
        .end = c->lines.source->size,
        .faults = MAIL_FAULT_BOUNDS,
    };
}

void tree_read(const struct source *raw, struct arena *arena, struct mail *out)
{
    struct cutter c = { .arena = arena, .mail = out, .leaf = NO_PART };
    lines_init(&c.lines, raw);
    if (!cut(&c))
        leave_whole(&c);
    size_t size = c.count * sizeof(*c.parts);
    out->parts = memcpy(arena_alloc(arena, size), c.parts, size);
    out->part_count = c.count;
    free(c.parts);
    buf_done(&c.header);
}

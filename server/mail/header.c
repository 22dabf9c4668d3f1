#include "mail/header.h"

#include "core/buf.h"
#include "mail/lines.h"
#include "mail/value.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Without blanks and line ends at both ends. */
static struct span trim(struct span s)
{
    static const char white[] = " \t\r\n";
    while (s.len && memchr(white, s.ptr[s.len - 1], sizeof(white) - 1))
        s.len--;
    while (s.len && memchr(white, *s.ptr, sizeof(white) - 1))
        s = span_slice(s, 1, s.len);
    return s;
}

/* Up to and with the line end. */
static size_t line_size(struct span text)
{
    size_t at = span_find(text, '\n');
    return at < text.len ? at + 1 : at;
}

/* The first line and those that continue it. */
static size_t unit_size(struct span text)
{
    size_t size = line_size(text);
    while (size < text.len && is_blank(text.ptr[size]))
        size += line_size(span_slice(text, size, text.len));
    return size;
}

/* RFC 5322 section 2.2: a name is printable US-ASCII without colon; section 4.5.8 allows blanks
 * between it and the colon. */
static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return false;
    return s.len > 0;
}

static bool parse_field(struct span unit, struct field *out)
{
    size_t colon = span_find(unit, ':');
    struct span name = span_trim(span_slice(unit, 0, colon));
    if (colon == unit.len || !is_name(name))
        return false;
    *out = (struct field){ name, trim(span_slice(unit, colon + 1, unit.len)) };
    return true;
}

bool header_next(struct span *fields, struct field *out)
{
    struct span rest = *fields;
    while (rest.len) {
        size_t size = unit_size(rest);
        bool found = parse_field(span_slice(rest, 0, size), out);
        rest = span_slice(rest, size, rest.len);
        if (found) {
            *fields = rest;
            return true;
        }
    }
    return false;
}

static bool begins_with_field(struct span block)
{
    struct field field;
    return parse_field(span_slice(block, 0, unit_size(block)), &field);
}

static bool begins_with_mbox_line(struct span block)
{
    return span_starts_with(block, SPAN("From ")) || span_starts_with(block, SPAN(">From "));
}

struct span header_fields(struct span block)
{
    struct field field;
    if (begins_with_mbox_line(block) && !begins_with_field(block))
        block = span_slice(block, line_size(block), block.len);
    if (!begins_with_field(block))
        return span_slice(block, 0, 0);
    struct span rest = block;
    while (header_next(&rest, &field))
        ;
    return span_slice(block, 0, block.len - rest.len);
}

/* Collects the lines up to the one that ends the header, at most MAIL_MAX_HEADER_BYTES of them. */
static void read_block(const struct source *raw, struct buf *out)
{
    struct lines lines;
    struct line line;
    lines_init(&lines, raw);
    while (lines_next(&lines, &line)) {
        if (line_is_empty(&line) || line_is_dashed(&line))
            return;
        buf_append(out, span_slice(line.text, 0, MAIL_MAX_HEADER_BYTES - out->len));
        if (out->len == MAIL_MAX_HEADER_BYTES)
            return;
    }
}

static size_t count_fields(struct span fields)
{
    struct field field;
    size_t count = 0;
    while (count < MAIL_MAX_HEADER_FIELDS && header_next(&fields, &field))
        count++;
    return count;
}

/* The line that a field should begin with; NULL if all do. */
static const char *find_stray(struct arena *arena, struct span block)
{
    struct field field;
    while (block.len) {
        size_t size = unit_size(block);
        if (!parse_field(span_slice(block, 0, size), &field))
            return value_raw(arena, trim(span_slice(block, 0, line_size(block))));
        block = span_slice(block, size, block.len);
    }
    return NULL;
}

size_t header_list(const struct source *raw, struct arena *arena, struct mail_header **out,
                   const char **stray)
{
    struct buf block AUTO(buf_done) = { 0 };
    read_block(raw, &block);
    *stray = find_stray(arena, buf_span(&block));
    struct span fields = header_fields(buf_span(&block));
    size_t count = count_fields(fields);
    struct mail_header *headers = arena_alloc(arena, count * sizeof(*headers));
    struct field field;
    for (size_t i = 0; i < count && header_next(&fields, &field); i++)
        headers[i] = (struct mail_header){
            .name = arena_copy(arena, field.name),
            .value = value_text(arena, field.value),
            .raw = value_raw(arena, field.value),
        };
    *out = headers;
    return count;
}

size_t mail_headers(const struct source *raw, struct arena *arena, struct mail_header **out)
{
    const char *stray;
    return header_list(raw, arena, out, &stray);
}

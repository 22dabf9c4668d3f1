#include "mail/part.h"

#include "mail/charset.h"
#include "mail/header.h"
#include "mail/plain_type.h"
#include "mail/value.h"

#include <string.h>

struct reading {
    struct arena *arena;
    struct mail_part *part;
    const char *boundary;
    const char *name; /* of the file, by the content type */
    unsigned seen;    /* a bit for each row of readers[] */
};

static void lower(char *text)
{
    for (; *text; text++)
        *text = g_ascii_tolower(*text);
}

/* RFC 2183 section 2.3: of a path, only the last component counts. */
static const char *file_name(struct arena *arena, const char *given)
{
    if (!given)
        return NULL;
    const char *name = given;
    for (const char *c = given; *c; c++)
        if (*c == '/' || *c == '\\')
            name = c + 1;
    bool is_name = *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
    return is_name ? value_clean(arena, name) : NULL;
}

static const char *usable_boundary(struct arena *arena, const char *given)
{
    struct span boundary = span_trim(span_of(given));
    return boundary.len ? arena_copy(arena, boundary) : NULL;
}

static bool is_type(const char *text)
{
    size_t type = strcspn(text, " /;");
    return type > 0 && text[type] == '/' && !strchr(" /;", text[type + 1]);
}

/* RFC 2047 section 5 (3): RFC 2231 is for parameters. */
static void note_encoded_word(struct reading *r, const char *flat)
{
    if (strstr(flat, "=?"))
        r->part->faults |= MAIL_FAULT_ENCODED_PARAMETER;
}

static void note_charset(struct mail_part *part)
{
    if (part->charset && !charset_canonical(span_of(part->charset)) &&
        !span_ieq(span_of(part->charset), SPAN("us-ascii")))
        part->faults |= MAIL_FAULT_CHARSET;
}

static void set_type(struct reading *r, const char *type, const char *charset, const char *boundary,
                     const char *name)
{
    r->part->content_type = type;
    r->part->charset = charset;
    note_charset(r->part);
    r->boundary = usable_boundary(r->arena, boundary);
    r->name = file_name(r->arena, name);
}

/* RFC 2045 section 5.2 takes what it cannot read for plain text. */
static void read_odd_type(struct reading *r, struct span value)
{
    char *flat AUTO(free_ptr) = value_parameters(value);
    if (!is_type(flat)) {
        r->part->faults |= MAIL_FAULT_TYPE;
        return;
    }
    note_encoded_word(r, flat);
    GMimeContentType *type = g_mime_content_type_parse(value_options(), flat);
    char *name = arena_printf(r->arena, "%s/%s", g_mime_content_type_get_media_type(type),
                              g_mime_content_type_get_media_subtype(type));
    lower(name);
    set_type(r, value_clean(r->arena, name),
             value_clean(r->arena, g_mime_content_type_get_parameter(type, "charset")),
             g_mime_content_type_get_parameter(type, "boundary"),
             g_mime_content_type_get_parameter(type, "name"));
    g_object_unref(type);
}

static void read_type(struct reading *r, struct span value)
{
    struct plain_type plain;
    if (plain_type_read(value, r->arena, &plain))
        set_type(r, plain.type, plain.charset, plain.boundary, plain.name);
    else
        read_odd_type(r, value);
}

static const enum mail_encoding encodings[] = {
    [GMIME_CONTENT_ENCODING_DEFAULT] = MAIL_7BIT,
    [GMIME_CONTENT_ENCODING_7BIT] = MAIL_7BIT,
    [GMIME_CONTENT_ENCODING_8BIT] = MAIL_8BIT,
    [GMIME_CONTENT_ENCODING_BINARY] = MAIL_BINARY,
    [GMIME_CONTENT_ENCODING_BASE64] = MAIL_BASE64,
    [GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE] = MAIL_QUOTED_PRINTABLE,
    [GMIME_CONTENT_ENCODING_UUENCODE] = MAIL_UUENCODE,
};

/* One word; what some senders put behind it is of no meaning. */
static void read_encoding(struct reading *r, struct span value)
{
    char *flat AUTO(free_ptr) = value_flat(value);
    flat[strcspn(flat, " \t;(,\"")] = '\0';
    GMimeContentEncoding known = g_mime_content_encoding_from_string(flat);
    r->part->encoding = encodings[known];
    if (known == GMIME_CONTENT_ENCODING_DEFAULT)
        r->part->faults |= MAIL_FAULT_ENCODING;
}

static void read_disposition(struct reading *r, struct span value)
{
    char *flat AUTO(free_ptr) = value_parameters(value);
    GMimeContentDisposition *d = g_mime_content_disposition_parse(value_options(), flat);
    note_encoded_word(r, flat);
    char *kind = arena_strdup(r->arena, g_mime_content_disposition_get_disposition(d));
    kind[strcspn(kind, " \t=;\"")] = '\0';
    lower(kind);
    r->part->disposition = *kind ? value_clean(r->arena, kind) : NULL;
    r->part->filename =
        file_name(r->arena, g_mime_content_disposition_get_parameter(d, "filename"));
    g_object_unref(d);
}

static void read_id(struct reading *r, struct span value)
{
    r->part->content_id = value_id(r->arena, value);
}

static const struct {
    const char *name;
    void (*read)(struct reading *r, struct span value);
} readers[] = {
    { "Content-Type", read_type },
    { "Content-Transfer-Encoding", read_encoding },
    { "Content-Disposition", read_disposition },
    { "Content-ID", read_id },
};

/* Of a field that stands there twice, the first counts. */
static void read_field(struct reading *r, const struct field *field)
{
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        if (!(r->seen & 1U << i) && span_ieq(field->name, span_of(readers[i].name))) {
            readers[i].read(r, field->value);
            r->seen |= 1U << i;
        }
}

const char *part_read(struct span fields, struct arena *arena, struct mail_part *part)
{
    struct reading r = { .arena = arena, .part = part };
    struct field field;
    while (header_next(&fields, &field))
        read_field(&r, &field);
    if (!part->filename)
        part->filename = r.name;
    if (part->encoding >= MAIL_QUOTED_PRINTABLE &&
        (part_is_multipart(part) || strncmp(part->content_type, "message/", 8) == 0))
        part->faults |= MAIL_FAULT_ENCODED_CONTAINER;
    return part_is_multipart(part) ? r.boundary : NULL;
}

bool part_is_multipart(const struct mail_part *part)
{
    return span_starts_with(span_of(part->content_type), SPAN("multipart/"));
}

bool part_is_message(const struct mail_part *part)
{
    static const char *const types[] = { "message/rfc822", "message/rfc2822", "message/global",
                                         "message/news" };
    if (part->encoding == MAIL_BASE64 || part->encoding == MAIL_QUOTED_PRINTABLE ||
        part->encoding == MAIL_UUENCODE)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(part->content_type, types[i]) == 0)
            return true;
    return false;
}

size_t part_end(const struct mail *m, size_t index)
{
    size_t end = index + 1;
    while (end < m->part_count && m->parts[end].depth > m->parts[index].depth)
        end++;
    return end;
}

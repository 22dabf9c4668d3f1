#include "store/record.h"

#include "core/utf8.h"

#include <jansson.h>
#include <string.h>

#define ADDRESSES_AT(m, list) ((struct mail_addresses *)(void *)((char *)(m) + (list)->offset))

/* clang-format off */
static const struct address_list {
    const char *key;
    size_t offset;
} address_lists[] = {
    { "from",     offsetof(struct mail, from) },
    { "sender",   offsetof(struct mail, sender) },
    { "reply_to", offsetof(struct mail, reply_to) },
    { "to",       offsetof(struct mail, to) },
    { "cc",       offsetof(struct mail, cc) },
    { "bcc",      offsetof(struct mail, bcc) },
};

enum part_field_type { FIELD_TEXT, FIELD_DIGEST, FIELD_SIZE, FIELD_U64, FIELD_BOOL, FIELD_ENCODING };

/* Fields that are empty, zero or false are left out. */
static const struct part_field {
    const char *key;
    enum part_field_type type;
    size_t offset;
} part_fields[] = {
    { "number",        FIELD_TEXT,     offsetof(struct mail_part, number) },
    { "content_type",  FIELD_TEXT,     offsetof(struct mail_part, content_type) },
    { "charset",       FIELD_TEXT,     offsetof(struct mail_part, charset) },
    { "encoding",      FIELD_ENCODING, offsetof(struct mail_part, encoding) },
    { "filename",      FIELD_TEXT,     offsetof(struct mail_part, filename) },
    { "content_id",    FIELD_TEXT,     offsetof(struct mail_part, content_id) },
    { "disposition",   FIELD_TEXT,     offsetof(struct mail_part, disposition) },
    { "depth",         FIELD_SIZE,     offsetof(struct mail_part, depth) },
    { "start",         FIELD_U64,      offsetof(struct mail_part, start) },
    { "end",           FIELD_U64,      offsetof(struct mail_part, end) },
    { "size",          FIELD_U64,      offsetof(struct mail_part, size) },
    { "sha256",        FIELD_DIGEST,   offsetof(struct mail_part, sha256) },
    { "is_attachment", FIELD_BOOL,     offsetof(struct mail_part, is_attachment) },
};
/* clang-format on */

/* As in Content-Transfer-Encoding. */
static const char *const encodings[] = {
    [MAIL_7BIT] = "7bit",     [MAIL_8BIT] = "8bit",
    [MAIL_BINARY] = "binary", [MAIL_QUOTED_PRINTABLE] = "quoted-printable",
    [MAIL_BASE64] = "base64", [MAIL_UUENCODE] = "x-uuencode",
};

/* ---- writing ---- */

/* What comes from SMTP may be any octets; jansson and people expect text. */
static const char *clean(struct arena *arena, const char *text)
{
    struct span bytes = span_of(text);
    if (!text || utf8_is_valid(bytes))
        return text;
    struct buf scrubbed AUTO(buf_done) = { 0 };
    utf8_scrub(&scrubbed, bytes);
    return arena_copy(arena, buf_span(&scrubbed));
}

static int append_to_buf(const char *bytes, size_t len, void *arg)
{
    buf_append(arg, (struct span){ bytes, len });
    return 0;
}

/* Takes `json`. */
static const char *json_text(struct arena *arena, json_t *json)
{
    struct buf text AUTO(buf_done) = { 0 };
    json_dump_callback(json, append_to_buf, &text, JSON_COMPACT);
    json_decref(json);
    return arena_copy(arena, buf_span(&text));
}

static json_t *recipients_json(struct arena *arena, const struct store_envelope *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->recipient_count; i++) {
        const struct store_recipient *r = &e->recipients[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s*, s:s*}", "address", clean(arena, r->address), "notify",
                            clean(arena, r->notify), "orcpt", clean(arena, r->orcpt)));
    }
    return list;
}

/* NULL if there are none, as with most messages. */
static const char *tags_text(struct arena *arena, const struct store_message *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->tag_count; i++)
        json_array_append_new(list, json_string(clean(arena, m->tags[i])));
    if (m->tag_count)
        return json_text(arena, list);
    json_decref(list);
    return NULL;
}

static const char *warnings_text(struct arena *arena, const struct store_message *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->warning_count; i++) {
        const struct store_warning *w = &m->warnings[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "code", clean(arena, w->code),
                                              "detail", clean(arena, w->detail), "reference",
                                              clean(arena, w->reference)));
    }
    if (m->warning_count)
        return json_text(arena, list);
    json_decref(list);
    return NULL;
}

static json_t *address_list_json(struct arena *arena, const struct mail_addresses *list)
{
    json_t *items = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(items, json_pack("{ssss}", "name", clean(arena, list->items[i].name),
                                               "address", clean(arena, list->items[i].address)));
    return items;
}

static json_t *addresses_json(struct arena *arena, const struct mail *m)
{
    json_t *lists = json_object();
    for (size_t i = 0; i < ARRAY_LEN(address_lists); i++) {
        const struct mail_addresses *list = ADDRESSES_AT(m, &address_lists[i]);
        if (list->count)
            json_object_set_new(lists, address_lists[i].key, address_list_json(arena, list));
    }
    return lists;
}

static json_t *text_json(struct arena *arena, const char *text)
{
    return text && *text ? json_string(clean(arena, text)) : NULL;
}

static json_t *number_json(uint64_t number)
{
    return number ? json_integer((json_int_t)number) : NULL;
}

/* NULL: left out. */
static json_t *part_field_json(struct arena *arena, const struct part_field *f, const void *at)
{
    switch (f->type) {
    case FIELD_TEXT: return text_json(arena, *(const char *const *)at);
    case FIELD_DIGEST: return text_json(arena, at);
    case FIELD_SIZE: return number_json(*(const size_t *)at);
    case FIELD_U64: return number_json(*(const uint64_t *)at);
    case FIELD_BOOL: return *(const bool *)at ? json_true() : NULL;
    case FIELD_ENCODING: return json_string(encodings[*(const enum mail_encoding *)at]);
    }
    return NULL;
}

static json_t *part_json(struct arena *arena, const struct mail_part *part)
{
    json_t *json = json_object();
    for (size_t i = 0; i < ARRAY_LEN(part_fields); i++) {
        const struct part_field *f = &part_fields[i];
        json_t *value = part_field_json(arena, f, (const char *)part + f->offset);
        if (value)
            json_object_set_new(json, f->key, value);
    }
    return json;
}

static json_t *parts_json(struct arena *arena, const struct mail *m)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < m->part_count; i++)
        json_array_append_new(parts, part_json(arena, &m->parts[i]));
    return parts;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

void record_write(const struct store_message *m, struct arena *arena, struct record *out)
{
    *out = (struct record){
        .envelope_from = or_empty(clean(arena, m->envelope.from)),
        .recipients = json_text(arena, recipients_json(arena, &m->envelope)),
        .body = clean(arena, m->envelope.body),
        .ret = clean(arena, m->envelope.ret),
        .envid = clean(arena, m->envelope.envid),
        .client_ip = or_empty(clean(arena, m->client.ip)),
        .client_helo = or_empty(clean(arena, m->client.helo)),
        .client_tls = clean(arena, m->client.tls),
        .client_cipher = clean(arena, m->client.cipher),
        .client_username = clean(arena, m->client.username),
        .subject = or_empty(clean(arena, m->mail.subject)),
        .message_id = or_empty(clean(arena, m->mail.message_id)),
        .preview = or_empty(clean(arena, m->mail.preview)),
        .addresses = json_text(arena, addresses_json(arena, &m->mail)),
        .tags = tags_text(arena, m),
        .warnings = warnings_text(arena, m),
        .parts = json_text(arena, parts_json(arena, &m->mail)),
    };
}

/* ---- reading ---- */

/* NULL becomes an empty value of no type, on which jansson's getters find nothing. */
static json_t *parse(const char *text)
{
    json_t *json = json_loads(or_empty(text), 0, NULL);
    return json ? json : json_null();
}

/* "" where there is none. */
static const char *member_text(struct arena *arena, const json_t *object, const char *key)
{
    return arena_strdup(arena, or_empty(json_string_value(json_object_get(object, key))));
}

static const char *member_or_null(struct arena *arena, const json_t *object, const char *key)
{
    return arena_strdup(arena, json_string_value(json_object_get(object, key)));
}

static void read_recipients(const char *text, struct arena *arena, struct store_envelope *e)
{
    json_auto_t *list = parse(text);
    e->recipient_count = json_array_size(list);
    e->recipients = arena_alloc(arena, e->recipient_count * sizeof(*e->recipients));
    for (size_t i = 0; i < e->recipient_count; i++) {
        const json_t *item = json_array_get(list, i);
        e->recipients[i] = (struct store_recipient){
            .address = member_text(arena, item, "address"),
            .notify = member_or_null(arena, item, "notify"),
            .orcpt = member_or_null(arena, item, "orcpt"),
        };
    }
}

static void read_tags(const char *text, struct arena *arena, struct store_message *m)
{
    json_auto_t *list = parse(text);
    m->tag_count = json_array_size(list);
    m->tags = arena_alloc(arena, m->tag_count * sizeof(*m->tags));
    for (size_t i = 0; i < m->tag_count; i++)
        m->tags[i] = arena_strdup(arena, or_empty(json_string_value(json_array_get(list, i))));
}

static void read_warnings(const char *text, struct arena *arena, struct store_message *m)
{
    json_auto_t *list = parse(text);
    m->warning_count = json_array_size(list);
    m->warnings = arena_alloc(arena, m->warning_count * sizeof(*m->warnings));
    for (size_t i = 0; i < m->warning_count; i++) {
        const json_t *item = json_array_get(list, i);
        m->warnings[i] = (struct store_warning){
            .code = member_text(arena, item, "code"),
            .detail = member_text(arena, item, "detail"),
            .reference = member_text(arena, item, "reference"),
        };
    }
}

static void read_address_list(const json_t *items, struct arena *arena, struct mail_addresses *list)
{
    list->count = json_array_size(items);
    list->items = arena_alloc(arena, list->count * sizeof(*list->items));
    for (size_t i = 0; i < list->count; i++) {
        const json_t *item = json_array_get(items, i);
        list->items[i].name = member_text(arena, item, "name");
        list->items[i].address = member_text(arena, item, "address");
    }
}

static void read_addresses(const char *text, struct arena *arena, struct mail *m)
{
    json_auto_t *lists = parse(text);
    for (size_t i = 0; i < ARRAY_LEN(address_lists); i++)
        read_address_list(json_object_get(lists, address_lists[i].key), arena,
                          ADDRESSES_AT(m, &address_lists[i]));
}

static enum mail_encoding encoding_of(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(encodings); i++)
        if (strcmp(encodings[i], name) == 0)
            return (enum mail_encoding)i;
    return MAIL_7BIT;
}

static void read_digest(const char *text, char *out)
{
    struct span digest = span_slice(span_of(text), 0, sizeof((struct mail_part){ 0 }.sha256) - 1);
    if (digest.len)
        memcpy(out, digest.ptr, digest.len);
}

static void read_part_field(const json_t *value, struct arena *arena, const struct part_field *f,
                            void *at)
{
    switch (f->type) {
    case FIELD_TEXT: *(const char **)at = arena_strdup(arena, json_string_value(value)); return;
    case FIELD_DIGEST: read_digest(json_string_value(value), at); return;
    case FIELD_SIZE: *(size_t *)at = (size_t)json_integer_value(value); return;
    case FIELD_U64: *(uint64_t *)at = (uint64_t)json_integer_value(value); return;
    case FIELD_BOOL: *(bool *)at = json_is_true(value); return;
    case FIELD_ENCODING: *(enum mail_encoding *)at = encoding_of(json_string_value(value)); return;
    }
}

static void read_parts(const char *text, struct arena *arena, struct mail *m)
{
    json_auto_t *parts = parse(text);
    m->part_count = json_array_size(parts);
    m->parts = arena_alloc(arena, m->part_count * sizeof(*m->parts));
    for (size_t p = 0; p < m->part_count; p++)
        for (size_t i = 0; i < ARRAY_LEN(part_fields); i++) {
            const struct part_field *f = &part_fields[i];
            read_part_field(json_object_get(json_array_get(parts, p), f->key), arena, f,
                            (char *)&m->parts[p] + f->offset);
        }
}

void record_read(const struct record *r, struct arena *arena, struct store_message *m)
{
    m->envelope.from = arena_strdup(arena, or_empty(r->envelope_from));
    m->envelope.body = arena_strdup(arena, r->body);
    m->envelope.ret = arena_strdup(arena, r->ret);
    m->envelope.envid = arena_strdup(arena, r->envid);
    m->client.ip = arena_strdup(arena, or_empty(r->client_ip));
    m->client.helo = arena_strdup(arena, or_empty(r->client_helo));
    m->client.tls = arena_strdup(arena, r->client_tls);
    m->client.cipher = arena_strdup(arena, r->client_cipher);
    m->client.username = arena_strdup(arena, r->client_username);
    m->mail.subject = arena_strdup(arena, or_empty(r->subject));
    m->mail.message_id = arena_strdup(arena, or_empty(r->message_id));
    m->mail.preview = arena_strdup(arena, or_empty(r->preview));
    read_recipients(r->recipients, arena, &m->envelope);
    read_addresses(r->addresses, arena, &m->mail);
    if (r->tags)
        read_tags(r->tags, arena, m);
    if (r->warnings)
        read_warnings(r->warnings, arena, m);
    read_parts(r->parts, arena, &m->mail);
}

#include "store/record.h"

#include "core/json_text.h"
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
    { "line_length",   FIELD_SIZE,     offsetof(struct mail_part, line_length) },
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

static const char *const outcomes[STORE_OUTCOME_COUNT] = {
    [STORE_QUIT] = "quit",       [STORE_DROPPED] = "dropped",       [STORE_TIMEOUT] = "timeout",
    [STORE_REFUSED] = "refused", [STORE_TLS_FAILED] = "tls_failed", [STORE_SHUTDOWN] = "shutdown",
};

const char *store_outcome_name(enum store_outcome outcome)
{
    return outcomes[outcome];
}

/* ---- writing ---- */

/* What comes from SMTP may be any octets; people expect text. */
static const char *clean(struct arena *arena, const char *text)
{
    struct span bytes = span_of(text);
    if (!text || utf8_is_valid(bytes))
        return text;
    struct buf scrubbed AUTO(buf_done) = { 0 };
    utf8_scrub(&scrubbed, bytes);
    return arena_copy(arena, buf_span(&scrubbed));
}

static void put_member(struct buf *out, const char *key, const char *text)
{
    json_text_key(out, key);
    json_text_put(out, span_of(text));
}

static void put_optional(struct buf *out, const char *key, const char *text)
{
    if (text)
        put_member(out, key, text);
}

static void put_recipients(struct buf *out, const struct store_envelope *e)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < e->recipient_count; i++) {
        json_text_next(out);
        buf_putc(out, '{');
        put_member(out, "address", e->recipients[i].address);
        put_optional(out, "notify", e->recipients[i].notify);
        put_optional(out, "orcpt", e->recipients[i].orcpt);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void put_tags(struct buf *out, const struct store_message *m)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < m->tag_count; i++) {
        json_text_next(out);
        json_text_put(out, span_of(m->tags[i]));
    }
    buf_putc(out, ']');
}

static void put_warnings(struct buf *out, const struct store_warning *items, size_t count)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        json_text_next(out);
        buf_putc(out, '{');
        put_member(out, "code", items[i].code);
        put_member(out, "detail", items[i].detail);
        put_member(out, "reference", items[i].reference);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void put_address_list(struct buf *out, const struct mail_addresses *list)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        json_text_next(out);
        buf_putc(out, '{');
        put_member(out, "name", list->items[i].name);
        put_member(out, "address", list->items[i].address);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void put_addresses(struct buf *out, const struct mail *m)
{
    buf_putc(out, '{');
    for (size_t i = 0; i < ARRAY_LEN(address_lists); i++) {
        const struct mail_addresses *list = ADDRESSES_AT(m, &address_lists[i]);
        if (list->count == 0)
            continue;
        json_text_key(out, address_lists[i].key);
        put_address_list(out, list);
    }
    buf_putc(out, '}');
}

static void put_text(struct buf *out, const char *key, const char *text)
{
    if (text && *text)
        put_member(out, key, text);
}

static void put_number(struct buf *out, const char *key, uint64_t number)
{
    if (number == 0)
        return;
    json_text_key(out, key);
    buf_put_u64(out, number);
}

static void put_true(struct buf *out, const char *key, bool is_true)
{
    if (!is_true)
        return;
    json_text_key(out, key);
    buf_append(out, SPAN("true"));
}

static void put_part_field(struct buf *out, const struct part_field *f, const void *at)
{
    switch (f->type) {
    case FIELD_TEXT: put_text(out, f->key, *(const char *const *)at); return;
    case FIELD_DIGEST: put_text(out, f->key, at); return;
    case FIELD_SIZE: put_number(out, f->key, *(const size_t *)at); return;
    case FIELD_U64: put_number(out, f->key, *(const uint64_t *)at); return;
    case FIELD_BOOL: put_true(out, f->key, *(const bool *)at); return;
    case FIELD_ENCODING: put_text(out, f->key, encodings[*(const enum mail_encoding *)at]); return;
    }
}

static void put_parts(struct buf *out, const struct mail *m)
{
    buf_putc(out, '[');
    for (size_t p = 0; p < m->part_count; p++) {
        json_text_next(out);
        buf_putc(out, '{');
        for (size_t i = 0; i < ARRAY_LEN(part_fields); i++)
            put_part_field(out, &part_fields[i],
                           (const char *)&m->parts[p] + part_fields[i].offset);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

/* Moves the text to the arena. */
static const char *take(struct arena *arena, struct buf *text)
{
    const char *kept = arena_copy(arena, buf_span(text));
    buf_clear(text);
    return kept;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

void record_write(const struct store_message *m, struct arena *arena, struct record *out)
{
    struct buf json AUTO(buf_done) = { 0 };
    *out = (struct record){
        .envelope_from = or_empty(clean(arena, m->envelope.from)),
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
    };
    put_recipients(&json, &m->envelope);
    out->recipients = take(arena, &json);
    put_addresses(&json, &m->mail);
    out->addresses = take(arena, &json);
    put_parts(&json, &m->mail);
    out->parts = take(arena, &json);
    if (m->tag_count) { /* few messages have any */
        put_tags(&json, m);
        out->tags = take(arena, &json);
    }
    if (m->warning_count) {
        put_warnings(&json, m->warnings, m->warning_count);
        out->warnings = take(arena, &json);
    }
}

void record_write_session(const struct store_session *s, struct arena *arena,
                          struct session_record *out)
{
    *out = (struct session_record){
        .client_ip = or_empty(clean(arena, s->client.ip)),
        .client_helo = or_empty(clean(arena, s->client.helo)),
        .client_tls = clean(arena, s->client.tls),
        .client_cipher = clean(arena, s->client.cipher),
        .client_username = clean(arena, s->client.username),
        .refused_command = clean(arena, s->refusal.command),
        .refused_reply = clean(arena, s->refusal.reply),
    };
    if (s->warning_count == 0)
        return;
    struct buf json AUTO(buf_done) = { 0 };
    put_warnings(&json, s->warnings, s->warning_count);
    out->warnings = take(arena, &json);
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

/* Returns how many there are. */
static size_t read_warnings(const char *text, struct arena *arena, struct store_warning **out)
{
    json_auto_t *list = parse(text);
    size_t count = json_array_size(list);
    struct store_warning *items = arena_alloc(arena, count * sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        items[i] = (struct store_warning){
            .code = member_text(arena, item, "code"),
            .detail = member_text(arena, item, "detail"),
            .reference = member_text(arena, item, "reference"),
        };
    }
    *out = items;
    return count;
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

static int part_index(const struct mail *m, int index)
{
    return index >= 0 && (size_t)index < m->part_count ? index : -1;
}

/* What mail.h promises, also of rows that are damaged. */
static void make_sound(struct mail *m)
{
    for (size_t i = 0; i < m->part_count; i++) {
        m->parts[i].number = or_empty(m->parts[i].number);
        if (!m->parts[i].content_type)
            m->parts[i].content_type = "text/plain";
    }
    m->text_part = part_index(m, m->text_part);
    m->html_part = part_index(m, m->html_part);
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
        m->warning_count = read_warnings(r->warnings, arena, &m->warnings);
    read_parts(r->parts, arena, &m->mail);
    make_sound(&m->mail);
}

/* NULL and what is unknown is no outcome. */
enum store_outcome record_outcome(const char *name)
{
    for (enum store_outcome i = 0; name && i < STORE_OUTCOME_COUNT; i++)
        if (outcomes[i] && strcmp(outcomes[i], name) == 0)
            return i;
    return STORE_OPEN;
}

void record_read_session(const struct session_record *r, struct arena *arena,
                         struct store_session *s)
{
    s->client.ip = arena_strdup(arena, or_empty(r->client_ip));
    s->client.helo = arena_strdup(arena, or_empty(r->client_helo));
    s->client.tls = arena_strdup(arena, r->client_tls);
    s->client.cipher = arena_strdup(arena, r->client_cipher);
    s->client.username = arena_strdup(arena, r->client_username);
    s->refusal.command = arena_strdup(arena, r->refused_command);
    s->refusal.reply = arena_strdup(arena, r->refused_reply);
    if (r->warnings)
        s->warning_count = read_warnings(r->warnings, arena, &s->warnings);
}

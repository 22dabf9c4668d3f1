#include "api/draft.h"

#include "core/base64.h"
#include "mail/compose.h"

#include <string.h>
#include <strings.h>

enum {
    SUBJECT_MAX = 4096,
    FIELDS_MAX = 100,
    FIELD_NAME_MAX = 64,
    FIELD_VALUE_MAX = 4096,
    ATTACHMENTS_MAX = 100,
};

struct draft_body {
    const json_t *from, *to, *cc, *bcc, *reply_to, *headers, *attachments;
    const char *subject, *text, *html;
};

#define IN_BODY(member) offsetof(struct draft_body, member)

/* clang-format off */
const struct http_field draft_body[] = {
    { "message/rfc822", HTTP_RAW, 0, 0, 0 },
    { "from",        HTTP_JSON, IN_BODY(from),        0, 0 },
    { "to",          HTTP_JSON, IN_BODY(to),          0, 0 },
    { "cc",          HTTP_JSON, IN_BODY(cc),          0, 0 },
    { "bcc",         HTTP_JSON, IN_BODY(bcc),         0, 0 },
    { "reply_to",    HTTP_JSON, IN_BODY(reply_to),    0, 0 },
    { "subject",     HTTP_TEXT, IN_BODY(subject),     0, SUBJECT_MAX },
    { "text",        HTTP_TEXT, IN_BODY(text),        0, HTTP_MAX_BODY },
    { "html",        HTTP_TEXT, IN_BODY(html),        0, HTTP_MAX_BODY },
    { "headers",     HTTP_JSON, IN_BODY(headers),     0, 0 },
    { "attachments", HTTP_JSON, IN_BODY(attachments), 0, 0 },
    { 0 },
};
/* clang-format on */

/* Of one request. What cannot be is said in `problem`. */
struct drafting {
    struct http_request *request;
    struct http_response problem; /* status 0: none yet */
};

static bool fail(struct drafting *d, struct http_response problem)
{
    d->problem = problem;
    return false;
}

/* ---- its members ---- */

/* It becomes part of a header line. */
static bool is_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

bool draft_is_address(const char *text)
{
    return *text && strlen(text) <= DRAFT_ADDRESS_MAX && is_line(text) && !strpbrk(text, " <>,;");
}

/* "ann@b.test", or {"name", "address"}. */
static bool read_address(const json_t *json, struct mail_address *out)
{
    const json_t *name = json_object_get(json, "name");
    const json_t *address = json_is_object(json) ? json_object_get(json, "address") : json;
    size_t members = 1 + (name != NULL);
    if (json_is_object(json) && json_object_size(json) != members)
        return false;
    *out = (struct mail_address){ name ? json_string_value(name) : "", json_string_value(address) };
    return out->name && out->address && strlen(out->name) <= SUBJECT_MAX && is_line(out->name) &&
           draft_is_address(out->address);
}

/* One, or an array of them. */
static bool read_addresses(struct drafting *d, const char *field, const json_t *json,
                           struct mail_addresses *out)
{
    size_t count = json_is_array(json) ? json_array_size(json) : json ? 1 : 0;
    bool is_well = count <= DRAFT_ADDRESSES_MAX;
    out->items = arena_alloc(&d->request->arena, (count + 1) * sizeof(*out->items));
    for (size_t i = 0; is_well && i < count; i++)
        is_well = read_address(json_is_array(json) ? json_array_get(json, i) : json,
                               &out->items[out->count++]);
    return is_well ||
           fail(d, http_field_problem(400, field,
                                      "must be an address, {\"name\", \"address\"}, or an array "
                                      "of at most %d of them",
                                      DRAFT_ADDRESSES_MAX));
}

/* RFC 5322 section 2.2; what makes up the message is not for `headers` to say. */
static bool is_free_name(const char *name)
{
    static const char *const made[] = { "from",     "to",      "cc",          "bcc",
                                        "reply-to", "subject", "mime-version" };
    size_t len = strlen(name);
    if (len == 0 || len > FIELD_NAME_MAX || strncasecmp(name, "content-", 8) == 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(made); i++)
        if (strcasecmp(name, made[i]) == 0)
            return false;
    for (size_t i = 0; i < len; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == ':')
            return false;
    return true;
}

static bool read_headers(struct drafting *d, const json_t *json, struct mail_draft *draft)
{
    size_t count = json_object_size(json);
    struct mail_field *fields = arena_alloc(&d->request->arena, (count + 1) * sizeof(*fields));
    const char *name;
    json_t *value;
    bool is_well = !json || (json_is_object(json) && count <= FIELDS_MAX);
    json_object_foreach((json_t *)json, name, value) /* the iterator takes no const */
    {
        const char *text = json_string_value(value);
        is_well = is_well && is_free_name(name) && text && strlen(text) <= FIELD_VALUE_MAX &&
                  is_line(text);
        if (is_well)
            fields[draft->field_count++] = (struct mail_field){ name, text };
    }
    draft->fields = fields;
    return is_well ||
           fail(d, http_field_problem(400, "headers",
                                      "must be an object of at most %d texts without control "
                                      "characters, whose names are header fields that this "
                                      "resource has no field for",
                                      FIELDS_MAX));
}

static const char *text_member(const json_t *json, const char *name, bool *is_well)
{
    const json_t *member = json_object_get(json, name);
    const char *text = json_string_value(member);
    if (member && (!text || !is_line(text) || strlen(text) > SUBJECT_MAX))
        *is_well = false;
    return text;
}

static bool read_attachment(struct drafting *d, const json_t *json, struct mail_attachment *out)
{
    static const char *const known[] = { "filename", "content_type", "content_id", "inline",
                                         "content" };
    const json_t *is_inline = json_object_get(json, "inline");
    const json_t *content = json_object_get(json, "content");
    bool is_well = json_is_object(json) && json_is_string(content) &&
                   (!is_inline || json_is_boolean(is_inline));
    size_t members = 0, len = json_string_length(content);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        members += json_object_get(json, known[i]) != NULL;
    *out = (struct mail_attachment){
        .filename = text_member(json, "filename", &is_well),
        .content_type = text_member(json, "content_type", &is_well),
        .content_id = text_member(json, "content_id", &is_well),
        .is_inline = json_is_true(is_inline),
    };
    if (!out->content_type)
        out->content_type = "application/octet-stream";
    if (!is_well || members != json_object_size(json))
        return false;
    char *bytes = arena_alloc(&d->request->arena, BASE64_ROOM(len) + 1);
    out->content.ptr = bytes;
    return base64_decode((struct span){ json_string_value(content), len }, bytes,
                         &out->content.len);
}

static bool read_attachments(struct drafting *d, const json_t *json, struct mail_draft *draft)
{
    size_t count = json_array_size(json);
    bool is_well = !json || (json_is_array(json) && count <= ATTACHMENTS_MAX);
    struct mail_attachment *items = arena_alloc(&d->request->arena, (count + 1) * sizeof(*items));
    for (size_t i = 0; is_well && i < count; i++)
        is_well = read_attachment(d, json_array_get(json, i), &items[i]);
    draft->attachments = items;
    draft->attachment_count = count;
    return is_well ||
           fail(d, http_field_problem(400, "attachments",
                                      "must be an array of at most %d objects with `content` in "
                                      "base64, and filename, content_type, content_id, inline",
                                      ATTACHMENTS_MAX));
}

/* ---- the whole ---- */

static bool compose(struct drafting *d, struct spool *raw, struct mail_addresses *bcc)
{
    struct draft_body b = { 0 };
    struct mail_draft draft = { 0 };
    struct buf bytes AUTO(buf_done) = { 0 };
    http_read_body(d->request, &b);
    if (!read_addresses(d, "from", b.from, &draft.from) ||
        !read_addresses(d, "to", b.to, &draft.to) || !read_addresses(d, "cc", b.cc, &draft.cc) ||
        !read_addresses(d, "bcc", b.bcc, bcc) ||
        !read_addresses(d, "reply_to", b.reply_to, &draft.reply_to) ||
        !read_headers(d, b.headers, &draft) || !read_attachments(d, b.attachments, &draft))
        return false;
    if (draft.from.count == 0)
        return fail(d, http_field_problem(400, "from", "must be given"));
    if (b.subject && !is_line(b.subject))
        return fail(d, http_field_problem(400, "subject", "may have no control characters"));
    draft.subject = b.subject;
    draft.text = b.text;
    draft.html = b.html;
    if (!mail_compose(&draft, &bytes))
        return fail(d, http_field_problem(400, "attachments",
                                          "must have content types such as "
                                          "application/pdf"));
    int err = spool_append(raw, buf_span(&bytes));
    return !err || fail(d, http_raw_problem(&(const struct http_site){ 0 }, err));
}

bool draft_compose(struct http_request *r, struct spool *raw, struct mail_addresses *bcc,
                   struct http_response *problem)
{
    struct drafting d = { .request = r };
    bool is_composed = compose(&d, raw, bcc);
    *problem = d.problem;
    return is_composed;
}

#include "api/message_json.h"

#include "store/store.h"

#include <ctype.h>
#include <string.h>

#define AT(type, member) offsetof(struct type, member)

const struct json_column address_columns[] = {
    { "name", json_text, AT(mail_address, name) },
    { "address", json_text, AT(mail_address, address) },
    { 0 },
};

/* ---- the envelope and the client ---- */

/* "SUCCESS,FAILURE" as a list; empty where nothing was asked for. */
static json_t *notify(const void *at)
{
    struct span words = span_of(*(const char *const *)at);
    json_t *array = json_array();
    while (words.len) {
        struct span word = span_cut(&words, ',');
        json_array_append_new(array, json_stringn(word.ptr, word.len));
    }
    return array;
}

const struct json_column recipient_columns[] = {
    { "address", json_text, AT(store_recipient, address) },
    { "notify", notify, AT(store_recipient, notify) },
    { "orcpt", json_text, AT(store_recipient, orcpt) },
    { 0 },
};

static json_t *envelope_to(const void *at)
{
    const struct store_envelope *e = at;
    json_t *array = json_array();
    for (size_t i = 0; i < e->recipient_count; i++)
        json_array_append_new(array, json_text(&e->recipients[i].address));
    return array;
}

static json_t *envelope_recipients(const void *at)
{
    const struct store_envelope *e = at;
    json_t *array = json_array();
    for (size_t i = 0; i < e->recipient_count; i++)
        json_array_append_new(array, json_write(recipient_columns, &e->recipients[i]));
    return array;
}

const struct json_column envelope_columns[] = {
    { "from", json_text, AT(store_envelope, from) },
    { "to", envelope_to, 0 },
    { "body", json_text, AT(store_envelope, body) },
    { "smtputf8", json_bool, AT(store_envelope, smtputf8) },
    { "ret", json_text, AT(store_envelope, ret) },
    { "envid", json_text, AT(store_envelope, envid) },
    { "recipients", envelope_recipients, 0 },
    { 0 },
};

const struct json_column client_columns[] = {
    { "ip", json_text, AT(store_client, ip) },
    { "helo", json_text, AT(store_client, helo) },
    { "tls", json_text, AT(store_client, tls) },
    { "cipher", json_text, AT(store_client, cipher) },
    { "username", json_text, AT(store_client, username) },
    { 0 },
};

/* ---- parts ---- */

static const char *const encoding_names[] = {
    [MAIL_7BIT] = "7bit",     [MAIL_8BIT] = "8bit",
    [MAIL_BINARY] = "binary", [MAIL_QUOTED_PRINTABLE] = "quoted-printable",
    [MAIL_BASE64] = "base64", [MAIL_UUENCODE] = "x-uuencode",
};

static json_t *part_encoding(const void *at)
{
    return json_string(encoding_names[*(const enum mail_encoding *)at]);
}

static json_t *part_sha256(const void *at)
{
    const char *digits = at;
    return *digits ? json_string(digits) : json_null();
}

/* Meant to be seen within the text: said so, or referred to from there by its id. */
static json_t *part_is_inline(const void *at)
{
    const struct mail_part *p = at;
    if (p->disposition)
        return json_boolean(strcmp(p->disposition, "inline") == 0);
    return json_boolean(p->content_id != NULL);
}

const struct json_column part_columns[] = {
    { "part", json_text, AT(mail_part, number) },
    { "content_type", json_text, AT(mail_part, content_type) },
    { "charset", json_text, AT(mail_part, charset) },
    { "encoding", part_encoding, AT(mail_part, encoding) },
    { "filename", json_text, AT(mail_part, filename) },
    { "content_id", json_text, AT(mail_part, content_id) },
    { "disposition", json_text, AT(mail_part, disposition) },
    { "size", json_size, AT(mail_part, size) },
    { "sha256", part_sha256, AT(mail_part, sha256) },
    { "children", json_no_items, 0 }, /* part_tree() fills it */
    { 0 },
};

const struct json_column attachment_columns[] = {
    { "part", json_text, AT(mail_part, number) },
    { "filename", json_text, AT(mail_part, filename) },
    { "content_type", json_text, AT(mail_part, content_type) },
    { "size", json_size, AT(mail_part, size) },
    { "inline", part_is_inline, 0 },
    { "content_id", json_text, AT(mail_part, content_id) },
    { "sha256", part_sha256, AT(mail_part, sha256) },
    { 0 },
};

/* Parts stand in pre-order: the parent of one is the last before it that lies less deep. */
json_t *part_tree(const struct mail *mail)
{
    json_t *children_at[MAIL_MAX_DEPTH + 1]; /* of the last part at each depth */
    json_t *root = NULL;
    size_t deepest = 0; /* where the next part may hang */
    for (size_t i = 0; i < mail->part_count; i++) {
        json_t *node = json_write(part_columns, &mail->parts[i]);
        size_t depth = mail->parts[i].depth;
        depth = depth > deepest ? deepest : depth;
        if (!root)
            root = node;
        else
            json_array_append_new(children_at[depth ? depth - 1 : 0], node);
        children_at[depth] = json_object_get(node, "children");
        deepest = depth < MAIL_MAX_DEPTH ? depth + 1 : depth;
    }
    return root;
}

const struct json_column header_columns[] = {
    { "name", json_text, AT(mail_header, name) },
    { "value", json_text, AT(mail_header, value) },
    { "raw", json_text, AT(mail_header, raw) },
    { 0 },
};

/* ---- the message ---- */

/* RFC 5322 3.6.2 has one sender. */
static json_t *sender(const void *at)
{
    const struct mail_addresses *list = at;
    return list->count ? json_write(address_columns, &list->items[0]) : json_null();
}

/* A set of addresses, as keys of an object: whole, and compared without case. False if it was
 * there already. */
static bool add_address(json_t *seen, const char *address)
{
    char *key AUTO(free_ptr) = xstrdup(address);
    for (char *c = key; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (json_object_get(seen, key))
        return false;
    json_object_set_new(seen, key, json_true());
    return true;
}

static void add_addresses(json_t *seen, const struct mail_addresses *list)
{
    for (size_t i = 0; i < list->count; i++)
        add_address(seen, list->items[i].address);
}

/* Who is in the Bcc field, and who got it without being named in any. */
static json_t *bcc(const void *at)
{
    const struct store_message *m = at;
    json_auto_t *seen = json_object();
    json_t *array = json_addresses(&m->mail.bcc);
    add_addresses(seen, &m->mail.to);
    add_addresses(seen, &m->mail.cc);
    add_addresses(seen, &m->mail.bcc);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        const struct mail_address hidden = { "", m->envelope.recipients[i].address };
        if (add_address(seen, hidden.address))
            json_array_append_new(array, json_write(address_columns, &hidden));
    }
    return array;
}

static json_t *date(const void *at)
{
    const struct mail *mail = at;
    return mail->has_date ? json_time(&mail->date_ms) : json_null();
}

static json_t *has_html(const void *at)
{
    return json_boolean(((const struct mail *)at)->html_part >= 0);
}

static json_t *has_text(const void *at)
{
    return json_boolean(((const struct mail *)at)->text_part >= 0);
}

static json_t *attachments(const void *at)
{
    const struct mail *mail = at;
    json_t *array = json_array();
    for (size_t i = 0; i < mail->part_count; i++)
        if (mail->parts[i].is_attachment)
            json_array_append_new(array, json_write(attachment_columns, &mail->parts[i]));
    return array;
}

static json_t *envelope(const void *at)
{
    return json_write(envelope_columns, at);
}

static json_t *client(const void *at)
{
    return json_write(client_columns, at);
}

static json_t *session_id(const void *at)
{
    return *(const int64_t *)at ? json_number(at) : json_null();
}

static json_t *tags(const void *at)
{
    const struct store_message *m = at;
    json_t *array = json_array();
    for (size_t i = 0; i < m->tag_count; i++)
        json_array_append_new(array, json_text(&m->tags[i]));
    return array;
}

const struct json_column warning_columns[] = {
    { "code", json_text, AT(store_warning, code) },
    { "detail", json_text, AT(store_warning, detail) },
    { "reference", json_text, AT(store_warning, reference) },
    { 0 },
};

static json_t *warnings(const void *at)
{
    const struct store_message *m = at;
    json_t *array = json_array();
    for (size_t i = 0; i < m->warning_count; i++)
        json_array_append_new(array, json_write(warning_columns, &m->warnings[i]));
    return array;
}

const struct json_column message_columns[] = {
    { "id", json_number, AT(store_message, id) },
    { "inbox_id", json_number, AT(store_message, inbox_id) },
    { "inbox", json_text, AT(store_message, inbox) },
    { "session_id", session_id, AT(store_message, session_id) },
    { "received_at", json_time, AT(store_message, received_at_ms) },
    { "size", json_size, AT(store_message, size) },
    { "envelope", envelope, AT(store_message, envelope) },
    { "client", client, AT(store_message, client) },
    { "from", json_addresses, AT(store_message, mail.from) },
    { "sender", sender, AT(store_message, mail.sender) },
    { "reply_to", json_addresses, AT(store_message, mail.reply_to) },
    { "to", json_addresses, AT(store_message, mail.to) },
    { "cc", json_addresses, AT(store_message, mail.cc) },
    { "bcc", bcc, 0 },
    { "subject", json_text, AT(store_message, mail.subject) },
    { "date", date, AT(store_message, mail) },
    { "message_id", json_text, AT(store_message, mail.message_id) },
    { "preview", json_text, AT(store_message, mail.preview) },
    { "has_html", has_html, AT(store_message, mail) },
    { "has_text", has_text, AT(store_message, mail) },
    { "attachments", attachments, AT(store_message, mail) },
    { "read", json_bool, AT(store_message, is_read) },
    { "pinned", json_bool, AT(store_message, is_pinned) },
    { "tags", tags, 0 },
    { "warnings", warnings, 0 },
    { 0 },
};

#include "mail/compose.h"

#include <gmime/gmime.h>
#include <string.h>
#include <strings.h>

/* ---- the header ---- */

static void put_addresses(GMimeMessage *message, GMimeAddressType type,
                          const struct mail_addresses *list)
{
    for (size_t i = 0; i < list->count; i++)
        g_mime_message_add_mailbox(message, type, *list->items[i].name ? list->items[i].name : NULL,
                                   list->items[i].address);
}

static bool has_field(const struct mail_draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->field_count; i++)
        if (strcasecmp(draft->fields[i].name, name) == 0)
            return true;
    return false;
}

static void put_date(GMimeMessage *message)
{
    GDateTime *now = g_date_time_new_now_utc();
    g_mime_message_set_date(message, now);
    g_date_time_unref(now);
}

static void put_message_id(GMimeMessage *message, const struct mail_draft *draft)
{
    const char *at = draft->from.count ? strrchr(draft->from.items[0].address, '@') : NULL;
    char *id = g_mime_utils_generate_message_id(at && at[1] ? at + 1 : "localhost");
    g_mime_message_set_message_id(message, id);
    g_free(id);
}

static void put_header(GMimeMessage *message, const struct mail_draft *draft)
{
    put_addresses(message, GMIME_ADDRESS_TYPE_FROM, &draft->from);
    put_addresses(message, GMIME_ADDRESS_TYPE_REPLY_TO, &draft->reply_to);
    put_addresses(message, GMIME_ADDRESS_TYPE_TO, &draft->to);
    put_addresses(message, GMIME_ADDRESS_TYPE_CC, &draft->cc);
    if (draft->subject)
        g_mime_message_set_subject(message, draft->subject, "utf-8");
    if (!has_field(draft, "Date"))
        put_date(message);
    if (!has_field(draft, "Message-ID"))
        put_message_id(message, draft);
    for (size_t i = 0; i < draft->field_count; i++)
        g_mime_object_append_header(GMIME_OBJECT(message), draft->fields[i].name,
                                    draft->fields[i].value, "utf-8");
}

/* ---- parts ---- */

static GMimeObject *text_part(const char *subtype, const char *text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, text);
    g_mime_part_set_content_encoding(
        GMIME_PART(part),
        g_mime_part_get_best_content_encoding(GMIME_PART(part), GMIME_ENCODING_CONSTRAINT_7BIT));
    return GMIME_OBJECT(part);
}

/* Takes the part. */
static void add(GMimeMultipart *to, GMimeObject *part)
{
    g_mime_multipart_add(to, part);
    g_object_unref(part);
}

static GMimeObject *text_of(const struct mail_draft *draft)
{
    if (!draft->html || !draft->text)
        return draft->html ? text_part("html", draft->html)
                           : text_part("plain", draft->text ? draft->text : "");
    GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
    add(both, text_part("plain", draft->text));
    add(both, text_part("html", draft->html));
    return GMIME_OBJECT(both);
}

static void put_content(GMimePart *part, struct span content)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(content.ptr, content.len);
    GMimeDataWrapper *wrapper =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, wrapper);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    g_object_unref(wrapper);
    g_object_unref(stream);
}

/* A type without a slash is none. */
static GMimeObject *attachment_part(const struct mail_attachment *a)
{
    const char *slash = strchr(a->content_type, '/');
    if (!slash || slash == a->content_type || !slash[1])
        return NULL;
    GMimePart *part = g_mime_part_new();
    GMimeContentType *type = g_mime_content_type_parse(NULL, a->content_type);
    g_mime_object_set_content_type(GMIME_OBJECT(part), type);
    g_object_unref(type);
    g_mime_object_set_disposition(GMIME_OBJECT(part), a->is_inline ? "inline" : "attachment");
    if (a->filename)
        g_mime_part_set_filename(part, a->filename);
    if (a->content_id)
        g_mime_part_set_content_id(part, a->content_id);
    put_content(part, a->content);
    return GMIME_OBJECT(part);
}

/* Those that are inline, or those that are not, behind `first`, which is taken. NULL if one of them
 * has no type. */
static GMimeObject *with_attachments(const struct mail_draft *draft, GMimeObject *first,
                                     bool are_inline, const char *subtype)
{
    GMimeMultipart *multipart = NULL;
    for (size_t i = 0; i < draft->attachment_count; i++) {
        const struct mail_attachment *a = &draft->attachments[i];
        if (a->is_inline != are_inline)
            continue;
        if (!multipart) {
            multipart = g_mime_multipart_new_with_subtype(subtype);
            add(multipart, first);
            first = GMIME_OBJECT(multipart);
        }
        GMimeObject *part = attachment_part(a);
        if (!part) {
            g_object_unref(first);
            return NULL;
        }
        add(multipart, part);
    }
    return first;
}

static GMimeObject *body_of(const struct mail_draft *draft)
{
    GMimeObject *body = with_attachments(draft, text_of(draft), true, "related");
    return body ? with_attachments(draft, body, false, "mixed") : NULL;
}

/* ---- writing ---- */

static void write_message(GMimeMessage *message, struct buf *out)
{
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes); /* takes it */
    GMimeStream *filtered = g_mime_stream_filter_new(stream);
    GMimeFilter *crlf = g_mime_filter_unix2dos_new(true);
    g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), crlf);
    g_mime_object_write_to_stream(GMIME_OBJECT(message), options, filtered);
    g_mime_stream_flush(filtered);
    buf_append(out, (struct span){ (const char *)bytes->data, bytes->len });
    g_object_unref(crlf);
    g_object_unref(filtered);
    g_object_unref(stream);
    g_mime_format_options_free(options);
}

bool mail_compose(const struct mail_draft *draft, struct buf *out)
{
    GMimeObject *body = body_of(draft);
    if (!body)
        return false;
    GMimeMessage *message = g_mime_message_new(false);
    put_header(message, draft);
    g_mime_message_set_mime_part(message, body);
    write_message(message, out);
    g_object_unref(body);
    g_object_unref(message);
    return true;
}

#include "warnings/fields.h"

static const struct span names[FIELD_COUNT] = {
    [FIELD_DATE] = { "Date", 4 },
    [FIELD_FROM] = { "From", 4 },
    [FIELD_SENDER] = { "Sender", 6 },
    [FIELD_REPLY_TO] = { "Reply-To", 8 },
    [FIELD_TO] = { "To", 2 },
    [FIELD_CC] = { "Cc", 2 },
    [FIELD_BCC] = { "Bcc", 3 },
    [FIELD_MESSAGE_ID] = { "Message-ID", 10 },
    [FIELD_IN_REPLY_TO] = { "In-Reply-To", 11 },
    [FIELD_REFERENCES] = { "References", 10 },
    [FIELD_SUBJECT] = { "Subject", 7 },
    [FIELD_MIME_VERSION] = { "MIME-Version", 12 },
    [FIELD_CONTENT_TYPE] = { "Content-Type", 12 },
    [FIELD_CONTENT_TRANSFER_ENCODING] = { "Content-Transfer-Encoding", 25 },
    [FIELD_RETURN_PATH] = { "Return-Path", 11 },
    [FIELD_LIST_UNSUBSCRIBE] = { "List-Unsubscribe", 16 },
    [FIELD_LIST_UNSUBSCRIBE_POST] = { "List-Unsubscribe-Post", 21 },
};

const char *field_name(enum known_field field)
{
    return names[field].ptr;
}

static void count_field(struct facts *f, const struct mail_header *header)
{
    struct span name = span_of(header->name);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (!span_ieq(name, names[i]))
            continue;
        if (!f->fields[i].first)
            f->fields[i].first = header;
        f->fields[i].count++;
        return;
    }
}

void facts_find_fields(struct facts *f)
{
    for (size_t i = 0; i < f->given->header_count; i++)
        count_field(f, &f->given->headers[i]);
}

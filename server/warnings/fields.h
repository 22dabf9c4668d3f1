#pragma once
/* The header fields that rules ask for, found in one pass. */

#include "warnings/warnings.h"

enum known_field {
    FIELD_DATE,
    FIELD_FROM,
    FIELD_SENDER,
    FIELD_REPLY_TO,
    FIELD_TO,
    FIELD_CC,
    FIELD_BCC,
    FIELD_MESSAGE_ID,
    FIELD_IN_REPLY_TO,
    FIELD_REFERENCES,
    FIELD_SUBJECT,
    FIELD_MIME_VERSION,
    FIELD_CONTENT_TYPE,
    FIELD_CONTENT_TRANSFER_ENCODING,
    FIELD_RETURN_PATH,
    FIELD_LIST_UNSUBSCRIBE,
    FIELD_LIST_UNSUBSCRIBE_POST,
    FIELD_COUNT,
};

/* What a rule looks at. */
struct facts {
    const struct warning_facts *given;
    const struct store_message *message;
    struct {
        const struct mail_header *first; /* NULL: there is none */
        size_t count;
    } fields[FIELD_COUNT];
};

void facts_find_fields(struct facts *f);

/* As it is written. */
const char *field_name(enum known_field field);

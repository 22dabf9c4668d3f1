#pragma once
/* A message made of what it is to say (RFC 5322, MIME), for whoever has no mail library at hand. */

#include "core/buf.h"
#include "mail/mail.h"

struct mail_attachment {
    const char *filename;     /* NULL: none */
    const char *content_type; /* "application/pdf" */
    const char *content_id;   /* without the angle brackets; NULL: none */
    bool is_inline;           /* the HTML shows it */
    struct span content;
};

struct mail_field {
    const char *name, *value;
};

struct mail_draft {
    struct mail_addresses from, reply_to, to, cc;
    const char *subject, *text, *html; /* NULL: none */
    const struct mail_field *fields;   /* others of the header */
    size_t field_count;
    const struct mail_attachment *attachments;
    size_t attachment_count;
};

/* Appends the message, its lines ended by CRLF. Date and Message-ID are made unless `fields` has
 * them. False, and nothing appended, if a content type is none. */
bool mail_compose(const struct mail_draft *draft, struct buf *out);

#pragma once
/* A message as JSON describes it, made into one. */

#include "http/http.h"
#include "mail/mail.h"

enum { DRAFT_ADDRESS_MAX = 320, DRAFT_ADDRESSES_MAX = 1000 };

/* from, to, cc, bcc, reply_to, subject, text, html, headers, attachments; or message/rfc822. */
extern const struct http_field draft_body[];

/* An address that can stand in a header and in an envelope. */
bool draft_is_address(const char *text);

/* Appends what the request's body describes to `raw`, and says in *bcc who else is to get it; that
 * lives as long as the request. False with *problem filled in if it describes no message. */
bool draft_compose(struct http_request *r, struct spool *raw, struct mail_addresses *bcc,
                   struct http_response *problem);

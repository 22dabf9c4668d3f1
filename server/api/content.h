#pragma once
/* The content of a stored message, read while it is sent.
 *
 * A reader of the store is leased for each window of octets alone, never while a client is waited
 * for: slow downloads cannot hold up who else wants to read. Each takes one window of memory,
 * however long the message is. */

#include "api/private.h"

struct content;

/* The message with this id in an arena of its own; 0 or what the store said. */
int content_open(const struct http_request *r, int64_t id, struct content **out);
void content_free(void *content);

const struct store_message *content_message(const struct content *c);

/* The octets as received. Valid as long as the content. */
const struct source *content_raw(const struct content *c);

/* What follows makes a response that owns the content. */

struct http_response content_send_raw(struct content *c, const char *type);

/* A part's decoded body, octet for octet. */
struct http_response content_send_part(struct content *c, const struct mail_part *part,
                                       const char *type);

/* A part as UTF-8; with `links`, what refers to another part by its Content-ID is changed to that
 * part's address with `links` behind it, which is copied. NULL: nothing is changed. */
struct http_response content_send_text(struct content *c, const struct mail_part *part,
                                       const char *type, const char *links);

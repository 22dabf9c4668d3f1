#pragma once
/* HTML that shows pictures of its own message names them "cid:" and their Content-ID (RFC 2392).
 * Here such names become the parts' addresses, relative to the HTML's own, "parts/2", as the text
 * streams through. What names no part stays as it is. */

#include "mail/mail.h"

struct cid_links;

/* All of it must outlive the links. `suffix` ends each address, such as "?a=b"; it is free of
 * characters that HTML would escape. */
struct cid_links *cid_links_new(const struct mail *mail, const char *suffix, struct arena *arena);
void cid_links_free(struct cid_links *l);

/* Appends what is certain of the text so far to *out; at most a name's length is held back. */
void cid_links_push(struct cid_links *l, struct span text, struct buf *out);

/* Appends the rest. */
void cid_links_finish(struct cid_links *l, struct buf *out);

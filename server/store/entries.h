#pragma once
/* What was said in a session, as it is kept: entries one after the other, each with its time since
 * the session began. A sequence can be cut before any entry, and pieces put together again. */

#include "core/buf.h"
#include "core/mem.h"
#include "store/store.h"

/* Appends one; `message_id` is not kept. */
void entries_put(struct buf *out, const struct store_entry *e);

/* Takes the first off the front; its text lies in there. False at the end, or where the octets are
 * none of ours, which stay. */
bool entries_next(struct span *entries, struct store_entry *out);

/* For the database: compressed where that pays. Borrows `entries` or `room`, whose content is
 * replaced; an empty sequence is a span without a pointer. */
struct span entries_pack(struct span entries, struct buf *room);

/* Appends what was packed. 0, or -EBADMSG if it is damaged; an empty span is an empty sequence. */
int entries_unpack(struct span packed, struct buf *out) MUST_CHECK;

#pragma once
/* The full-text index and the words it is made of.
 *
 * A message that is stored gets a row of its words, and nothing more: to put it into the index
 * would cost more than all the rest, for each transaction that touches the index writes a piece of
 * it. A chore does that for some hundred messages together. Up to `indexed_to` messages are looked
 * up in the index; the few newer ones are searched through by their words. */

#include "store/delivery.h"
#include "store/sqlite/db.h"
#include "store/sqlite/upkeep.h"

int indexing_put(struct db *db, int64_t id, const struct packed_words *words);

/* For a message that was stored without its words: puts them and indexes it, if it is there. */
int indexing_fill(struct db *db, int64_t id, const struct packed_words *words);

/* Up to `id` messages may be without words. */
int indexing_set_unread(struct db *db, int64_t id);

/* Before the message is deleted: takes it out of the index if it is in there. */
int indexing_forget(struct db *db, int64_t id);

/* The chore. */
int indexing_step(struct writer *w, struct upkeep_step *s);

/* Unpacks the words that a row has, in the columns of enum words_column, in place of *out. If they
 * are damaged there are none, which is logged. */
void indexing_unpack(sqlite3_stmt *row, struct buf *out);

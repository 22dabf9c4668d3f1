#pragma once
/* Inboxes are made, changed and deleted. Each waits until it is committed. */

#include "store/sqlite/writer.h"

/* As their namesakes in store.h. */
int accounts_create(struct writer *w, const struct store_inbox_wish *wish, int64_t *id_out);
int accounts_change(struct writer *w, int64_t id, const struct store_inbox_change *change);
int accounts_renew(struct writer *w, int64_t id);

/* In a job: -ENOENT if there is no such inbox, or it is not to be seen any more. */
int accounts_check(struct db *db, int64_t id) MUST_CHECK;

/* Before the writer's thread runs: gives password and token to inboxes that have none, as those of
 * an older database, and reads the patterns of all. */
int accounts_start(struct db *db, struct routes *routes) MUST_CHECK;

#pragma once
/* What the files that read sessions share. */

#include "store/sqlite/readers.h"
#include "store/transcript.h"

void sessions_read(sqlite3_stmt *s, struct arena *arena, struct store_session *out);

/* The messages that came by it. */
int sessions_read_messages(struct db *db, struct arena *arena,
                           struct store_session *session) MUST_CHECK;

/* All that was said. -EBADMSG if it is damaged. */
int sessions_add_transcript(struct db *db, struct transcript *t, int64_t session_id) MUST_CHECK;

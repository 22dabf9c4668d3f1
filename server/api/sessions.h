#pragma once
/* Sessions and their transcripts. */

#include "api/private.h"

extern const struct http_field sessions_query[]; /* inbox, outcome, query, limit, before, after */

http_handler sessions_list;
http_handler session_get;
http_handler message_transcript;

/* Leaves in it the messages of one inbox alone, that of the caller: API_EVERYTHING leaves all. */
void session_hide_others(struct store_reader *reader, int64_t own_inbox, struct store_session *s);

/* What is known of a session, without what was said. */
json_t *session_json(const struct store_session *s);

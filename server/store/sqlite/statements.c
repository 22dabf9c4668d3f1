#include "store/sqlite/statements.h"

/* The name by a subquery and not by a join: the order and the index of the outer query stay what
 * they are. In the order of enum message_column. */
#define SELECT_MESSAGE                                                                             \
    "SELECT id, inbox_id, (SELECT name FROM inbox WHERE inbox.id = inbox_id), received_at, size, " \
    "is_read, is_pinned, envelope_from, recipients, body, smtputf8, client_ip, client_helo, "      \
    "subject, message_id, date, preview, addresses, text_part, html_part, parts, session_id, "     \
    "ret, envid, client_tls, client_cipher, client_username, tags, warnings, client_port, "        \
    "is_tls_implicit FROM message "

/* Clearing an inbox writes off its messages up to `cleared_to`; from then on nobody sees them,
 * although their rows go later. What finds a message by anything but its inbox asks this. */
#define IS_THERE "id > (SELECT cleared_to FROM inbox WHERE inbox.id = inbox_id) "

/* In the order of enum session_column. How many messages an open session has is not in its row. */
#define SELECT_SESSION                                                                             \
    "SELECT id, inbox_id, (SELECT name FROM inbox WHERE inbox.id = inbox_id), started_at, "        \
    "ended_at, outcome, client_ip, client_port, client_helo, client_tls, client_cipher, "          \
    "is_tls_implicit, client_username, bytes_in, bytes_out, CASE WHEN ended_at IS NULL THEN "      \
    "(SELECT count(*) FROM message WHERE session_id = session.id AND " IS_THERE ") "               \
    "ELSE message_count END, "                                                                     \
    "is_truncated, warnings, is_failed, refused_command, refused_reply FROM session "

/* Those that are to be seen, by the time ?1. In the order of enum inbox_column. */
#define SELECT_INBOX                                                                               \
    "SELECT id, name, created_at, message_count, unread_count, size_bytes, last_message_at, "      \
    "username, password, api_token, recipients, expires_at, max_messages, max_age_seconds, "       \
    "max_bytes, pruned_count FROM inbox "                                                          \
    "JOIN account ON inbox_id = id WHERE (expires_at IS NULL OR expires_at > ?1) AND "

/* In the order of enum words_column. */
#define SELECT_WORDS                                                                               \
    "SELECT words.id, inbox_id, words.size, codec, bytes FROM words "                              \
    "CROSS JOIN message ON message.id = words.id "

#define IN_INBOX "inbox_id = ?4 AND id > (SELECT max(cleared_to, ?1) FROM inbox WHERE id = ?4) "

/* Messages that are written off wait to be swept. */
#define HAS_CLEARED "EXISTS (SELECT 1 FROM inbox WHERE swept_to < cleared_to)"

/* While many messages that are written off lie between others, to pass over them would take long:
 * the newest of each inbox are merged instead. */
#define IN_MERGED(order)                                                                           \
    "WHERE id IN (SELECT m.id FROM inbox CROSS JOIN message AS m INDEXED BY message_by_inbox "     \
    "WHERE m.inbox_id = inbox.id AND message_count > 0 AND m.id IN "                               \
    "(SELECT id FROM message WHERE inbox_id = inbox.id AND id > max(cleared_to, ?1) AND id < ?2 "  \
    "ORDER BY id " order " LIMIT ?3) "                                                             \
    "ORDER BY m.id " order " LIMIT ?3) ORDER BY id " order

/* Lists: ?1 after, ?2 before, ?3 limit, ?4 inbox. */
const char *const statement_sql[STMT_COUNT] = {
    [STMT_BEGIN] = "BEGIN IMMEDIATE",
    [STMT_COMMIT] = "COMMIT",
    /* Writes a page and changes nothing. */
    [STMT_PROBE] = "UPDATE inbox SET name = name WHERE id = 1",
    [STMT_MESSAGE_PUT] =
        "INSERT INTO message (inbox_id, received_at, size, is_read, is_pinned, envelope_from, "
        "recipients, body, smtputf8, client_ip, client_helo, subject, message_id, date, preview, "
        "addresses, text_part, html_part, parts, session_id, ret, envid, client_tls, "
        "client_cipher, client_username, tags, warnings, client_port, is_tls_implicit, dialogue) "
        "SELECT "
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "
        "?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30 "
        "WHERE EXISTS (SELECT 1 FROM account WHERE inbox_id = ?1)",
    [STMT_CHUNK_PUT] = "INSERT INTO chunk (id, codec, bytes) VALUES (?1, ?2, ?3)",
    /* What is reported later says more. The inbox may be gone by then, and so may the messages. */
    [STMT_SESSION_PUT] =
        "INSERT INTO session (id, inbox_id, started_at, client_ip, client_port, client_helo, "
        "client_tls, client_cipher, is_tls_implicit, client_username, opening, ended_at, outcome, "
        "bytes_in, bytes_out, message_count, is_truncated, warnings, closing, is_failed, "
        "refused_command, refused_reply) VALUES "
        "(?1, coalesce((SELECT id FROM inbox WHERE id = ?2), 1), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12, ?13, ?14, ?15, "
        "CASE WHEN EXISTS (SELECT 1 FROM message WHERE session_id = ?1 AND " IS_THERE ") "
        "THEN ?16 ELSE 0 END, "
        "?17, ?18, ?19, ?20, ?21, ?22) "
        "ON CONFLICT DO UPDATE SET inbox_id = excluded.inbox_id, "
        "client_helo = excluded.client_helo, client_tls = excluded.client_tls, "
        "client_cipher = excluded.client_cipher, client_username = excluded.client_username, "
        "opening = coalesce(excluded.opening, opening), ended_at = excluded.ended_at, "
        "outcome = excluded.outcome, bytes_in = excluded.bytes_in, "
        "bytes_out = excluded.bytes_out, message_count = excluded.message_count, "
        "is_truncated = excluded.is_truncated, warnings = excluded.warnings, "
        "closing = excluded.closing, is_failed = excluded.is_failed, "
        "refused_command = excluded.refused_command, refused_reply = excluded.refused_reply",
    [STMT_SESSION_PRUNE] =
        "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE message_count = 0 AND "
        "ended_at IS NOT NULL ORDER BY id DESC LIMIT ?2 OFFSET ?1)",
    [STMT_WORDS_PUT] = "INSERT INTO words (id, size, codec, bytes) VALUES (?1, ?2, ?3, ?4)",
    [STMT_WORDS_FILL] = "INSERT INTO words (id, size, codec, bytes) SELECT ?1, ?2, ?3, ?4 "
                        "WHERE EXISTS (SELECT 1 FROM message WHERE id = ?1)",
    [STMT_WORDS_INDEXED] =
        SELECT_WORDS "WHERE words.id = ?1 AND words.id <= (SELECT indexed_to FROM indexing)",
    [STMT_INDEX_RANGE] = "SELECT indexed_to, (SELECT coalesce(max(id), 0) FROM message) "
                         "FROM indexing",
    [STMT_INDEX_SOME] = SELECT_WORDS "WHERE words.id > ?1 AND words.id <= ?2 ORDER BY words.id",
    [STMT_INDEX_ADD] = "INSERT INTO search (rowid, terms) VALUES (?1, ?2)",
    [STMT_INDEX_REMOVE] = "INSERT INTO search (search, rowid, terms) VALUES ('delete', ?1, ?2)",
    [STMT_INDEXED_TO] = "UPDATE indexing SET indexed_to = ?1",
    [STMT_UNREAD_TO] = "UPDATE indexing SET unread_to = ?1",
    [STMT_MESSAGE_FLAGS] = "SELECT inbox_id, is_read, is_pinned, tags FROM message WHERE id = ?1 "
                           "AND " IS_THERE,
    [STMT_MESSAGE_MARK] =
        "UPDATE message SET is_read = ?2, is_pinned = ?3, tags = ?4 WHERE id = ?1",
    [STMT_MESSAGE_REMOVE] = "DELETE FROM message WHERE id = ?1",
    [STMT_MESSAGE_NEWEST] = "SELECT coalesce(max(id), 0) FROM message",
    [STMT_CLEAR_COUNT] = "SELECT coalesce(sum(message_count), 0) FROM inbox "
                         "WHERE ?1 IN (0, id)",
    [STMT_CLEAR] = "UPDATE inbox SET cleared_to = ?2, message_count = 0, unread_count = 0, "
                   "size_bytes = 0 WHERE ?1 IN (0, id) AND message_count > 0",
    [STMT_SWEEP_FIND] = "SELECT id, cleared_to FROM inbox WHERE swept_to < cleared_to LIMIT 1",
    [STMT_SWEEP_SOME] = "SELECT id, size FROM message WHERE inbox_id = ?1 AND id <= ?2 "
                        "ORDER BY id DESC",
    [STMT_SWEPT] = "UPDATE inbox SET swept_to = cleared_to WHERE id = ?1",
    [STMT_TENANT_NEXT] =
        "SELECT id, message_count, size_bytes, max_messages, max_age_seconds, max_bytes FROM inbox "
        "CROSS JOIN account ON inbox_id = id WHERE id > ?1 AND message_count > 0 ORDER BY id",
    [STMT_OLDEST_OF_INBOX] =
        "SELECT id, inbox_id, size, received_at, "
        "id = (SELECT max(id) FROM message WHERE inbox_id = ?2), NOT is_pinned FROM message "
        "WHERE inbox_id = ?2 AND id > (SELECT max(cleared_to, ?1) FROM inbox WHERE id = ?2) "
        "ORDER BY id",
    [STMT_OLDEST_OF_ALL] = "SELECT id, inbox_id, size, received_at, "
                           "id = (SELECT max(id) FROM message), NOT is_pinned AND " IS_THERE
                           "FROM message WHERE id > ?1 ORDER BY id",
    [STMT_BYTES_OF_ALL] = "SELECT sum(size_bytes) FROM inbox",
    [STMT_PRUNED] = "UPDATE inbox SET pruned_count = pruned_count + ?2 WHERE id = ?1",
    [STMT_VACUUM] = "PRAGMA incremental_vacuum",

    [STMT_INBOX_COUNT] = "SELECT count(*) FROM account",
    [STMT_INBOX_HOLDER] =
        "SELECT inbox_id, expires_at FROM account "
        "WHERE inbox_id = (SELECT id FROM inbox WHERE name = ?1) OR username = ?1",
    [STMT_INBOX_PUT] = "INSERT INTO inbox (name, created_at) VALUES (?1, ?2)",
    [STMT_INBOX_RENAME] = "UPDATE inbox SET name = ?2 WHERE id = ?1",
    [STMT_ACCOUNT_PUT] =
        "INSERT INTO account (inbox_id, username, recipients, expires_at, max_messages, "
        "max_age_seconds, max_bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [STMT_ACCOUNT_CHANGE] =
        "UPDATE account SET recipients = coalesce(?2, recipients), "
        "expires_at = iif(?3, ?4, expires_at), max_messages = iif(?5, ?6, max_messages), "
        "max_age_seconds = iif(?7, ?8, max_age_seconds), "
        "max_bytes = iif(?9, ?10, max_bytes) WHERE inbox_id = ?1",
    [STMT_ACCOUNT_RENEW] =
        "UPDATE account SET password = ?2, api_token = ?3, token_hash = ?4 WHERE inbox_id = ?1",
    [STMT_ACCOUNT_IS_THERE] =
        "SELECT 1 FROM account WHERE inbox_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
    [STMT_ACCOUNT_ROUTE] =
        "SELECT inbox_id, recipients, expires_at FROM account WHERE inbox_id = ?1",
    [STMT_ACCOUNT_ROUTES] =
        "SELECT inbox_id, recipients, expires_at FROM account WHERE recipients <> '[]'",
    [STMT_ACCOUNT_REMOVE] = "DELETE FROM account WHERE inbox_id = ?1",
    [STMT_INBOX_LEAVE] = "UPDATE inbox SET name = '~' || id, cleared_to = (SELECT "
                         "coalesce(max(id), 0) FROM message), "
                         "message_count = 0, unread_count = 0, size_bytes = 0 WHERE id = ?1",
    [STMT_INBOX_GONE] =
        "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE swept_to = cleared_to AND "
        "NOT EXISTS (SELECT 1 FROM account WHERE inbox_id = inbox.id) LIMIT ?1)",
    [STMT_EXPIRY_FIRST] = "SELECT inbox_id, expires_at FROM account WHERE expires_at IS NOT NULL "
                          "ORDER BY expires_at LIMIT 1",
    [STMT_ACCOUNT_BARE] = "SELECT inbox_id FROM account WHERE token_hash IS NULL LIMIT 1",

    [STMT_PLAN_PUT] = "INSERT INTO fault_plan (inbox_id, plan) VALUES (?1, ?2) "
                      "ON CONFLICT (inbox_id) DO UPDATE SET plan = excluded.plan",
    [STMT_PLAN_REMOVE] = "DELETE FROM fault_plan WHERE inbox_id = ?1",
    [STMT_PLANS] = "SELECT inbox_id, plan FROM fault_plan",

    [STMT_SNAPSHOT] = "BEGIN",
    [STMT_SNAPSHOT_END] = "COMMIT",
    [STMT_LIST_NEWEST] = SELECT_MESSAGE "WHERE id > ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
    [STMT_LIST_OLDEST] = SELECT_MESSAGE "WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
    [STMT_LIST_MERGED_NEWEST] = SELECT_MESSAGE IN_MERGED("DESC"),
    [STMT_LIST_MERGED_OLDEST] = SELECT_MESSAGE IN_MERGED("ASC"),
    [STMT_LIST_INBOX_NEWEST] =
        SELECT_MESSAGE "WHERE " IN_INBOX "AND id < ?2 ORDER BY id DESC LIMIT ?3",
    [STMT_LIST_INBOX_OLDEST] = SELECT_MESSAGE "WHERE " IN_INBOX "AND id < ?2 ORDER BY id LIMIT ?3",
    [STMT_MESSAGE_GET] = SELECT_MESSAGE "WHERE id = ?1 AND " IS_THERE,
    [STMT_MESSAGE_SIZE] = "SELECT size FROM message WHERE id = ?1 AND " IS_THERE,
    [STMT_WORDS_GET] = SELECT_WORDS "WHERE words.id = ?1",
    [STMT_UNREAD_NEXT] = "SELECT coalesce(max(id), 0) FROM message "
                         "WHERE id <= min(?1, (SELECT unread_to FROM indexing))",
    [STMT_SEARCH_REACH] =
        "SELECT indexed_to, (SELECT cleared_to FROM inbox WHERE id = ?1), " HAS_CLEARED
        ", (SELECT message_count FROM inbox WHERE id = ?1) FROM indexing",
    [STMT_CHUNK_GET] = "SELECT codec, bytes FROM chunk WHERE id = ?1",
    [STMT_MESSAGE_INBOX] = "SELECT inbox_id FROM message WHERE id = ?1 AND " IS_THERE,
    [STMT_INBOXES_NEWEST] = SELECT_INBOX "id > ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
    [STMT_INBOXES_OLDEST] = SELECT_INBOX "id > ?2 AND id < ?3 ORDER BY id LIMIT ?4",
    [STMT_INBOXES_TOTAL] =
        "SELECT count(*) - (SELECT count(*) FROM account WHERE expires_at <= ?1) "
        "FROM account",
    [STMT_INBOX_BY_ID] = SELECT_INBOX "id = ?2",
    [STMT_INBOX_BY_NAME] = SELECT_INBOX "name = ?2",
    [STMT_INBOX_BY_TOKEN] = SELECT_INBOX "token_hash = ?2",
    [STMT_INBOX_BY_LOGIN] =
        SELECT_INBOX "id = coalesce((SELECT inbox_id FROM account WHERE username = ?2), "
                     "(SELECT id FROM inbox WHERE name = ?2))",
    [STMT_LIST_INBOX_TOTAL] = "SELECT message_count FROM inbox WHERE id = ?1",
    [STMT_MESSAGE_DIALOGUE] = "SELECT session_id, dialogue FROM message WHERE id = ?1 "
                              "AND " IS_THERE,
    [STMT_SESSIONS_NEWEST] = SELECT_SESSION "WHERE id > ?1 AND id < ?2 ORDER BY id DESC",
    [STMT_SESSIONS_OLDEST] = SELECT_SESSION "WHERE id > ?1 AND id < ?2 ORDER BY id",
    [STMT_SESSIONS_INBOX_NEWEST] =
        SELECT_SESSION "WHERE inbox_id = ?3 AND id > ?1 AND id < ?2 ORDER BY id DESC",
    [STMT_SESSIONS_INBOX_OLDEST] =
        SELECT_SESSION "WHERE inbox_id = ?3 AND id > ?1 AND id < ?2 ORDER BY id",
    [STMT_SESSIONS_FAILED_NEWEST] =
        SELECT_SESSION "WHERE is_failed AND id > ?1 AND id < ?2 ORDER BY id DESC",
    [STMT_SESSIONS_FAILED_OLDEST] =
        SELECT_SESSION "WHERE is_failed AND id > ?1 AND id < ?2 ORDER BY id",
    [STMT_SESSIONS_FAILED_INBOX_NEWEST] =
        SELECT_SESSION "WHERE is_failed AND inbox_id = ?3 AND id > ?1 AND id < ?2 ORDER BY id DESC",
    [STMT_SESSIONS_FAILED_INBOX_OLDEST] =
        SELECT_SESSION "WHERE is_failed AND inbox_id = ?3 AND id > ?1 AND id < ?2 ORDER BY id",
    [STMT_SESSIONS_COUNT] = "SELECT count(*) FROM session",
    [STMT_SESSIONS_INBOX_COUNT] = "SELECT count(*) FROM session WHERE inbox_id = ?1",
    [STMT_SESSION_GET] = SELECT_SESSION "WHERE id = ?1",
    /* In the order of enum session_column. */
    [STMT_SESSION_YOUNG] =
        "SELECT session_id, inbox_id, (SELECT name FROM inbox WHERE inbox.id = inbox_id), "
        "received_at, NULL, NULL, client_ip, client_port, client_helo, client_tls, client_cipher, "
        "is_tls_implicit, client_username, 0, 0, "
        "(SELECT count(*) FROM message WHERE session_id = ?1 AND " IS_THERE
        "), 0, NULL, 0, NULL, NULL, "
        "dialogue "
        "FROM message WHERE session_id = ?1 AND " IS_THERE "ORDER BY id LIMIT 1",
    [STMT_SESSION_MESSAGES] =
        "SELECT id FROM message WHERE session_id = ?1 AND " IS_THERE "ORDER BY id LIMIT ?2",
    [STMT_SESSION_ENDS] = "SELECT opening, closing, ended_at IS NULL FROM session WHERE id = ?1",
    [STMT_SESSION_DIALOGUES] =
        "SELECT id, dialogue FROM message WHERE session_id = ?1 AND id > ?2 AND " IS_THERE
        "ORDER BY id",
    [STMT_TOTALS] = "SELECT sum(message_count), sum(unread_count), sum(size_bytes), " HAS_CLEARED
                    ", sum(pruned_count) FROM inbox",
};

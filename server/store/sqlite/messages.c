#include "store/record.h"
#include "store/sqlite/readers.h"

#include <errno.h>

static int column_index(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? -1 : sqlite3_column_int(s, column);
}

static const char *text(sqlite3_stmt *s, int column)
{
    return (const char *)sqlite3_column_text(s, column);
}

static void read_record(sqlite3_stmt *s, struct arena *arena, struct store_message *m)
{
    struct record r = {
        .envelope_from = text(s, MESSAGE_ENVELOPE_FROM),
        .recipients = text(s, MESSAGE_RECIPIENTS),
        .body = text(s, MESSAGE_BODY),
        .client_ip = text(s, MESSAGE_CLIENT_IP),
        .client_helo = text(s, MESSAGE_CLIENT_HELO),
        .subject = text(s, MESSAGE_SUBJECT),
        .message_id = text(s, MESSAGE_MESSAGE_ID),
        .preview = text(s, MESSAGE_PREVIEW),
        .addresses = text(s, MESSAGE_ADDRESSES),
        .parts = text(s, MESSAGE_PARTS),
        .ret = text(s, MESSAGE_RET),
        .envid = text(s, MESSAGE_ENVID),
        .client_tls = text(s, MESSAGE_TLS),
        .client_cipher = text(s, MESSAGE_CIPHER),
        .client_username = text(s, MESSAGE_USERNAME),
        .tags = text(s, MESSAGE_TAGS),
        .warnings = text(s, MESSAGE_WARNINGS),
    };
    record_read(&r, arena, m);
}

static void read_message(sqlite3_stmt *s, struct arena *arena, struct store_message *m)
{
    *m = (struct store_message){
        .id = sqlite3_column_int64(s, MESSAGE_ID),
        .inbox_id = sqlite3_column_int64(s, MESSAGE_INBOX_ID),
        .inbox = column_text(s, MESSAGE_INBOX, arena),
        .session_id = sqlite3_column_int64(s, MESSAGE_SESSION_ID),
        .received_at_ms = sqlite3_column_int64(s, MESSAGE_RECEIVED_AT),
        .size = (uint64_t)sqlite3_column_int64(s, MESSAGE_SIZE),
        .client.port = sqlite3_column_int(s, MESSAGE_PORT),
        .client.is_tls_implicit = sqlite3_column_int(s, MESSAGE_IS_TLS_IMPLICIT),
        .envelope.smtputf8 = sqlite3_column_int(s, MESSAGE_SMTPUTF8),
        .mail.has_date = sqlite3_column_type(s, MESSAGE_DATE) != SQLITE_NULL,
        .mail.date_ms = sqlite3_column_int64(s, MESSAGE_DATE),
        .mail.text_part = column_index(s, MESSAGE_TEXT_PART),
        .mail.html_part = column_index(s, MESSAGE_HTML_PART),
        .is_read = sqlite3_column_int(s, MESSAGE_IS_READ),
        .is_pinned = sqlite3_column_int(s, MESSAGE_IS_PINNED),
    };
    read_record(s, arena, m);
}

/* ---- one ---- */

int store_message_get(struct store_reader *r, int64_t id, struct arena *arena,
                      struct store_message *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[STMT_MESSAGE_GET];
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(&r->db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    read_message(s, arena, out);
    return 0;
}

int store_message_inbox(struct store_reader *r, int64_t id, int64_t *inbox_id_out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[STMT_MESSAGE_INBOX];
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(&r->db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    *inbox_id_out = sqlite3_column_int64(s, 0);
    return 0;
}

/* ---- many ---- */

/* What the counts say before the list is read. */
struct counts {
    int64_t messages;
    bool has_cleared; /* messages that are written off lie between others */
};

static enum statement list_statement(const struct store_list *list, bool has_cleared)
{
    if (list->inbox_id)
        return list->oldest_first ? STMT_LIST_INBOX_OLDEST : STMT_LIST_INBOX_NEWEST;
    if (has_cleared)
        return list->oldest_first ? STMT_LIST_MERGED_OLDEST : STMT_LIST_MERGED_NEWEST;
    return list->oldest_first ? STMT_LIST_OLDEST : STMT_LIST_NEWEST;
}

/* One more than wanted is asked for, to know whether there is more. */
static int read_items(struct db *db, const struct store_list *list, bool has_cleared,
                      struct arena *arena, struct store_page *page)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[list_statement(list, has_cleared)];
    sqlite3_bind_int64(s, 1, list->after);
    sqlite3_bind_int64(s, 2, list->before ? list->before : INT64_MAX);
    sqlite3_bind_int64(s, 3, (int64_t)list->limit + 1);
    if (list->inbox_id)
        sqlite3_bind_int64(s, 4, list->inbox_id);
    page->items = arena_alloc(arena, list->limit * sizeof(*page->items));
    int got;
    while ((got = db_step(db, s)) > 0 && page->count < list->limit)
        read_message(s, arena, &page->items[page->count++]);
    page->has_more = got > 0;
    return got < 0 ? got : 0;
}

/* These cost nothing. An inbox that is not there has none. */
static int read_counts(struct db *db, int64_t inbox_id, struct counts *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[inbox_id ? STMT_LIST_INBOX_TOTAL : STMT_TOTALS];
    if (inbox_id)
        sqlite3_bind_int64(s, 1, inbox_id);
    int got = db_step(db, s);
    if (got < 0)
        return got;
    out->messages = sqlite3_column_int64(s, TOTALS_MESSAGES);
    out->has_cleared = !inbox_id && sqlite3_column_int(s, TOTALS_HAS_CLEARED);
    return 0;
}

static int read_page(struct store_reader *r, const struct store_list *list, struct arena *arena,
                     struct store_page *page)
{
    struct counts counts;
    if (list->query)
        return search_page(r, list, arena, page);
    int err = read_counts(&r->db, list->inbox_id, &counts);
    if (err)
        return err;
    page->total = counts.messages;
    return read_items(&r->db, list, counts.has_cleared, arena, page);
}

int store_messages_list(struct store_reader *r, const struct store_list *list, struct arena *arena,
                        struct store_page *out)
{
    struct store_page page = { 0 };
    int err = db_run(&r->db, STMT_SNAPSHOT); /* so that total and items agree */
    if (err)
        return err;
    err = read_page(r, list, arena, &page);
    int end_err = db_run(&r->db, STMT_SNAPSHOT_END);
    if (err || end_err)
        return err ? err : end_err;
    *out = page;
    return 0;
}

#include "store/sqlite/readers.h"

#include <errno.h>

static void read_inbox(sqlite3_stmt *s, struct arena *arena, struct store_inbox *out)
{
    *out = (struct store_inbox){
        .id = sqlite3_column_int64(s, INBOX_ID),
        .name = column_text(s, INBOX_NAME, arena),
        .created_at_ms = sqlite3_column_int64(s, INBOX_CREATED_AT),
        .message_count = sqlite3_column_int64(s, INBOX_MESSAGE_COUNT),
        .unread_count = sqlite3_column_int64(s, INBOX_UNREAD_COUNT),
        .size_bytes = sqlite3_column_int64(s, INBOX_SIZE_BYTES),
        .last_message_at_ms = sqlite3_column_int64(s, INBOX_LAST_MESSAGE_AT),
    };
}

int store_inboxes_list(struct store_reader *r, struct arena *arena, struct store_inbox **items_out,
                       size_t *count_out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[STMT_INBOXES];
    struct buf items AUTO(buf_done) = { 0 };
    int got;
    while ((got = db_step(&r->db, s)) > 0) {
        struct store_inbox inbox;
        read_inbox(s, arena, &inbox);
        buf_append(&items, (struct span){ (const char *)&inbox, sizeof(inbox) });
    }
    if (got < 0)
        return got;
    *items_out = (struct store_inbox *)(void *)arena_copy(arena, buf_span(&items));
    *count_out = items.len / sizeof(struct store_inbox);
    return 0;
}

/* Names are never all digits, so what is a number is an id. */
int store_inbox_find(struct store_reader *r, struct span id_or_name, struct arena *arena,
                     struct store_inbox *out)
{
    int64_t id;
    bool is_id = parse_id(id_or_name, &id);
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[is_id ? STMT_INBOX_BY_ID : STMT_INBOX_BY_NAME];
    if (is_id)
        sqlite3_bind_int64(s, 1, id);
    else
        sqlite3_bind_text64(s, 1, id_or_name.ptr, id_or_name.len, SQLITE_STATIC, SQLITE_UTF8);
    int got = db_step(&r->db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    read_inbox(s, arena, out);
    return 0;
}

static int64_t file_size(sqlite3_file *file)
{
    sqlite3_int64 size = 0;
    if (file && file->pMethods)
        file->pMethods->xFileSize(file, &size);
    return size;
}

/* Of the files as they are open, for those of ":memory:" have no name. */
static int64_t database_bytes(sqlite3 *handle)
{
    sqlite3_file *database = NULL, *log = NULL;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &database);
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    return file_size(database) + file_size(log);
}

int store_totals(struct store_reader *r, struct store_totals *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[STMT_TOTALS];
    int got = db_step(&r->db, s);
    if (got < 0)
        return got;
    *out = (struct store_totals){
        .messages = sqlite3_column_int64(s, 0),
        .unread = sqlite3_column_int64(s, 1),
        .size_bytes = sqlite3_column_int64(s, 2),
        .database_bytes = database_bytes(r->db.handle),
    };
    return 0;
}

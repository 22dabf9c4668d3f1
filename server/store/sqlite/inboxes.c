#include "core/clock.h"
#include "secret/secret.h"
#include "store/sqlite/readers.h"
#include "store/texts.h"

#include <errno.h>

static void read_inbox(sqlite3_stmt *s, struct arena *arena, struct store_inbox *out)
{
    *out = (struct store_inbox){
        .id = sqlite3_column_int64(s, INBOX_ID),
        .name = column_text(s, INBOX_NAME, arena),
        .created_at_ms = sqlite3_column_int64(s, INBOX_CREATED_AT),
        .expires_at_ms = sqlite3_column_int64(s, INBOX_EXPIRES_AT),
        .username = column_text(s, INBOX_USERNAME, arena),
        .password = column_text(s, INBOX_PASSWORD, arena),
        .api_token = column_text(s, INBOX_API_TOKEN, arena),
        .message_count = sqlite3_column_int64(s, INBOX_MESSAGE_COUNT),
        .unread_count = sqlite3_column_int64(s, INBOX_UNREAD_COUNT),
        .size_bytes = sqlite3_column_int64(s, INBOX_SIZE_BYTES),
        .last_message_at_ms = sqlite3_column_int64(s, INBOX_LAST_MESSAGE_AT),
    };
    out->limits = (struct store_limits){
        .max_messages = sqlite3_column_int64(s, INBOX_MAX_MESSAGES),
        .max_age_seconds = sqlite3_column_int64(s, INBOX_MAX_AGE_SECONDS),
        .max_bytes = sqlite3_column_int64(s, INBOX_MAX_BYTES),
    };
    out->pruned_count = sqlite3_column_int64(s, INBOX_PRUNED_COUNT);
    out->recipients = texts_read((const char *)sqlite3_column_text(s, INBOX_RECIPIENTS), arena);
}

/* ---- one ---- */

/* `s` has all but the time bound. */
static int find(struct db *db, sqlite3_stmt *s, struct arena *arena, struct store_inbox *out)
{
    sqlite3_bind_int64(s, 1, clock_now_ms());
    int got = db_step(db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    read_inbox(s, arena, out);
    return 0;
}

/* Names are never all digits, so what is a number is an id. */
int store_inbox_find(struct store_reader *r, struct span id_or_name, struct arena *arena,
                     struct store_inbox *out)
{
    int64_t id;
    bool is_id = parse_id(id_or_name, &id);
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[is_id ? STMT_INBOX_BY_ID : STMT_INBOX_BY_NAME];
    if (!is_id && !store_inbox_name_is_valid(id_or_name))
        return -ENOENT;
    if (is_id)
        sqlite3_bind_int64(s, 2, id);
    else
        sqlite3_bind_text64(s, 2, id_or_name.ptr, id_or_name.len, SQLITE_STATIC, SQLITE_UTF8);
    return find(&r->db, s, arena, out);
}

int inbox_of_login(struct store_reader *r, const char *username, struct arena *arena,
                   struct store_inbox *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[STMT_INBOX_BY_LOGIN];
    bind_text(s, 2, username);
    return find(&r->db, s, arena, out);
}

/* By its digest: how long it takes tells nothing about the token. */
int store_inbox_of_token(struct store_reader *r, struct span token, struct arena *arena,
                         struct store_inbox *out)
{
    struct secret_digest digest = secret_digest(token);
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[STMT_INBOX_BY_TOKEN];
    sqlite3_bind_blob(s, 2, digest.bytes, sizeof(digest.bytes), SQLITE_STATIC);
    return find(&r->db, s, arena, out);
}

/* ---- many ---- */

static void bind_bounds(sqlite3_stmt *s, const struct store_list *list)
{
    int64_t after = list->after;
    int64_t before = list->before ? list->before : INT64_MAX;
    if (list->inbox_id && after < list->inbox_id)
        after = list->inbox_id - 1;
    if (list->inbox_id && before > list->inbox_id)
        before = list->inbox_id + 1;
    sqlite3_bind_int64(s, 2, after);
    sqlite3_bind_int64(s, 3, before);
}

/* One more than wanted is asked for, to know whether there is more. */
static int read_items(struct db *db, const struct store_list *list, int64_t now_ms,
                      struct arena *arena, struct store_inbox_page *page)
{
    sqlite3_stmt *s AUTO(stmt_reset) =
        db->stmts[list->oldest_first ? STMT_INBOXES_OLDEST : STMT_INBOXES_NEWEST];
    sqlite3_bind_int64(s, 1, now_ms);
    bind_bounds(s, list);
    sqlite3_bind_int64(s, 4, (int64_t)list->limit + 1);
    page->items = arena_alloc(arena, list->limit * sizeof(*page->items));
    int got;
    while ((got = db_step(db, s)) > 0 && page->count < list->limit)
        read_inbox(s, arena, &page->items[page->count++]);
    page->has_more = got > 0;
    return got < 0 ? got : 0;
}

static int count_inboxes(struct db *db, int64_t now_ms, int64_t *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_INBOXES_TOTAL];
    sqlite3_bind_int64(s, 1, now_ms);
    int got = db_step(db, s);
    if (got < 0)
        return got;
    *out = sqlite3_column_int64(s, 0);
    return 0;
}

static int read_page(struct db *db, const struct store_list *list, struct arena *arena,
                     struct store_inbox_page *page)
{
    int64_t now_ms = clock_now_ms();
    int err = read_items(db, list, now_ms, arena, page);
    if (!err && !list->inbox_id)
        err = count_inboxes(db, now_ms, &page->total);
    return err;
}

int store_inboxes_list(struct store_reader *r, const struct store_list *list, struct arena *arena,
                       struct store_inbox_page *out)
{
    struct store_inbox_page page = { .total = list->inbox_id ? 1 : 0 };
    int err = db_run(&r->db, STMT_SNAPSHOT); /* so that total and items agree */
    if (err)
        return err;
    err = read_page(&r->db, list, arena, &page);
    int end_err = db_run(&r->db, STMT_SNAPSHOT_END);
    if (err || end_err)
        return err ? err : end_err;
    *out = page;
    return 0;
}

/* ---- totals ---- */

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
    int64_t inboxes;
    int err = count_inboxes(&r->db, clock_now_ms(), &inboxes);
    if (err)
        return err;
    *out = (struct store_totals){
        .inboxes = inboxes,
        .messages = sqlite3_column_int64(s, TOTALS_MESSAGES),
        .unread = sqlite3_column_int64(s, TOTALS_UNREAD),
        .size_bytes = sqlite3_column_int64(s, TOTALS_SIZE_BYTES),
        .pruned = sqlite3_column_int64(s, TOTALS_PRUNED),
        .database_bytes = database_bytes(r->db.handle),
    };
    return 0;
}

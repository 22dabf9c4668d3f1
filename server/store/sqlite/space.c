#include "store/sqlite/space.h"

#include "store/sqlite/writer.h"

enum {
    KEEP = 4096,            /* free pages, which new messages will take */
    LOG_KEEP = 1024 * 1024, /* octets of the log, likewise */
    LOOK_AGAIN_MS = 1000,
};

static int count_free(struct db *db, int64_t *out)
{
    return db_number(db, "PRAGMA freelist_count", out);
}

/* Each step of the statement takes the last page off, having moved what is in it. */
int space_trim(struct writer *w, int64_t keep, const struct upkeep_step *s)
{
    sqlite3_stmt *vacuum AUTO(stmt_reset) = w->db.stmts[STMT_VACUUM];
    int64_t count;
    int err = count_free(&w->db, &count);
    if (err)
        return err;
    int got = 1;
    for (; got > 0 && count > keep && !upkeep_is_over(s); count--)
        got = db_step(&w->db, vacuum);
    return got < 0 ? got : 0;
}

/* Of the database or its log. */
static int64_t file_size(sqlite3 *handle, int which)
{
    sqlite3_int64 size = 0;
    sqlite3_file *file = NULL;
    sqlite3_file_control(handle, "main", which, &file);
    if (file->pMethods)
        file->pMethods->xFileSize(file, &size);
    return size;
}

/* The file itself gets shorter when the log is written back, which only works if nobody reads an
 * older state just then, and the log if nobody reads in it. */
static int shorten_file(struct writer *w, struct upkeep_step *s)
{
    int64_t size;
    int err = db_number(&w->db,
                        "SELECT page_count * page_size FROM pragma_page_count, "
                        "pragma_page_size",
                        &size);
    if (err)
        return err;
    bool is_file_long = file_size(w->db.handle, SQLITE_FCNTL_FILE_POINTER) > size;
    bool is_log_long = file_size(w->db.handle, SQLITE_FCNTL_JOURNAL_POINTER) > LOG_KEEP;
    w->must_shrink_log = is_file_long || is_log_long;
    if (w->must_shrink_log)
        s->again_ms = LOOK_AGAIN_MS;
    return 0;
}

int space_give_back(struct writer *w, struct upkeep_step *s)
{
    int64_t count;
    int err = count_free(&w->db, &count);
    if (err)
        return err;
    if (count <= KEEP)
        return shorten_file(w, s);
    s->again_ms = 0;
    return space_trim(w, KEEP, s);
}

#include "store/sqlite/space.h"

#include "store/sqlite/writer.h"

/* Pages. So many free ones are kept, beside a share of those in use: new messages take them, and to
 * give them back costs more the fewer they are, for pages in use move into their place. */
enum { KEEP = 1024, KEEP_SHARE = 8 };

enum { LOOK_AGAIN_MS = 1000 };

struct pages {
    int64_t all, free;
    int64_t in_file; /* more than `all` while the log has to be written back */
};

static int64_t file_size(sqlite3 *handle)
{
    sqlite3_int64 size = 0;
    sqlite3_file *file = NULL;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    file->pMethods->xFileSize(file, &size);
    return size;
}

static int count_pages(struct db *db, struct pages *out)
{
    int64_t page_size = 1;
    int err = db_number(db, "PRAGMA page_count", &out->all);
    if (!err)
        err = db_number(db, "PRAGMA freelist_count", &out->free);
    if (!err)
        err = db_number(db, "PRAGMA page_size", &page_size);
    out->in_file = file_size(db->handle) / page_size;
    return err;
}

static int64_t excess(const struct pages *p)
{
    return p->free - KEEP - (p->all - p->free) / KEEP_SHARE;
}

/* Each step of the statement takes one page off the end. */
static int give_back(struct db *db, int64_t count, const struct upkeep_step *s)
{
    sqlite3_stmt *vacuum AUTO(stmt_reset) = db->stmts[STMT_VACUUM];
    int got = 1;
    while (got > 0 && count-- > 0 && !upkeep_is_over(s))
        got = db_step(db, vacuum);
    return got < 0 ? got : 0;
}

/* The file gets shorter when the log is written back, which only works if nobody reads an older
 * state just then. */
int space_give_back(struct writer *w, struct upkeep_step *s)
{
    struct pages p;
    int err = count_pages(&w->db, &p);
    if (err)
        return err;
    if (excess(&p) > 0) {
        s->again_ms = 0;
        return give_back(&w->db, excess(&p), s);
    }
    w->must_shrink_log = p.in_file > p.all;
    if (w->must_shrink_log)
        s->again_ms = LOOK_AGAIN_MS;
    return 0;
}

#include "store/sqlite/sweep.h"

#include "store/sqlite/change.h"
#include "store/sqlite/leaving.h"
#include "store/sqlite/space.h"

enum {
    GROUP = 64,                    /* messages removed at a time */
    GROUP_BYTES = 4 * 1024 * 1024, /* or about so many octets of them */
    FREE_PAGES = 64,               /* kept: giving the others back later would take longer */
};

struct waste {
    int64_t inbox_id, cleared_to;
};

/* 1: there is some. 0: there is none. */
static int find_waste(struct db *db, struct waste *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SWEEP_FIND];
    int got = db_step(db, s);
    if (got <= 0)
        return got;
    *out = (struct waste){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
    return 1;
}

/* Newest first, because newer ones tend to lie nearer to the end of the file: what they leave can
 * be cut off as it is. Returns how many there are. */
static int find_group(struct db *db, const struct waste *waste, int64_t ids[GROUP])
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SWEEP_SOME];
    sqlite3_bind_int64(s, 1, waste->inbox_id);
    sqlite3_bind_int64(s, 2, waste->cleared_to);
    int64_t bytes = 0;
    int count = 0, got = 1;
    while (count < GROUP && bytes < GROUP_BYTES && (got = db_step(db, s)) > 0) {
        ids[count++] = sqlite3_column_int64(s, 0);
        bytes += sqlite3_column_int64(s, 1);
    }
    return got < 0 ? got : count;
}

static int remove_group(struct db *db, const int64_t *ids, int count)
{
    int err = 0;
    for (int i = 0; !err && i < count; i++)
        err = change_remove(db, ids[i]);
    return err;
}

static int finish(struct writer *w, int64_t inbox_id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = w->db.stmts[STMT_SWEPT];
    sqlite3_bind_int64(s, 1, inbox_id);
    upkeep_wake(&w->upkeep, UPKEEP_REMOVED);
    return db_step(&w->db, s);
}

static int sweep_inbox(struct writer *w, const struct waste *waste, struct upkeep_step *s)
{
    for (;;) {
        int64_t ids[GROUP];
        int err = space_trim(w, FREE_PAGES, s);
        if (err || upkeep_is_over(s))
            return err;
        int count = find_group(&w->db, waste, ids);
        if (count <= 0)
            return count < 0 ? count : finish(w, waste->inbox_id);
        err = remove_group(&w->db, ids, count);
        if (err)
            return err;
    }
}

int sweep(struct writer *w, struct upkeep_step *s)
{
    struct waste waste;
    int got = find_waste(&w->db, &waste);
    if (got < 0)
        return got;
    bool more = true;
    int err = got ? sweep_inbox(w, &waste, s) : leaving_finish(w, &more);
    if (!err && more)
        s->again_ms = 0;
    return err;
}

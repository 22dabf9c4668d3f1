#include "store/sqlite/leaving.h"

#include "store/sqlite/accounts.h"
#include "store/sqlite/plans.h"

#include <errno.h>

#define CALL_OF(job_ptr, type) container_of(job_ptr, type, call.job)

enum { GROUP = 64 };

static int run_with_id(struct db *db, enum statement which, int64_t id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[which];
    sqlite3_bind_int64(s, 1, id);
    return db_step(db, s);
}

/* ---- leaving ---- */

/* Its name is free again at once: the row takes one that no inbox can have. */
static int leave(struct writer *w, int64_t id)
{
    int err = run_with_id(&w->db, STMT_INBOX_LEAVE, id);
    if (!err)
        err = run_with_id(&w->db, STMT_ACCOUNT_REMOVE, id);
    if (!err)
        err = plans_remove(&w->db, id);
    if (!err)
        writer_news(w, STORE_INBOX_DELETED, id, 0);
    upkeep_wake(&w->upkeep, UPKEEP_CLEARED);
    return err;
}

/* What is known of it outside of the database. */
static void forget(struct writer *w, int64_t id)
{
    routes_drop(w->routes, id);
    plans_tell(w, id, NULL);
}

struct delete_call {
    struct call call;
    int64_t id;
};

static int run_delete(struct writer *w, struct job *j)
{
    int64_t id = CALL_OF(j, struct delete_call)->id;
    int err = accounts_check(&w->db, id);
    if (err != -ENOENT)
        return err ? err : leave(w, id);
    j->result = err;
    return 0;
}

static void settle_delete(struct writer *w, struct job *j)
{
    if (j->result == 0)
        forget(w, CALL_OF(j, struct delete_call)->id);
    writer_answer(w, j);
}

int leaving_delete(struct writer *w, int64_t id)
{
    struct delete_call c = { .call.job = { .run = run_delete, .settle = settle_delete }, .id = id };
    return writer_call(w, &c.call);
}

/* ---- expiry ---- */

/* 1 with *id_out and *at_ms set to the one that is over first, else 0. */
static int find_first(struct db *db, int64_t *id_out, int64_t *at_ms)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_EXPIRY_FIRST];
    int got = db_step(db, s);
    if (got > 0) {
        *id_out = sqlite3_column_int64(s, 0);
        *at_ms = sqlite3_column_int64(s, 1);
    }
    return got;
}

/* No mail is routed to them by then, so that it does not matter when the route is dropped. */
int leaving_expire(struct writer *w, struct upkeep_step *s)
{
    int64_t id, at_ms;
    int got, err = 0;
    while ((got = find_first(&w->db, &id, &at_ms)) > 0 && at_ms <= s->now_ms && !err) {
        if (upkeep_is_over(s))
            break;
        forget(w, id);
        err = leave(w, id);
    }
    if (got > 0 && !err)
        s->again_ms = at_ms > s->now_ms ? at_ms - s->now_ms : 0;
    return err ? err : got < 0 ? got : 0;
}

/* ---- gone ---- */

int leaving_finish(struct writer *w, bool *more)
{
    int err = run_with_id(&w->db, STMT_INBOX_GONE, GROUP);
    *more = !err && sqlite3_changes(w->db.handle) == GROUP;
    return err;
}

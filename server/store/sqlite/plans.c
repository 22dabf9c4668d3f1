#include "store/sqlite/plans.h"

#include "store/sqlite/accounts.h"

#include <errno.h>

#define CALL_OF(job_ptr, type) container_of(job_ptr, type, call.job)

void plans_tell(const struct writer *w, int64_t inbox_id, const char *plan)
{
    if (w->plan_told)
        w->plan_told(w->plan_arg, inbox_id, plan);
}

/* ---- changing ---- */

struct put_call {
    struct call call;
    int64_t inbox_id;
    const char *plan;
};

static int put(struct db *db, int64_t inbox_id, const char *plan)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_PLAN_PUT];
    sqlite3_bind_int64(s, 1, inbox_id);
    bind_text(s, 2, plan);
    return db_step(db, s);
}

int plans_remove(struct db *db, int64_t inbox_id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_PLAN_REMOVE];
    sqlite3_bind_int64(s, 1, inbox_id);
    return db_step(db, s);
}

static int run_put(struct writer *w, struct job *j)
{
    const struct put_call *c = CALL_OF(j, struct put_call);
    int err = c->inbox_id == STORE_ALL_SESSIONS ? 0 : accounts_check(&w->db, c->inbox_id);
    if (err == -ENOENT) {
        j->result = err;
        return 0;
    }
    if (err)
        return err;
    return c->plan ? put(&w->db, c->inbox_id, c->plan) : plans_remove(&w->db, c->inbox_id);
}

/* In force before its giver hears. */
static void settle_put(struct writer *w, struct job *j)
{
    const struct put_call *c = CALL_OF(j, struct put_call);
    if (j->result == 0)
        plans_tell(w, c->inbox_id, c->plan);
    writer_answer(w, j);
}

int plans_put(struct writer *w, int64_t inbox_id, const char *plan)
{
    struct put_call c = {
        .call.job = { .run = run_put, .settle = settle_put },
        .inbox_id = inbox_id,
        .plan = plan,
    };
    return writer_call(w, &c.call);
}

/* ---- at the start ---- */

int plans_start(struct writer *w)
{
    sqlite3_stmt *s AUTO(stmt_reset) = w->db.stmts[STMT_PLANS];
    int got;
    while ((got = db_step(&w->db, s)) > 0)
        plans_tell(w, sqlite3_column_int64(s, 0), (const char *)sqlite3_column_text(s, 1));
    return got;
}

#include "store/sqlite/change.h"

#include "store/sqlite/indexing.h"

#include <assert.h>
#include <errno.h>

#define CALL_OF(job_ptr, type) container_of(job_ptr, type, call.job)

/* ---- delete one ---- */

struct delete_call {
    struct call call;
    int64_t id;
};

/* -ENOENT if it is not there. */
static int delete_message(struct db *db, int64_t id, int64_t *inbox_out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_DELETE];
    sqlite3_bind_int64(s, 1, id);
    int err = indexing_forget(db, id);
    if (err)
        return err;
    int got = db_step(db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    int64_t inbox = sqlite3_column_int64(s, 0);
    got = db_step(db, s); /* the change is complete only then */
    if (got < 0)
        return got;
    *inbox_out = inbox;
    return 0;
}

static int run_delete(struct writer *w, struct job *j)
{
    int64_t id = CALL_OF(j, struct delete_call)->id;
    int64_t inbox;
    int err = delete_message(&w->db, id, &inbox);
    if (err == -ENOENT) {
        j->result = err;
        return 0;
    }
    if (err)
        return err;
    writer_news(w, STORE_MESSAGE_DELETED, inbox, id);
    upkeep_wake(&w->upkeep, UPKEEP_REMOVED);
    return 0;
}

int change_delete(struct writer *w, int64_t id)
{
    struct delete_call c = {
        .call.job = { .run = run_delete, .settle = writer_answer },
        .id = id,
    };
    return writer_call(w, &c.call);
}

/* ---- delete some ---- */

/* Each is a job of its own, so that each makes news, and all are in one transaction or two. */
int change_delete_some(struct writer *w, const int64_t *ids, size_t count, int64_t *deleted)
{
    struct delete_call calls[CHANGE_SOME];
    int err = 0;
    assert(count <= CHANGE_SOME);
    for (size_t i = 0; i < count; i++) {
        calls[i] = (struct delete_call){
            .call.job = { .run = run_delete, .settle = writer_answer },
            .id = ids[i],
        };
        writer_post(w, &calls[i].call.job);
    }
    for (size_t i = 0; i < count; i++) {
        int result = writer_wait(w, &calls[i].call);
        *deleted += !result;
        if (result && result != -ENOENT)
            err = result;
    }
    return err;
}

/* ---- delete all ---- */

/* An inbox is emptied in steps, each a job of its own, so that deliveries are stored in between
 * however large it is. */
enum { CLEAR_STEP_MESSAGES = 256 };
enum { CLEAR_STEP_BYTES = 16 * 1024 * 1024 };

struct clear_call {
    struct call call;
    int64_t inbox_id; /* 0: all */
    int64_t newest;   /* what arrives later stays */
    int64_t deleted;  /* in the steps that are committed */
    bool has_begun;   /* a step is committed */
    int64_t step_deleted;
    bool has_more;
};

struct clear_step {
    int64_t ids[CLEAR_STEP_MESSAGES];
    size_t count;
    bool is_last;
};

static int find_newest(struct db *db, int64_t *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_NEWEST];
    int got = db_step(db, s);
    if (got < 0)
        return got;
    *out = sqlite3_column_int64(s, 0);
    return 0;
}

static int find_step(struct db *db, const struct clear_call *c, struct clear_step *step)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[c->inbox_id ? STMT_CLEAR_INBOX : STMT_CLEAR_ALL];
    sqlite3_bind_int64(s, 1, c->newest);
    if (c->inbox_id)
        sqlite3_bind_int64(s, 2, c->inbox_id);
    int64_t bytes = 0;
    int got = 1;
    while (step->count < CLEAR_STEP_MESSAGES && bytes < CLEAR_STEP_BYTES &&
           (got = db_step(db, s)) > 0) {
        step->ids[step->count++] = sqlite3_column_int64(s, 0);
        bytes += sqlite3_column_int64(s, 1);
    }
    step->is_last = got == 0;
    return got < 0 ? got : 0;
}

static int delete_step(struct db *db, const struct clear_step *step)
{
    int err = 0;
    int64_t inbox;
    for (size_t i = 0; !err && i < step->count; i++)
        err = delete_message(db, step->ids[i], &inbox);
    return err;
}

/* Told when it begins, for what is left may be much, and when it is over. */
static void tell_cleared(struct writer *w, const struct clear_call *c,
                         const struct clear_step *step)
{
    if (c->has_begun ? step->is_last : step->count > 0)
        writer_news(w, STORE_MESSAGES_CLEARED, c->inbox_id, 0);
}

static int run_clear(struct writer *w, struct job *j)
{
    struct clear_call *c = CALL_OF(j, struct clear_call);
    struct clear_step step = { .count = 0 };
    int err = c->has_begun ? 0 : find_newest(&w->db, &c->newest);
    if (!err)
        err = find_step(&w->db, c, &step);
    if (!err)
        err = delete_step(&w->db, &step);
    if (err)
        return err;
    c->step_deleted = (int64_t)step.count;
    c->has_more = !step.is_last;
    tell_cleared(w, c, &step);
    upkeep_wake(&w->upkeep, UPKEEP_REMOVED);
    return 0;
}

static void settle_clear(struct writer *w, struct job *j)
{
    struct clear_call *c = CALL_OF(j, struct clear_call);
    if (j->result == 0) {
        c->has_begun = true;
        c->deleted += c->step_deleted;
    }
    if (j->result == 0 && c->has_more)
        writer_post(w, j);
    else
        writer_answer(w, j);
}

int change_clear(struct writer *w, int64_t inbox_id, int64_t *deleted_out)
{
    struct clear_call c = {
        .call.job = { .run = run_clear, .settle = settle_clear, .bytes = CLEAR_STEP_BYTES },
        .inbox_id = inbox_id,
    };
    int err = writer_call(w, &c.call);
    if (!err)
        *deleted_out = c.deleted;
    return err;
}

/* ---- flags ---- */

struct mark_call {
    struct call call;
    int64_t id;
    struct store_flags flags;
};

struct marks {
    int64_t inbox_id;
    bool read, pinned;
};

static int find_marks(struct db *db, int64_t id, struct marks *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_FLAGS];
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(db, s);
    if (got <= 0)
        return got == 0 ? -ENOENT : got;
    *out = (struct marks){
        .inbox_id = sqlite3_column_int64(s, 0),
        .read = sqlite3_column_int(s, 1),
        .pinned = sqlite3_column_int(s, 2),
    };
    return 0;
}

static int put_marks(struct db *db, int64_t id, const struct marks *m)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_MARK];
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int(s, 2, m->read);
    sqlite3_bind_int(s, 3, m->pinned);
    return db_step(db, s);
}

static int run_mark(struct writer *w, struct job *j)
{
    const struct mark_call *c = CALL_OF(j, struct mark_call);
    struct marks before;
    int err = find_marks(&w->db, c->id, &before);
    if (err == -ENOENT) {
        j->result = err;
        return 0;
    }
    if (err)
        return err;
    struct marks after = before;
    if (c->flags.set_read)
        after.read = c->flags.read;
    if (c->flags.set_pinned)
        after.pinned = c->flags.pinned;
    if (after.read == before.read && after.pinned == before.pinned)
        return 0;
    writer_news(w, STORE_MESSAGE_CHANGED, before.inbox_id, c->id);
    return put_marks(&w->db, c->id, &after);
}

int change_mark(struct writer *w, int64_t id, struct store_flags flags)
{
    struct mark_call c = {
        .call.job = { .run = run_mark, .settle = writer_answer },
        .id = id,
        .flags = flags,
    };
    return writer_call(w, &c.call);
}

/* ---- probe ---- */

static int run_probe(struct writer *w, struct job *j)
{
    (void)j;
    return db_run(&w->db, STMT_PROBE);
}

int change_probe(struct writer *w)
{
    struct call c = { .job = { .run = run_probe, .settle = writer_answer } };
    return writer_call(w, &c);
}

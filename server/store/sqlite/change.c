#include "store/sqlite/change.h"

#include "store/sqlite/indexing.h"
#include "store/texts.h"

#include <assert.h>
#include <errno.h>

#define CALL_OF(job_ptr, type) container_of(job_ptr, type, call.job)

/* ---- what is there ---- */

struct marks {
    int64_t inbox_id;
    bool read, pinned;
    const char *tags; /* JSON; NULL: none */
};

/* The tags live in `arena`. */
static int find_marks(struct db *db, int64_t id, struct arena *arena, struct marks *out)
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
        .tags = column_text(s, 3, arena),
    };
    return 0;
}

/* ---- delete one ---- */

struct delete_call {
    struct call call;
    int64_t id;
};

int change_remove(struct db *db, int64_t id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_REMOVE];
    sqlite3_bind_int64(s, 1, id);
    int err = indexing_forget(db, id);
    return err ? err : db_step(db, s);
}

static int run_delete(struct writer *w, struct job *j)
{
    int64_t id = CALL_OF(j, struct delete_call)->id;
    struct arena arena AUTO(arena_done) = { 0 };
    struct marks marks;
    int err = find_marks(&w->db, id, &arena, &marks);
    if (err == -ENOENT) {
        j->result = err;
        return 0;
    }
    if (err)
        return err;
    writer_news(w, STORE_MESSAGE_DELETED, marks.inbox_id, id);
    upkeep_wake(&w->upkeep, UPKEEP_REMOVED);
    return change_remove(&w->db, id);
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

/* However many there are, they are only written off. The chore of sweep.c removes them. */
struct clear_call {
    struct call call;
    int64_t inbox_id; /* 0: all */
    int64_t deleted;
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

static int count_messages(struct db *db, int64_t inbox_id, int64_t *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_CLEAR_COUNT];
    sqlite3_bind_int64(s, 1, inbox_id);
    int got = db_step(db, s);
    if (got < 0)
        return got;
    *out = sqlite3_column_int64(s, 0);
    return 0;
}

static int write_off(struct db *db, int64_t inbox_id, int64_t newest)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_CLEAR];
    sqlite3_bind_int64(s, 1, inbox_id);
    sqlite3_bind_int64(s, 2, newest);
    return db_step(db, s);
}

static int run_clear(struct writer *w, struct job *j)
{
    struct clear_call *c = CALL_OF(j, struct clear_call);
    int64_t newest;
    int err = count_messages(&w->db, c->inbox_id, &c->deleted);
    if (err || c->deleted == 0)
        return err;
    err = find_newest(&w->db, &newest);
    if (err)
        return err;
    writer_news(w, STORE_MESSAGES_CLEARED, c->inbox_id, 0);
    upkeep_wake(&w->upkeep, UPKEEP_CLEARED);
    return write_off(&w->db, c->inbox_id, newest);
}

int change_clear(struct writer *w, int64_t inbox_id, int64_t *deleted_out)
{
    struct clear_call c = {
        .call.job = { .run = run_clear, .settle = writer_answer },
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
    int64_t inbox_id; /* where it must be; 0: anywhere */
    const struct store_flags *flags;
    bool has_changed;
};

static int put_marks(struct db *db, int64_t id, const struct marks *m)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_MESSAGE_MARK];
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int(s, 2, m->read);
    sqlite3_bind_int(s, 3, m->pinned);
    bind_text(s, 4, m->tags);
    return db_step(db, s);
}

static struct marks marks_with(const struct marks *before, const struct store_flags *flags,
                               struct arena *arena)
{
    struct marks after = *before;
    if (flags->set_read)
        after.read = flags->read;
    if (flags->set_pinned)
        after.pinned = flags->pinned;
    if (flags->set_tags)
        after.tags = flags->tags.count ? texts_write(&flags->tags, arena) : NULL;
    return after;
}

static bool are_same(const struct marks *a, const struct marks *b)
{
    return a->read == b->read && a->pinned == b->pinned &&
           span_eq(span_of(a->tags), span_of(b->tags));
}

static int mark(struct writer *w, struct mark_call *c)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct marks before;
    int err = find_marks(&w->db, c->id, &arena, &before);
    if (!err && c->inbox_id && before.inbox_id != c->inbox_id)
        err = -ENOENT;
    if (err)
        return err;
    struct marks after = marks_with(&before, c->flags, &arena);
    c->has_changed = !are_same(&before, &after);
    if (!c->has_changed)
        return 0;
    if (before.pinned && !after.pinned)
        upkeep_wake(&w->upkeep, UPKEEP_LIMITED);
    writer_news(w, STORE_MESSAGE_CHANGED, before.inbox_id, c->id);
    return put_marks(&w->db, c->id, &after);
}

static int run_mark(struct writer *w, struct job *j)
{
    int err = mark(w, CALL_OF(j, struct mark_call));
    if (err != -ENOENT)
        return err;
    j->result = err;
    return 0;
}

static struct mark_call mark_call(int64_t inbox_id, int64_t id, const struct store_flags *flags)
{
    return (struct mark_call){
        .call.job = { .run = run_mark, .settle = writer_answer },
        .id = id,
        .inbox_id = inbox_id,
        .flags = flags,
    };
}

int change_mark(struct writer *w, int64_t id, const struct store_flags *flags)
{
    struct mark_call c = mark_call(0, id, flags);
    return writer_call(w, &c.call);
}

int change_mark_some(struct writer *w, int64_t inbox_id, const int64_t *ids, size_t count,
                     const struct store_flags *flags, int64_t *changed)
{
    struct mark_call calls[CHANGE_SOME];
    int err = 0;
    assert(count <= CHANGE_SOME);
    for (size_t i = 0; i < count; i++) {
        calls[i] = mark_call(inbox_id, ids[i], flags);
        writer_post(w, &calls[i].call.job);
    }
    for (size_t i = 0; i < count; i++) {
        int result = writer_wait(w, &calls[i].call);
        *changed += !result && calls[i].has_changed;
        if (result && result != -ENOENT)
            err = result;
    }
    return err;
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

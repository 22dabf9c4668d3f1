#include "store/sqlite/retention.h"

#include "core/metrics.h"
#include "store/sqlite/change.h"

#include <inttypes.h>

enum {
    GROUP = 64,        /* messages looked at together */
    URGENT_PART = 10,  /* so much of the limit beyond it, and nobody rests */
    SOONEST_MS = 1000, /* after which it is looked for what has become too old */
};

/* ---- what there is ---- */

struct candidate {
    int64_t id, inbox_id, size, received_at_ms;
    bool is_newest;
    bool may_go; /* it is not pinned, and was not cleared before */
};

static struct candidate read_candidate(sqlite3_stmt *s)
{
    return (struct candidate){
        .id = sqlite3_column_int64(s, 0),
        .inbox_id = sqlite3_column_int64(s, 1),
        .size = sqlite3_column_int64(s, 2),
        .received_at_ms = sqlite3_column_int64(s, 3),
        .is_newest = sqlite3_column_int(s, 4),
        .may_go = sqlite3_column_int(s, 5),
    };
}

/* The oldest that were not looked at yet, of an inbox, or of all if it is 0. Those that may not go
 * are among them, for there may be more of them than could be passed over in one step. Returns how
 * many. */
static int find_oldest(struct writer *w, int64_t inbox_id, struct candidate out[GROUP])
{
    struct retention *r = &w->retention;
    sqlite3_stmt *s AUTO(stmt_reset) =
        w->db.stmts[inbox_id ? STMT_OLDEST_OF_INBOX : STMT_OLDEST_OF_ALL];
    if (r->passed_in != inbox_id)
        r->passed_to = 0;
    r->passed_in = inbox_id;
    sqlite3_bind_int64(s, 1, r->passed_to);
    if (inbox_id)
        sqlite3_bind_int64(s, 2, inbox_id);
    int count = 0, got = 1;
    while (count < GROUP && (got = db_step(&w->db, s)) > 0)
        out[count++] = read_candidate(s);
    return got < 0 ? got : count;
}

/* ---- removing ---- */

static int tell(struct writer *w, int64_t inbox_id, int64_t count)
{
    if (count == 0)
        return 0;
    sqlite3_stmt *s AUTO(stmt_reset) = w->db.stmts[STMT_PRUNED];
    sqlite3_bind_int64(s, 1, inbox_id);
    sqlite3_bind_int64(s, 2, count);
    writer_pruned_news(w, inbox_id, count);
    metric_add(&metrics.messages_pruned, (uint64_t)count);
    upkeep_wake(&w->upkeep, UPKEEP_REMOVED);
    return db_step(&w->db, s);
}

/* What is beyond the limits. */
struct excess {
    int64_t messages, bytes;
    int64_t received_before_ms; /* goes too; 0: nothing does for its age */
    int64_t oldest_left_ms;     /* set by remove_excess(); 0: nothing is left that may go */
};

static bool is_excessive(const struct excess *x, const struct candidate *c)
{
    bool is_too_much = (x->messages > 0 || x->bytes > 0) && !c->is_newest;
    return is_too_much || c->received_at_ms < x->received_before_ms;
}

/* What goes together is of one inbox. */
struct batch {
    int64_t inbox_id, count;
};

static int remove_one(struct writer *w, const struct candidate *c, struct excess *x,
                      struct batch *batch)
{
    int err = 0;
    if (c->inbox_id != batch->inbox_id) {
        err = tell(w, batch->inbox_id, batch->count);
        *batch = (struct batch){ .inbox_id = c->inbox_id };
    }
    batch->count++;
    x->messages--;
    x->bytes -= c->size;
    return err ? err : change_remove(&w->db, c->id);
}

/* Removes of the group what is too much, and takes it off the excess. *done says whether that was
 * all. */
static int remove_some(struct writer *w, const struct candidate *group, int count, struct excess *x,
                       const struct upkeep_step *s, bool *done)
{
    struct batch batch = { 0 };
    int err = 0;
    for (int i = 0; !err && !*done && i < count && !upkeep_is_over(s); i++) {
        *done = group[i].may_go && !is_excessive(x, &group[i]);
        if (*done)
            x->oldest_left_ms = group[i].received_at_ms;
        else if (group[i].may_go)
            err = remove_one(w, &group[i], x, &batch);
        if (!*done)
            w->retention.passed_to = group[i].id;
    }
    return err ? err : tell(w, batch.inbox_id, batch.count);
}

/* *done: there is no excess left, or nothing that may go. */
static int remove_excess(struct writer *w, int64_t inbox_id, struct excess *x,
                         const struct upkeep_step *s, bool *done)
{
    struct candidate group[GROUP];
    int count, err = 0;
    *done = false;
    while (!err && !*done && !upkeep_is_over(s)) {
        count = find_oldest(w, inbox_id, group);
        *done = count <= 0;
        err = count < 0 ? count : remove_some(w, group, count, x, s, done);
    }
    if (*done)
        w->retention.passed_to = 0;
    return err;
}

/* ---- one inbox ---- */

struct tenant {
    int64_t id, messages, bytes;
    struct store_limits limits;
};

static int64_t beyond(int64_t there, int64_t most)
{
    return most && there > most ? there - most : 0;
}

static bool is_urgent(int64_t excess, int64_t most)
{
    return excess > most / URGENT_PART;
}

/* When the oldest that is left will be too old. */
static void note_next(struct writer *w, int64_t oldest_ms, int64_t max_age_seconds,
                      const struct upkeep_step *s)
{
    int64_t at_ms = oldest_ms + max_age_seconds * 1000;
    int64_t in_ms = at_ms > s->now_ms + SOONEST_MS ? at_ms - s->now_ms : SOONEST_MS;
    if (in_ms < w->retention.again_ms)
        w->retention.again_ms = in_ms;
}

static int look_at(struct writer *w, const struct tenant *t, struct upkeep_step *s, bool *done)
{
    struct excess x = {
        .messages = beyond(t->messages, t->limits.max_messages),
        .bytes = beyond(t->bytes, t->limits.max_bytes),
        .received_before_ms =
            t->limits.max_age_seconds ? s->now_ms - t->limits.max_age_seconds * 1000 : 0,
    };
    *done = true;
    s->is_urgent |= x.messages && is_urgent(x.messages, t->limits.max_messages);
    if (!x.messages && !x.bytes && !x.received_before_ms)
        return 0;
    int err = remove_excess(w, t->id, &x, s, done);
    if (!err && x.oldest_left_ms && t->limits.max_age_seconds)
        note_next(w, x.oldest_left_ms, t->limits.max_age_seconds, s);
    return err;
}

static int64_t own_or(sqlite3_stmt *s, int column, int64_t otherwise)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? otherwise
                                                         : sqlite3_column_int64(s, column);
}

/* 1: *out is the next inbox with messages. */
static int next_tenant(struct writer *w, struct tenant *out)
{
    const struct store_limits *general = &w->retention.per_inbox;
    sqlite3_stmt *s AUTO(stmt_reset) = w->db.stmts[STMT_TENANT_NEXT];
    sqlite3_bind_int64(s, 1, w->retention.after);
    int got = db_step(&w->db, s);
    if (got > 0)
        *out = (struct tenant){
            .id = sqlite3_column_int64(s, 0),
            .messages = sqlite3_column_int64(s, 1),
            .bytes = sqlite3_column_int64(s, 2),
            .limits = { .max_messages = own_or(s, 3, general->max_messages),
                        .max_age_seconds = own_or(s, 4, general->max_age_seconds),
                        .max_bytes = own_or(s, 5, general->max_bytes) },
        };
    return got;
}

/* ---- all together ---- */

static int sum_bytes(struct db *db, int64_t *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_BYTES_OF_ALL];
    int got = db_step(db, s);
    if (got > 0)
        *out = sqlite3_column_int64(s, 0);
    return got < 0 ? got : 0;
}

static int look_at_all(struct writer *w, struct upkeep_step *s, bool *done)
{
    int64_t bytes = 0, most = w->retention.max_bytes;
    int err = most ? sum_bytes(&w->db, &bytes) : 0;
    struct excess x = { .bytes = beyond(bytes, most) };
    *done = true;
    if (err || x.bytes == 0)
        return err;
    s->is_urgent |= is_urgent(x.bytes, most);
    return remove_excess(w, 0, &x, s, done);
}

/* ---- the round ---- */

/* Goes through the inboxes from where it was. *done: it is through. */
static int go_round(struct writer *w, struct upkeep_step *s, bool *done)
{
    struct tenant t;
    int got, err = 0;
    *done = false;
    while (!upkeep_is_over(s)) {
        bool is_well = true;
        got = next_tenant(w, &t);
        if (got > 0)
            err = look_at(w, &t, s, &is_well);
        if (got <= 0 || err) {
            *done = got == 0;
            return got < 0 ? got : err;
        }
        if (is_well)
            w->retention.after = t.id;
    }
    return 0;
}

int retention_step(struct writer *w, struct upkeep_step *s)
{
    struct retention *r = &w->retention;
    bool done;
    if (w->upkeep.has_failed)
        r->after = r->passed_to = 0; /* what was removed may be there again */
    if (r->after == 0)
        r->again_ms = INT64_MAX;
    int err = go_round(w, s, &done);
    if (!err && done)
        err = look_at_all(w, s, &done);
    if (err)
        return err;
    if (done)
        r->after = 0;
    if (!done)
        s->again_ms = 0;
    else if (r->again_ms != INT64_MAX)
        s->again_ms = r->again_ms;
    return 0;
}

#include "store/sqlite/retention.h"

#include "store/sqlite/change.h"

#include <inttypes.h>

enum {
    GROUP = 64,        /* messages found at a time */
    URGENT_PART = 10,  /* so much of the limit beyond it, and nobody rests */
    SOONEST_MS = 1000, /* after which it is looked for what has become too old */
};

/* ---- what there is ---- */

struct candidate {
    int64_t id, inbox_id, size, received_at_ms;
    bool is_newest;
};

static struct candidate read_candidate(sqlite3_stmt *s)
{
    return (struct candidate){
        .id = sqlite3_column_int64(s, 0),
        .inbox_id = sqlite3_column_int64(s, 1),
        .size = sqlite3_column_int64(s, 2),
        .received_at_ms = sqlite3_column_int64(s, 3),
        .is_newest = sqlite3_column_int(s, 4),
    };
}

/* The oldest that may go, of an inbox, or of all if it is 0. Returns how many. */
static int find_oldest(struct db *db, int64_t inbox_id, struct candidate out[GROUP])
{
    sqlite3_stmt *s AUTO(stmt_reset) =
        db->stmts[inbox_id ? STMT_OLDEST_OF_INBOX : STMT_OLDEST_OF_ALL];
    if (inbox_id)
        sqlite3_bind_int64(s, 1, inbox_id);
    int count = 0, got = 1;
    while (count < GROUP && (got = db_step(db, s)) > 0)
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
    upkeep_wake(&w->upkeep, UPKEEP_REMOVED);
    return db_step(&w->db, s);
}

/* What is beyond the limits. */
struct excess {
    int64_t messages, bytes;
    int64_t received_before_ms; /* goes too; 0: nothing does for its age */
};

static bool is_excessive(const struct excess *x, const struct candidate *c)
{
    bool is_too_much = (x->messages > 0 || x->bytes > 0) && !c->is_newest;
    return is_too_much || c->received_at_ms < x->received_before_ms;
}

/* Removes of the group what is too much, and takes it off the excess. *done says whether that was
 * all. */
static int remove_some(struct writer *w, const struct candidate *group, int count, struct excess *x,
                       const struct upkeep_step *s, bool *done)
{
    int64_t inbox_id = 0, removed = 0;
    int err = 0, i = 0;
    for (; !err && i < count && is_excessive(x, &group[i]) && !upkeep_is_over(s); i++) {
        if (group[i].inbox_id != inbox_id) {
            err = tell(w, inbox_id, removed);
            inbox_id = group[i].inbox_id;
            removed = 0;
        }
        if (!err)
            err = change_remove(&w->db, group[i].id);
        removed++;
        x->messages--;
        x->bytes -= group[i].size;
    }
    *done = i < count && !is_excessive(x, &group[i]);
    return err ? err : tell(w, inbox_id, removed);
}

/* *done: there is no excess left, or nothing that may go. */
static int remove_excess(struct writer *w, int64_t inbox_id, struct excess *x,
                         const struct upkeep_step *s, bool *done)
{
    struct candidate group[GROUP];
    int count, err = 0;
    *done = false;
    while (!*done && !upkeep_is_over(s)) {
        count = find_oldest(&w->db, inbox_id, group);
        if (count <= 0) {
            *done = true;
            return count;
        }
        err = remove_some(w, group, count, x, s, done);
        if (err)
            return err;
    }
    return 0;
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
static int note_next(struct writer *w, const struct tenant *t, const struct upkeep_step *s)
{
    struct candidate group[GROUP];
    int count = find_oldest(&w->db, t->id, group);
    if (count <= 0)
        return count;
    int64_t at_ms = group[0].received_at_ms + t->limits.max_age_seconds * 1000;
    int64_t in_ms = at_ms > s->now_ms + SOONEST_MS ? at_ms - s->now_ms : SOONEST_MS;
    if (in_ms < w->retention.again_ms)
        w->retention.again_ms = in_ms;
    return 0;
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
    if (!err && *done && t->limits.max_age_seconds)
        err = note_next(w, t, s);
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

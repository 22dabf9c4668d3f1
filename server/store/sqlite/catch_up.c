#include "store/sqlite/catch_up.h"

#include "core/clock.h"
#include "core/log.h"
#include "store/sqlite/indexing.h"

#include <errno.h>

enum { STEP_MESSAGES = 64, STEP_BYTES = 1024 * 1024, RETRY_US = 5000000 };

struct filling {
    int64_t id;
    struct packed_words words;
};

/* Some messages with their words, for the writer. */
struct step {
    struct call call;
    struct filling filled[STEP_MESSAGES];
    size_t count, bytes;
    int64_t done_to; /* the oldest that was looked at; 0: there was none */
};

static void step_done(struct step *s)
{
    for (size_t i = 0; i < s->count; i++)
        words_done(&s->filled[i].words);
}

/* ---- reading ---- */

/* Of the messages up to `id` that are left, the newest; 0: none is. */
static int find_next(struct store_reader *r, int64_t id, int64_t *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[STMT_UNREAD_NEXT];
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(&r->db, s);
    if (got < 0)
        return got;
    *out = sqlite3_column_int64(s, 0);
    return 0;
}

/* What cannot be read is found by what can; what was deleted meanwhile needs no words. */
static int fill(struct catch_up *c, struct store_reader *r, int64_t id, struct step *s)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_content content = { 0 };
    struct store_message m;
    struct source raw;
    int err = store_message_get(r, id, &arena, &m);
    if (!err)
        err = store_message_raw(r, id, &arena, &raw);
    if (err)
        return err == -ENOENT ? 0 : err;
    c->read(&raw, &m.mail, &arena, &content);
    struct filling *f = &s->filled[s->count++];
    f->id = id;
    words_pack(&m, &content, c->codec, &f->words);
    s->bytes += f->words.size;
    return 0;
}

static bool is_stopping(struct catch_up *c)
{
    pthread_mutex_lock(&c->lock);
    bool is = c->is_stopping;
    pthread_mutex_unlock(&c->lock);
    return is;
}

static int fill_step(struct catch_up *c, struct store_reader *r, struct step *s)
{
    int64_t next = INT64_MAX;
    int err = find_next(r, next, &next);
    while (!err && next && s->count < STEP_MESSAGES && s->bytes < STEP_BYTES && !is_stopping(c)) {
        err = fill(c, r, next, s);
        if (err)
            break;
        s->done_to = next;
        err = find_next(r, next - 1, &next);
    }
    return err;
}

/* ---- writing ---- */

static int run(struct writer *w, struct job *j)
{
    struct step *s = container_of(j, struct step, call.job);
    int err = 0;
    for (size_t i = 0; i < s->count && !err; i++)
        err = indexing_fill(&w->db, s->filled[i].id, &s->filled[i].words);
    return err ? err : indexing_set_unread(&w->db, s->done_to - 1);
}

/* 1: there may be more. 0: all is done. */
static int do_step(struct catch_up *c, size_t *total)
{
    struct step s AUTO(step_done) = { .call.job = { .run = run, .settle = writer_answer } };
    struct store_reader *r = readers_lease(c->readers);
    int err = fill_step(c, r, &s);
    readers_return(r);
    if (err || s.done_to == 0)
        return err;
    err = writer_call(c->writer, &s.call);
    *total += s.count;
    return err ? err : 1;
}

/* ---- the thread ---- */

/* False when told to stop. */
static bool rest(struct catch_up *c, uint64_t us)
{
    uint64_t until_us = clock_steady_us() + us;
    pthread_mutex_lock(&c->lock);
    int err = 0;
    while (!c->is_stopping && err != ETIMEDOUT)
        err = clock_condition_wait(&c->stopped, &c->lock, until_us);
    bool goes_on = !c->is_stopping;
    pthread_mutex_unlock(&c->lock);
    return goes_on;
}

static void *read_all(void *arg)
{
    struct catch_up *c = arg;
    size_t total = 0;
    uint64_t started_us;
    int got;
    do {
        started_us = clock_steady_us();
        got = do_step(c, &total);
    } while (got && rest(c, got < 0 ? RETRY_US : clock_steady_us() - started_us));
    if (got == 0 && !is_stopping(c))
        log_info("store", "search finds the older messages too",
                 log_num("messages", (int64_t)total));
    return NULL;
}

static int has_work(struct catch_up *c, bool *out)
{
    int64_t next = 0;
    struct store_reader *r = readers_lease(c->readers);
    int err = find_next(r, INT64_MAX, &next);
    readers_return(r);
    *out = next > 0;
    if (*out)
        log_info("store", "reading older messages, so that search finds them",
                 log_num("newest", next));
    return err;
}

int catch_up_start(struct catch_up *c)
{
    int err = has_work(c, &c->is_running);
    if (err || !c->is_running)
        return err;
    pthread_mutex_init(&c->lock, NULL);
    clock_condition_init(&c->stopped);
    err = -pthread_create(&c->thread, NULL, read_all, c);
    c->is_running = !err;
    return err;
}

void catch_up_stop(struct catch_up *c)
{
    if (!c->is_running)
        return;
    pthread_mutex_lock(&c->lock);
    c->is_stopping = true;
    pthread_cond_signal(&c->stopped);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_cond_destroy(&c->stopped);
    pthread_mutex_destroy(&c->lock);
}

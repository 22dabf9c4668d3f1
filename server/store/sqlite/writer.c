#include "store/sqlite/writer.h"

#include "core/clock.h"
#include "core/metrics.h"

static struct job *job_of(struct letter *l)
{
    return container_of(l, struct job, letter);
}

/* ---- the queue ---- */

/* Puts what arrived behind what is queued, waiting if there is nothing to do. */
static void fetch(struct writer *w)
{
    bool may_wait = !w->queue && !w->is_stopping;
    struct letter **end = &w->queue;
    while (*end)
        end = &(*end)->next;
    *end = may_wait ? mailbox_wait_until(&w->jobs, upkeep_due_us(&w->upkeep, clock_steady_us()))
                    : mailbox_take(&w->jobs);
}

/* In front, so that a step that is due shares the next transaction however much is queued. */
static void add_upkeep(struct writer *w)
{
    struct job *step = w->is_stopping ? NULL : upkeep_take(&w->upkeep, clock_steady_us());
    if (!step)
        return;
    step->letter.next = w->queue;
    w->queue = &step->letter;
}

/* False when told to stop and nothing is left. */
static bool refill(struct writer *w)
{
    do {
        fetch(w);
        add_upkeep(w);
    } while (!w->queue && !w->is_stopping);
    return w->queue != NULL;
}

/* Takes the next batch off the queue: one job at least, within the limits. */
static struct letter *cut_batch(struct writer *w)
{
    struct letter *batch = w->queue;
    struct letter **end = &batch->next;
    uint64_t bytes = job_of(batch)->bytes;
    for (size_t count = 1; *end && count < BATCH_JOBS_MAX; count++) {
        bytes += job_of(*end)->bytes;
        if (bytes > BATCH_BYTES_MAX)
            break;
        end = &(*end)->next;
    }
    w->queue = *end;
    *end = NULL;
    return batch;
}

/* ---- transactions ---- */

static void add_news(struct writer *w, struct store_news news)
{
    buf_append(&w->pending, (struct span){ (const char *)&news, sizeof(news) });
}

void writer_news(struct writer *w, enum store_news_type type, int64_t inbox_id, int64_t message_id)
{
    add_news(w, (struct store_news){
                    .type = type,
                    .inbox_id = inbox_id,
                    .message_id = message_id,
                });
}

void writer_pruned_news(struct writer *w, int64_t inbox_id, int64_t count)
{
    add_news(w, (struct store_news){
                    .type = STORE_MESSAGES_PRUNED,
                    .inbox_id = inbox_id,
                    .count = count,
                });
}

void writer_session_news(struct writer *w, int64_t inbox_id, int64_t session_id)
{
    add_news(w, (struct store_news){
                    .type = STORE_SESSION_CLOSED,
                    .inbox_id = inbox_id,
                    .session_id = session_id,
                });
}

static void give_back(struct writer *w)
{
    if (w->returned_to)
        mailbox_post_all(w->returned_to, &w->returned);
    w->returned_to = NULL;
}

void writer_return(struct writer *w, struct mailbox *to, struct letter *l)
{
    if (w->returned_to != to)
        give_back(w);
    w->returned_to = to;
    letters_add(&w->returned, l);
}

/* A job is its owner's again once it is settled: its link is read before that. */
static void settle_all(struct writer *w, struct letter *batch)
{
    while (batch) {
        struct job *j = job_of(batch);
        batch = batch->next;
        metric_add(&metrics.store_jobs_done, 1);
        j->settle(w, j);
    }
    give_back(w);
}

static void fail_all(struct writer *w, struct letter *batch, int err)
{
    for (struct letter *l = batch; l; l = l->next)
        job_of(l)->result = err;
    settle_all(w, batch);
}

static int run_all(struct writer *w, struct letter *batch)
{
    int err = 0;
    for (struct letter *l = batch; l && !err; l = l->next) {
        struct job *j = job_of(l);
        j->result = 0;
        err = j->run(w, j);
    }
    return err ? err : db_run(&w->db, STMT_COMMIT);
}

/* What had nothing to write does not prove that messages can be stored. */
static void committed(struct writer *w, struct letter *batch)
{
    if (w->has_written)
        trouble_over(&w->trouble);
    const struct store_news *news = (const struct store_news *)(const void *)w->pending.ptr;
    news_publish(w->news, news, w->pending.len / sizeof(*news));
    buf_clear(&w->pending);
    settle_all(w, batch);
}

static void commit(struct writer *w, struct letter *batch);

static void commit_each(struct writer *w, struct letter *batch)
{
    while (batch) {
        struct letter *one = batch;
        batch = batch->next;
        one->next = NULL;
        commit(w, one);
    }
}

static void commit(struct writer *w, struct letter *batch)
{
    int err = db_run(&w->db, STMT_BEGIN);
    if (err) {
        fail_all(w, batch, err); /* none of them is at fault */
        return;
    }
    bool is_alone = !batch->next;
    w->has_written = false;
    w->db.trouble = is_alone ? &w->trouble : NULL; /* what is tried again is no news yet */
    err = run_all(w, batch);
    w->db.trouble = &w->trouble;
    if (!err) {
        committed(w, batch);
        return;
    }
    buf_clear(&w->pending);
    db_roll_back(&w->db);
    if (is_alone)
        fail_all(w, batch, err);
    else
        commit_each(w, batch);
}

/* ---- the thread ---- */

/* Pages of the write-ahead log. What is committed is safe in it; it is written back to the database
 * each time it has grown by WAL_STEP, and then begins again from its start unless a reader still
 * uses it. If readers keep it from that until WAL_MAX, the writer waits for them: some seconds, and
 * again each time that the log has doubled. */
enum { WAL_STEP = 1000, WAL_MAX = 16000 };

static int note_log_size(void *arg, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    struct writer *w = arg;
    if (pages < w->wal_pages)
        w->write_back_at = WAL_STEP;
    w->wal_pages = pages;
    w->has_written = true;
    return SQLITE_OK;
}

/* After the batch is settled: nobody waits for it but the next batch. */
static void write_back(struct writer *w)
{
    bool is_due = w->wal_pages >= w->write_back_at;
    if (!is_due && !w->must_shrink_log)
        return;
    bool is_long = w->wal_pages >= WAL_MAX;
    if (is_due)
        w->write_back_at = w->wal_pages + (is_long ? w->wal_pages : WAL_STEP);
    int mode = is_long ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
    if (w->must_shrink_log)
        mode = SQLITE_CHECKPOINT_TRUNCATE;
    w->must_shrink_log = false;
    db_write_back(&w->db, mode);
}

static void *write_all(void *arg)
{
    struct writer *w = arg;
    while (refill(w)) {
        uint64_t begun_us = clock_steady_us();
        commit(w, cut_batch(w));
        metric_add_time(&metrics.store_commits, clock_steady_us() - begun_us);
        write_back(w);
    }
    return NULL;
}

int writer_start(struct writer *w, struct news *news)
{
    w->news = news;
    w->db.trouble = &w->trouble;
    w->write_back_at = WAL_STEP;
    upkeep_init(&w->upkeep);
    sqlite3_wal_hook(w->db.handle, note_log_size, w);
    trouble_init(&w->trouble);
    mailbox_init(&w->jobs, NULL, NULL);
    pthread_mutex_init(&w->answer_lock, NULL);
    pthread_cond_init(&w->answered, NULL);
    return -pthread_create(&w->thread, NULL, write_all, w);
}

static int run_nothing(struct writer *w, struct job *j)
{
    (void)w;
    (void)j;
    return 0;
}

/* Here and not in `run`, which is not reached while the database is locked. */
static void settle_stop(struct writer *w, struct job *j)
{
    w->is_stopping = true;
    writer_answer(w, j);
}

void writer_stop(struct writer *w)
{
    struct call stop = { .job = { .run = run_nothing, .settle = settle_stop } };
    writer_call(w, &stop);
    pthread_join(w->thread, NULL);
    buf_done(&w->pending);
    buf_done(&w->chunk_plain);
    buf_done(&w->chunk_room);
    pthread_cond_destroy(&w->answered);
    pthread_mutex_destroy(&w->answer_lock);
    mailbox_done(&w->jobs);
    trouble_done(&w->trouble);
}

void writer_post(struct writer *w, struct job *j)
{
    metric_add(&metrics.store_jobs_given, 1);
    mailbox_post(&w->jobs, &j->letter);
}

int writer_call(struct writer *w, struct call *c)
{
    writer_post(w, &c->job);
    return writer_wait(w, c);
}

int writer_wait(struct writer *w, struct call *c)
{
    pthread_mutex_lock(&w->answer_lock);
    while (!c->is_answered)
        pthread_cond_wait(&w->answered, &w->answer_lock);
    pthread_mutex_unlock(&w->answer_lock);
    return c->job.result;
}

void writer_answer(struct writer *w, struct job *j)
{
    struct call *c = container_of(j, struct call, job);
    pthread_mutex_lock(&w->answer_lock);
    c->is_answered = true;
    pthread_cond_broadcast(&w->answered);
    pthread_mutex_unlock(&w->answer_lock);
}

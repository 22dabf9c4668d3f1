#pragma once
/* The one thread that writes. Work comes as jobs; everything that queued up during the last
 * transaction is the next one, so that one fsync serves all. A failed transaction is done again
 * job by job: a job that cannot be done fails alone. */

#include "store/job.h"
#include "store/news.h"
#include "store/routes.h"
#include "store/sqlite/db.h"
#include "store/sqlite/retention.h"
#include "store/sqlite/upkeep.h"

#include <stdatomic.h>

enum {
    BATCH_JOBS_MAX = 512,
    BATCH_BYTES_MAX = 8 * 1024 * 1024,
    REPORT_BYTES_MAX = 32 * 1024 * 1024, /* of sessions that are queued; see session_put.c */
};

/* A job whose giver waits for it. */
struct call {
    struct job job; /* `settle` is writer_answer or ends in it */
    bool is_answered;
};

struct writer {
    struct db db;
    struct trouble trouble;
    struct news *news;     /* borrowed */
    struct routes *routes; /* borrowed */
    int64_t max_inboxes;   /* 0: no bound */
    struct retention retention;
    void (*plan_told)(void *arg, int64_t inbox_id, const char *plan); /* as in store_config */
    void *plan_arg;
    struct mailbox jobs;
    pthread_t thread;

    /* of the thread alone */
    struct letter *queue;
    bool is_stopping;
    struct buf pending;          /* struct store_news of the open transaction */
    struct mailbox *returned_to; /* borrowed: whose `returned` are */
    struct letters returned;
    int wal_pages, write_back_at;
    bool has_written;     /* the last transaction did */
    bool must_shrink_log; /* with the next write-back: see space.c */
    struct upkeep upkeep;
    struct buf chunk_plain, chunk_room; /* for messages too large to be held */

    atomic_size_t report_bytes;    /* queued */
    atomic_bool is_losing_reports; /* said, and none was taken since */

    pthread_mutex_t answer_lock;
    pthread_cond_t answered;
};

/* The connection is open and the schema up to date; starts the thread. */
int writer_start(struct writer *w, struct news *news) MUST_CHECK;

/* Does what is queued, then ends the thread and frees all but the connection. */
void writer_stop(struct writer *w);

/* Gives the job away. */
void writer_post(struct writer *w, struct job *j);

/* Waits until the call is answered; returns its result. */
int writer_call(struct writer *w, struct call *c);

/* The same for one that was posted. */
int writer_wait(struct writer *w, struct call *c);

/* The end of a call, as `settle`. */
void writer_answer(struct writer *w, struct job *j);

/* In `settle`: the letter is its giver's again, with all others that are settled now. */
void writer_return(struct writer *w, struct mailbox *to, struct letter *l);

/* In `run`: news to be told if the transaction is committed. */
void writer_news(struct writer *w, enum store_news_type type, int64_t inbox_id, int64_t message_id);
void writer_pruned_news(struct writer *w, int64_t inbox_id, int64_t count);
void writer_session_news(struct writer *w, int64_t inbox_id, int64_t session_id);

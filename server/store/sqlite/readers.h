#pragma once
/* Connections for reading, each leased to one thread at a time. They cannot write, and hold a
 * snapshot of the database only as long as a statement runs: a slow client never keeps the log
 * from being checkpointed. */

#include "store/sqlite/db.h"
#include "store/sqlite/search.h"
#include "store/store.h"

enum { READERS_MAX = 16 };

struct readers;

struct store_reader {
    struct store_reader *next; /* while it is free */
    struct readers *home;
    struct db db;
    struct search_matcher matcher;
};

struct readers {
    pthread_mutex_t lock;
    pthread_cond_t returned;
    struct store_reader *free;
    int open_count, out_count;
    bool is_complete;   /* no more can be opened */
    const char *path;   /* borrowed */
    uint64_t search_us; /* that searches with one lease may take; 0: as long as they do */
    struct trouble trouble;
};

/* Opens one, so that there is always one to wait for, or all, if the file is about to lose its
 * name. */
int readers_start(struct readers *r, const char *path, uint64_t search_us,
                  bool open_all) MUST_CHECK;

/* All are back. */
void readers_stop(struct readers *r);

struct store_reader *readers_lease(struct readers *r);
void readers_return(struct store_reader *reader);

/* As store_inbox_login(), with nothing made. */
int inbox_of_login(struct store_reader *r, const char *username, struct arena *arena,
                   struct store_inbox *out);

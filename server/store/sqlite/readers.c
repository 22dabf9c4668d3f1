#include "store/sqlite/readers.h"

#include <assert.h>

/* A page of a list touches some hundred pages of the database; the system caches the rest. */
static const char settings[] = "PRAGMA query_only = ON;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cache_size = -1024;";

static void reader_free(struct store_reader *reader)
{
    db_close(&reader->db);
    search_detach(reader);
    free(reader);
}

static int reader_new(struct readers *home, struct store_reader **out)
{
    struct store_reader *reader = xcalloc(1, sizeof(*reader));
    reader->home = home;
    int err = db_open(&reader->db, home->path, &home->trouble);
    if (!err)
        err = db_exec(&reader->db, settings);
    if (!err)
        err = db_prepare(&reader->db, STMT_WRITER_COUNT, STMT_COUNT);
    if (!err)
        err = search_attach(reader);
    if (err) {
        reader_free(reader);
        return err;
    }
    *out = reader;
    return 0;
}

static void put_back(struct readers *r, struct store_reader *reader)
{
    reader->next = r->free;
    r->free = reader;
}

static int open_some(struct readers *r, int count)
{
    for (; r->open_count < count; r->open_count++) {
        struct store_reader *reader;
        int err = reader_new(r, &reader);
        if (err)
            return err;
        put_back(r, reader);
    }
    return 0;
}

int readers_start(struct readers *r, const char *path, uint64_t search_us, bool open_all)
{
    *r = (struct readers){ .path = path, .search_us = search_us, .is_complete = open_all };
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->returned, NULL);
    trouble_init(&r->trouble);
    int err = open_some(r, open_all ? READERS_MAX : 1);
    if (err)
        readers_stop(r);
    return err;
}

void readers_stop(struct readers *r)
{
    assert(r->out_count == 0);
    while (r->free) {
        struct store_reader *reader = r->free;
        r->free = reader->next;
        reader_free(reader);
    }
    trouble_done(&r->trouble);
    pthread_cond_destroy(&r->returned);
    pthread_mutex_destroy(&r->lock);
}

static struct store_reader *take_free(struct readers *r)
{
    struct store_reader *reader = r->free;
    if (reader)
        r->free = reader->next;
    return reader;
}

/* Opens one more, without the lock, since that takes a while. */
static bool grow(struct readers *r)
{
    r->open_count++;
    pthread_mutex_unlock(&r->lock);
    struct store_reader *reader = NULL;
    bool is_open = reader_new(r, &reader) == 0;
    pthread_mutex_lock(&r->lock);
    if (is_open)
        put_back(r, reader);
    else
        r->open_count--;
    return is_open;
}

struct store_reader *readers_lease(struct readers *r)
{
    pthread_mutex_lock(&r->lock);
    bool may_grow = !r->is_complete;
    struct store_reader *reader;
    while (!(reader = take_free(r))) {
        if (may_grow && r->open_count < READERS_MAX)
            may_grow = grow(r);
        else
            pthread_cond_wait(&r->returned, &r->lock);
    }
    r->out_count++;
    pthread_mutex_unlock(&r->lock);
    reader->matcher.until_us = 0;
    return reader;
}

void readers_return(struct store_reader *reader)
{
    struct readers *r = reader->home;
    pthread_mutex_lock(&r->lock);
    r->out_count--;
    put_back(r, reader);
    pthread_cond_signal(&r->returned);
    pthread_mutex_unlock(&r->lock);
}

#pragma once
/* Messages that were stored before there was a search are read again, newest first, on a thread of
 * its own that rests as long as it works. What is left to do is in the database (`unread_to`): a
 * restart goes on with it. */

#include "store/chunk.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/writer.h"

struct catch_up {
    struct readers *readers;
    struct writer *writer;
    store_read_content *read;
    enum chunk_codec codec;
    bool is_running;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool is_stopping;
};

/* `c` has its first four members. A thread is started only if something is left to do. 0 or a
 * negative errno. */
int catch_up_start(struct catch_up *c) MUST_CHECK;

/* Ends the thread where it is, if it was started. */
void catch_up_stop(struct catch_up *c);

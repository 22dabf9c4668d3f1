#pragma once
/* The last news of the store, kept in memory so that a listener that was away for a moment can
 * catch up. Safe from any thread. */

#include "store/store.h"

#include <pthread.h>

enum { NEWS_KEPT = 4096 };

struct news {
    pthread_mutex_t lock;
    int64_t started; /* the id before the first one given out */
    int64_t last;
    struct store_news ring[NEWS_KEPT];

    pthread_mutex_t listener_lock; /* held while the listener is told */
    void (*told)(void *arg);
    void *arg;
};

/* Ids count up from the time: they grow over restarts as long as there are less than a thousand
 * news a millisecond, and stay below 2^53, which is what JavaScript can count to. */
void news_init(struct news *n, int64_t now_ms);
void news_done(struct news *n);

/* Gives ids to `items`, keeps them and tells the listener. */
void news_publish(struct news *n, const struct store_news *items, size_t count);

/* As store_news_listen, store_news_last and store_news_read. */
void news_listen(struct news *n, void (*told)(void *arg), void *arg);
int64_t news_last(struct news *n);
int news_read(struct news *n, int64_t after, struct store_news *out, size_t max);

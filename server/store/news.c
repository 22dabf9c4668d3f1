#include "store/news.h"

#include <errno.h>

void news_init(struct news *n, int64_t now_ms)
{
    *n = (struct news){ .started = now_ms * 1000, .last = now_ms * 1000 };
    pthread_mutex_init(&n->lock, NULL);
    pthread_mutex_init(&n->listener_lock, NULL);
}

void news_done(struct news *n)
{
    pthread_mutex_destroy(&n->listener_lock);
    pthread_mutex_destroy(&n->lock);
}

static struct store_news *slot(struct news *n, int64_t id)
{
    return &n->ring[id % NEWS_KEPT];
}

static void keep(struct news *n, const struct store_news *items, size_t count)
{
    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < count; i++) {
        int64_t id = ++n->last;
        *slot(n, id) = items[i];
        slot(n, id)->id = id;
    }
    pthread_mutex_unlock(&n->lock);
}

/* The lock is what makes "not called after store_news_listen returned" true. */
static void tell(struct news *n)
{
    pthread_mutex_lock(&n->listener_lock);
    if (n->told)
        n->told(n->arg);
    pthread_mutex_unlock(&n->listener_lock);
}

void news_publish(struct news *n, const struct store_news *items, size_t count)
{
    if (count == 0)
        return;
    keep(n, items, count);
    tell(n);
}

void news_listen(struct news *n, void (*told)(void *arg), void *arg)
{
    pthread_mutex_lock(&n->listener_lock);
    n->told = told;
    n->arg = arg;
    pthread_mutex_unlock(&n->listener_lock);
}

int64_t news_last(struct news *n)
{
    pthread_mutex_lock(&n->lock);
    int64_t last = n->last;
    pthread_mutex_unlock(&n->lock);
    return last;
}

static int read_locked(struct news *n, int64_t after, struct store_news *out, size_t max)
{
    bool was_given_out = after >= n->started && after <= n->last;
    if (!was_given_out || n->last - after > NEWS_KEPT)
        return -ESTALE;
    size_t count = (size_t)(n->last - after);
    if (count > max)
        count = max;
    for (size_t i = 0; i < count; i++)
        out[i] = *slot(n, after + 1 + (int64_t)i);
    return (int)count;
}

int news_read(struct news *n, int64_t after, struct store_news *out, size_t max)
{
    pthread_mutex_lock(&n->lock);
    int count = read_locked(n, after, out, max);
    pthread_mutex_unlock(&n->lock);
    return count;
}

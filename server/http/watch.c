#include "http/watch.h"

#include "core/clock.h"
#include "core/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum { LOOK_EVERY_US = 1000000 };

struct watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping;
    bool is_stopping;
    uint64_t timeout_us;
    struct list all; /* struct watched::link */
};

/* It is open for as long as it is in the list. Its thread sees that nothing comes any more. */
static void look_at(const struct watch *w, struct watched *one, uint64_t now_us)
{
    uint64_t since_us = atomic_load_explicit(&one->waits_since_us, memory_order_relaxed);
    if (since_us && now_us > since_us + w->timeout_us)
        (void)shutdown(one->fd, SHUT_RDWR);
}

static void look_at_all(struct watch *w)
{
    uint64_t now_us = clock_steady_us();
    for (struct list *at = w->all.next; at != &w->all; at = at->next)
        look_at(w, container_of(at, struct watched, link), now_us);
}

static void *run(void *arg)
{
    struct watch *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->is_stopping) {
        look_at_all(w);
        uint64_t next_us = clock_steady_us() + LOOK_EVERY_US;
        (void)clock_condition_wait(&w->stopping, &w->lock, next_us);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct watch *watch_start(unsigned timeout_s)
{
    struct watch *w = xcalloc(1, sizeof(*w));
    w->timeout_us = (uint64_t)timeout_s * 1000000;
    list_init(&w->all);
    pthread_mutex_init(&w->lock, NULL);
    clock_condition_init(&w->stopping);
    if (pthread_create(&w->thread, NULL, run, w) != 0)
        abort(); /* as out of memory */
    return w;
}

void watch_stop(struct watch *w)
{
    pthread_mutex_lock(&w->lock);
    w->is_stopping = true;
    pthread_cond_signal(&w->stopping);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->stopping);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void watch_begin(struct watch *w, struct watched *one, int fd)
{
    one->watch = w;
    one->fd = fd;
    atomic_init(&one->waits_since_us, clock_steady_us());
    pthread_mutex_lock(&w->lock);
    list_append(&w->all, &one->link);
    pthread_mutex_unlock(&w->lock);
}

void watch_end(struct watched *one)
{
    pthread_mutex_lock(&one->watch->lock);
    list_remove(&one->link);
    pthread_mutex_unlock(&one->watch->lock);
}

static void note(struct watched *one, uint64_t waits_since_us)
{
    atomic_store_explicit(&one->waits_since_us, waits_since_us, memory_order_relaxed);
}

void watch_header_came(struct watched *one)
{
    note(one, 0);
}

void watch_request_over(struct watched *one)
{
    note(one, clock_steady_us());
}

#include "http/events.h"

#include "core/clock.h"
#include "core/metrics.h"
#include "http/connections.h"
#include "http/sleepers.h"

#include <stdatomic.h>
#include <string.h>

enum { BLOCK = 16 * 1024, LAST_ANSWERS_US = 1000000 };

struct hub {
    struct sleepers sleepers; /* struct guest::sleeper */
    struct hub_limits limits;
    atomic_size_t streams, waits;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t answered; /* no wait is left */
};

/* A connection that may sleep. */
struct guest {
    struct sleeper sleeper;
    struct hub *hub;
    struct MHD_Connection *connection;
};

struct stream {
    struct guest guest;
    enum http_next (*next)(void *arg, struct buf *out);
    void (*done)(void *arg);
    void *arg;
    struct buf out;
};

struct hub_wait {
    struct guest guest;
    bool (*ask)(struct http_request *r, void *arg, bool is_last, struct http_response *out);
    void (*done)(void *arg);
    void *arg;
};

static struct MHD_Connection *connection_of(struct sleeper *s)
{
    return container_of(s, struct guest, sleeper)->connection;
}

static void suspend(struct sleeper *s)
{
    MHD_suspend_connection(connection_of(s));
}

static void resume(struct sleeper *s)
{
    MHD_resume_connection(connection_of(s));
}

static bool is_gone(struct sleeper *s)
{
    return http_connection_is_gone(connection_of(s));
}

static const struct sleepers_how how = { suspend, resume, is_gone };

/* ---- the hub ---- */

static void *run(void *arg)
{
    struct hub *h = arg;
    while (!sleepers_are_closed(&h->sleepers)) {
        sleepers_wait(&h->sleepers);
        sleepers_wake(&h->sleepers, clock_steady_us());
    }
    return NULL;
}

struct hub *hub_start(struct hub_limits limits)
{
    struct hub *h = xcalloc(1, sizeof(*h));
    h->limits = limits;
    sleepers_init(&h->sleepers, &how);
    pthread_mutex_init(&h->lock, NULL);
    clock_condition_init(&h->answered);
    if (pthread_create(&h->thread, NULL, run, h) != 0)
        abort(); /* as out of memory */
    return h;
}

void hub_wake(struct hub *h, int64_t topic)
{
    sleepers_call(&h->sleepers, topic);
}

/* The answers are on their way; a client that does not read its own is not waited for for long. */
static void await_answers(struct hub *h)
{
    uint64_t until_us = clock_steady_us() + LAST_ANSWERS_US;
    pthread_mutex_lock(&h->lock);
    while (atomic_load(&h->waits) && clock_condition_wait(&h->answered, &h->lock, until_us) == 0)
        continue;
    pthread_mutex_unlock(&h->lock);
}

/* Who fell asleep while the thread was ending is woken here. */
void hub_close(struct hub *h)
{
    sleepers_close(&h->sleepers);
    pthread_join(h->thread, NULL);
    sleepers_wake(&h->sleepers, clock_steady_us());
    await_answers(h);
}

void hub_free(struct hub *h)
{
    pthread_cond_destroy(&h->answered);
    pthread_mutex_destroy(&h->lock);
    sleepers_done(&h->sleepers);
    free(h);
}

static bool take_place(atomic_size_t *taken, size_t limit)
{
    if (atomic_fetch_add(taken, 1) < limit)
        return true;
    atomic_fetch_sub(taken, 1);
    return false;
}

/* ---- one stream, on the server's threads ---- */

static ssize_t hand_out(struct stream *s, char *buf, size_t max)
{
    size_t len = s->out.len < max ? s->out.len : max;
    memcpy(buf, s->out.ptr, len);
    buf_consume(&s->out, len);
    if (s->out.len == 0)
        buf_done(&s->out); /* a stream that sleeps holds no memory */
    return (ssize_t)len;
}

/* False if it is over. */
static bool ask(struct stream *s)
{
    struct sleeper *sleeper = &s->guest.sleeper;
    if (sleepers_are_closed(&s->guest.hub->sleepers) || sleeper->woken_by == SLEEPER_GONE ||
        s->next(s->arg, &s->out) == HTTP_END)
        return false;
    if (s->out.len == 0 && sleeper->woken_by == SLEEPER_TIME)
        buf_append(&s->out, SPAN(":\n\n"));
    sleeper->woken_by = SLEEPER_NEWS;
    return true;
}

static ssize_t read_stream(void *cls, uint64_t at, char *buf, size_t max)
{
    struct stream *s = cls;
    struct hub *h = s->guest.hub;
    struct sleeper *sleeper = &s->guest.sleeper;
    (void)at;
    while (s->out.len == 0) {
        uint64_t round = sleepers_round(&h->sleepers, sleeper->topic);
        if (!ask(s))
            return MHD_CONTENT_READER_END_OF_STREAM;
        sleeper->wake_at_us = clock_steady_us() + h->limits.beat_s * UINT64_C(1000000);
        if (s->out.len == 0 && sleepers_sleep(&h->sleepers, sleeper, round))
            return 0;
    }
    return hand_out(s, buf, max);
}

static void free_stream(void *cls)
{
    struct stream *s = cls;
    atomic_fetch_sub(&s->guest.hub->streams, 1);
    metric_add(&metrics.http_streams_closed, 1);
    if (s->done)
        s->done(s->arg);
    buf_done(&s->out);
    free(s);
}

struct MHD_Response *hub_stream(struct hub *h, struct MHD_Connection *connection,
                                const struct http_response *events)
{
    if (!take_place(&h->streams, h->limits.streams))
        return NULL;
    metric_add(&metrics.http_streams_opened, 1);
    struct stream *s = xcalloc(1, sizeof(*s));
    s->guest = (struct guest){ .hub = h, .connection = connection };
    s->guest.sleeper.topic = events->topic;
    s->next = events->next;
    s->done = events->done;
    s->arg = events->arg;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, s, free_stream);
}

/* ---- one answer that is waited for, on the server's threads ---- */

struct hub_wait *hub_wait_new(struct hub *h, struct MHD_Connection *connection,
                              const struct http_response *later)
{
    if (!take_place(&h->waits, h->limits.waits))
        return NULL;
    metric_add(&metrics.http_waits_begun, 1);
    struct hub_wait *w = xcalloc(1, sizeof(*w));
    w->guest = (struct guest){ .hub = h, .connection = connection };
    w->guest.sleeper.topic = later->topic;
    w->guest.sleeper.wake_at_us = later->deadline_us;
    w->ask = later->ask;
    w->done = later->done;
    w->arg = later->arg;
    return w;
}

void hub_wait_free(struct hub_wait *w)
{
    if (!w)
        return;
    struct hub *h = w->guest.hub;
    if (w->done)
        w->done(w->arg);
    free(w);
    pthread_mutex_lock(&h->lock);
    metric_add(&metrics.http_waits_ended, 1);
    if (atomic_fetch_sub(&h->waits, 1) == 1)
        pthread_cond_signal(&h->answered);
    pthread_mutex_unlock(&h->lock);
}

/* Whose time was cut short cannot be told what came in it, or that nothing did. */
static struct http_response stopping(void)
{
    struct http_response res =
        http_problem(503, "The server is being stopped; ask again when it is there again");
    http_set_header(&res, "Connection", "close");
    return res;
}

/* One that is due is asked a last time; one that the end of the server wakes once more. */
enum hub_answer hub_wait_ask(struct hub_wait *w, struct http_request *r, struct http_response *out)
{
    struct sleepers *all = &w->guest.hub->sleepers;
    struct sleeper *sleeper = &w->guest.sleeper;
    if (sleeper->woken_by == SLEEPER_GONE)
        return HUB_GONE;
    for (;;) {
        uint64_t round = sleepers_round(all, sleeper->topic);
        bool is_last = clock_steady_us() >= sleeper->wake_at_us;
        if (w->ask(r, w->arg, is_last, out))
            return HUB_ANSWERED;
        if (sleepers_are_closed(all)) {
            *out = stopping();
            return HUB_ANSWERED;
        }
        if (sleepers_sleep(all, sleeper, round))
            return HUB_ASLEEP;
    }
}

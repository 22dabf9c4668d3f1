#include "http/events.h"

#include "http/sleepers.h"

#include <stdatomic.h>
#include <string.h>

enum { BLOCK = 16 * 1024 };

struct hub {
    struct sleepers sleepers; /* struct stream::sleeper */
    atomic_size_t count;
    size_t limit;
    unsigned beat_s;
    pthread_t thread;
};

struct stream {
    struct sleeper sleeper;
    struct hub *hub;
    struct MHD_Connection *connection;
    enum http_next (*next)(void *arg, struct buf *out);
    void (*done)(void *arg);
    void *arg;
    struct buf out;
};

static struct stream *stream_of(struct sleeper *s)
{
    return container_of(s, struct stream, sleeper);
}

static void suspend(struct sleeper *s)
{
    MHD_suspend_connection(stream_of(s)->connection);
}

static void resume(struct sleeper *s)
{
    MHD_resume_connection(stream_of(s)->connection);
}

/* ---- the hub ---- */

static struct timespec in_seconds(unsigned seconds)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)seconds;
    return at;
}

static void *run(void *arg)
{
    struct hub *h = arg;
    struct timespec beat = in_seconds(h->beat_s);
    while (!sleepers_are_closed(&h->sleepers)) {
        bool is_beat = !sleepers_wait(&h->sleepers, &beat);
        if (is_beat)
            beat = in_seconds(h->beat_s);
        sleepers_wake(&h->sleepers, is_beat);
    }
    return NULL;
}

struct hub *hub_start(size_t limit, unsigned beat_s)
{
    struct hub *h = xcalloc(1, sizeof(*h));
    h->limit = limit;
    h->beat_s = beat_s;
    sleepers_init(&h->sleepers, suspend, resume);
    if (pthread_create(&h->thread, NULL, run, h) != 0)
        abort(); /* as out of memory */
    return h;
}

void hub_wake(struct hub *h)
{
    sleepers_call(&h->sleepers);
}

/* Who fell asleep while the thread was ending is woken here. */
void hub_close(struct hub *h)
{
    sleepers_close(&h->sleepers);
    pthread_join(h->thread, NULL);
    sleepers_wake(&h->sleepers, false);
}

void hub_free(struct hub *h)
{
    sleepers_done(&h->sleepers);
    free(h);
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
    if (sleepers_are_closed(&s->hub->sleepers) || s->next(s->arg, &s->out) == HTTP_END)
        return false;
    if (s->out.len == 0 && s->sleeper.is_beat)
        buf_append(&s->out, SPAN(":\n\n"));
    s->sleeper.is_beat = false;
    return true;
}

static ssize_t read_stream(void *cls, uint64_t at, char *buf, size_t max)
{
    struct stream *s = cls;
    struct sleepers *all = &s->hub->sleepers;
    (void)at;
    while (s->out.len == 0) {
        uint64_t round = sleepers_round(all);
        if (!ask(s))
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (s->out.len == 0 && sleepers_sleep(all, &s->sleeper, round))
            return 0;
    }
    return hand_out(s, buf, max);
}

static void free_stream(void *cls)
{
    struct stream *s = cls;
    atomic_fetch_sub(&s->hub->count, 1);
    if (s->done)
        s->done(s->arg);
    buf_done(&s->out);
    free(s);
}

static bool take_place(struct hub *h)
{
    if (atomic_fetch_add(&h->count, 1) < h->limit)
        return true;
    atomic_fetch_sub(&h->count, 1);
    return false;
}

struct MHD_Response *hub_stream(struct hub *h, struct MHD_Connection *connection,
                                const struct http_response *events)
{
    if (!take_place(h))
        return NULL;
    struct stream *s = xcalloc(1, sizeof(*s));
    s->hub = h;
    s->connection = connection;
    s->next = events->next;
    s->done = events->done;
    s->arg = events->arg;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, s, free_stream);
}

#include "http/events.h"

#include "core/list.h"

#include <string.h>
#include <time.h>

enum { BLOCK = 16 * 1024 };

struct hub {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct list sleeping; /* struct stream::link */
    size_t count, limit;
    uint64_t round; /* grows with each wake */
    bool is_woken, is_closing;
    unsigned beat_s;
    pthread_t thread;
};

struct stream {
    struct list link;
    struct hub *hub;
    struct MHD_Connection *connection;
    enum http_next (*next)(void *arg, struct buf *out);
    void (*done)(void *arg);
    void *arg;
    bool is_silent; /* resumed because it is time for a sign of life */
    struct buf out;
};

/* ---- the hub's thread ---- */

static void resume_all(struct hub *h, bool is_beat)
{
    while (!list_is_empty(&h->sleeping)) {
        struct stream *s = container_of(h->sleeping.next, struct stream, link);
        list_remove(&s->link);
        s->is_silent = is_beat;
        MHD_resume_connection(s->connection);
    }
}

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
    pthread_mutex_lock(&h->lock);
    while (!h->is_closing) {
        bool is_beat = false;
        while (!h->is_woken && !is_beat)
            is_beat = pthread_cond_timedwait(&h->changed, &h->lock, &beat) != 0;
        if (is_beat)
            beat = in_seconds(h->beat_s);
        h->is_woken = false;
        resume_all(h, is_beat);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

struct hub *hub_start(size_t limit, unsigned beat_s)
{
    struct hub *h = xcalloc(1, sizeof(*h));
    pthread_condattr_t steady;
    h->limit = limit;
    h->beat_s = beat_s;
    list_init(&h->sleeping);
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&h->changed, &steady);
    pthread_condattr_destroy(&steady);
    if (pthread_create(&h->thread, NULL, run, h) != 0)
        abort(); /* as out of memory */
    return h;
}

void hub_wake(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    h->round++;
    h->is_woken = true;
    pthread_mutex_unlock(&h->lock);
    pthread_cond_signal(&h->changed);
}

void hub_close(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    h->is_closing = true;
    pthread_mutex_unlock(&h->lock);
    hub_wake(h);
    pthread_join(h->thread, NULL);
    pthread_mutex_lock(&h->lock);
    resume_all(h, false);
    pthread_mutex_unlock(&h->lock);
}

void hub_free(struct hub *h)
{
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

/* ---- one stream, on the server's threads ---- */

static uint64_t current_round(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    uint64_t round = h->round;
    pthread_mutex_unlock(&h->lock);
    return round;
}

/* False if there was news since `round`, or no time to sleep. */
static bool fall_asleep(struct stream *s, uint64_t round)
{
    struct hub *h = s->hub;
    pthread_mutex_lock(&h->lock);
    bool may_sleep = h->round == round && !h->is_closing;
    if (may_sleep) {
        list_append(&h->sleeping, &s->link);
        MHD_suspend_connection(s->connection);
    }
    pthread_mutex_unlock(&h->lock);
    return may_sleep;
}

static bool is_closing(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    bool closing = h->is_closing;
    pthread_mutex_unlock(&h->lock);
    return closing;
}

static ssize_t hand_out(struct stream *s, char *buf, size_t max)
{
    size_t len = s->out.len < max ? s->out.len : max;
    memcpy(buf, s->out.ptr, len);
    buf_consume(&s->out, len);
    if (s->out.len == 0)
        buf_done(&s->out); /* a stream that sleeps holds no memory */
    return (ssize_t)len;
}

static ssize_t read_stream(void *cls, uint64_t at, char *buf, size_t max)
{
    struct stream *s = cls;
    (void)at;
    while (s->out.len == 0) {
        uint64_t round = current_round(s->hub);
        if (is_closing(s->hub) || s->next(s->arg, &s->out) == HTTP_END)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (s->out.len == 0 && s->is_silent)
            buf_append(&s->out, SPAN(":\n\n"));
        s->is_silent = false;
        if (s->out.len == 0 && fall_asleep(s, round))
            return 0;
    }
    return hand_out(s, buf, max);
}

static void free_stream(void *cls)
{
    struct stream *s = cls;
    pthread_mutex_lock(&s->hub->lock);
    s->hub->count--;
    pthread_mutex_unlock(&s->hub->lock);
    if (s->done)
        s->done(s->arg);
    buf_done(&s->out);
    free(s);
}

static bool take_place(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    bool has_place = h->count < h->limit && !h->is_closing;
    h->count += has_place;
    pthread_mutex_unlock(&h->lock);
    return has_place;
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

#include "net/private.h"

/* A tenth of a second's worth goes at a time, and then there is as long a pause as that takes. */

enum { SHARES_A_SECOND = 10, SECOND_MS = 1000 };

struct lane {
    uv_timer_t timer;
    uint64_t rate; /* octets a second; 0: any */
    void (*may_go_on)(struct net_stream *s);
};

struct slow {
    struct net_stream *stream;
    struct lane in, out;
    unsigned open; /* timers */
};

static void init_lane(struct slow *slow, struct lane *lane, void (*may_go_on)(struct net_stream *s))
{
    (void)uv_timer_init(slow->stream->host->loop, &lane->timer);
    lane->timer.data = slow;
    lane->may_go_on = may_go_on;
    slow->open++;
}

struct slow *slow_new(struct net_stream *s, const struct slow_owner *owner)
{
    struct slow *slow = xcalloc(1, sizeof(*slow));
    slow->stream = s;
    init_lane(slow, &slow->in, owner->may_read);
    init_lane(slow, &slow->out, owner->may_write);
    return slow;
}

void slow_set(struct slow *slow, uint64_t in_rate, uint64_t out_rate)
{
    slow->in.rate = in_rate;
    slow->out.rate = out_rate;
}

static void on_closed(uv_handle_t *timer)
{
    struct slow *slow = timer->data;
    if (--slow->open == 0)
        free(slow);
}

void slow_free(struct slow *slow)
{
    if (!slow)
        return;
    uv_close((uv_handle_t *)&slow->in.timer, on_closed);
    uv_close((uv_handle_t *)&slow->out.timer, on_closed);
}

static size_t share(uint64_t rate, size_t most)
{
    uint64_t octets = rate < SHARES_A_SECOND ? 1 : rate / SHARES_A_SECOND;
    return rate && octets < most ? (size_t)octets : most;
}

size_t slow_share_in(const struct slow *slow, size_t most)
{
    return slow ? share(slow->in.rate, most) : most;
}

size_t slow_share_out(const struct slow *slow, size_t most)
{
    return slow ? share(slow->out.rate, most) : most;
}

static void on_time(uv_timer_t *timer)
{
    struct lane *lane = container_of(timer, struct lane, timer);
    struct slow *slow = timer->data;
    lane->may_go_on(slow->stream);
}

static bool took(struct lane *lane, size_t octets)
{
    if (lane->rate == 0 || octets == 0)
        return false;
    uint64_t ms = (octets * SECOND_MS + lane->rate - 1) / lane->rate; /* 0 would starve the loop */
    (void)uv_timer_start(&lane->timer, on_time, ms, 0);
    return true;
}

bool slow_took_in(struct slow *slow, size_t octets)
{
    return slow && took(&slow->in, octets);
}

bool slow_took_out(struct slow *slow, size_t octets)
{
    return slow && took(&slow->out, octets);
}

bool slow_waits_in(const struct slow *slow)
{
    return slow && uv_is_active((const uv_handle_t *)&slow->in.timer);
}

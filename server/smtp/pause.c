#include "smtp/pause.h"

#include "core/mem.h"

struct pause {
    uv_timer_t timer;
    void (*over)(void *owner);
    void *owner;
};

static void on_closed(uv_handle_t *timer)
{
    free(timer->data);
}

static void on_time(uv_timer_t *timer)
{
    struct pause *p = timer->data;
    pause_end(p);
    p->over(p->owner);
}

struct pause *pause_start(uv_loop_t *loop, uint64_t ms, void (*over)(void *owner), void *owner)
{
    struct pause *p = xcalloc(1, sizeof(*p));
    (void)uv_timer_init(loop, &p->timer);
    p->timer.data = p;
    p->over = over;
    p->owner = owner;
    uv_update_time(
        loop); /* no shorter than was said: the clock stood, and knows no less than 1 ms */
    (void)uv_timer_start(&p->timer, on_time, ms + 1, 0);
    return p;
}

void pause_end(struct pause *p)
{
    if (p)
        uv_close((uv_handle_t *)&p->timer, on_closed);
}

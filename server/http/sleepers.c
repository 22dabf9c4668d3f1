#include "http/sleepers.h"

#include "core/mem.h"

void sleepers_init(struct sleepers *all, void (*suspend)(struct sleeper *s),
                   void (*resume)(struct sleeper *s))
{
    pthread_condattr_t steady;
    *all = (struct sleepers){ .suspend = suspend, .resume = resume };
    list_init(&all->asleep);
    pthread_mutex_init(&all->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&all->changed, &steady);
    pthread_condattr_destroy(&steady);
}

void sleepers_done(struct sleepers *all)
{
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
}

uint64_t sleepers_round(struct sleepers *all)
{
    pthread_mutex_lock(&all->lock);
    uint64_t round = all->round;
    pthread_mutex_unlock(&all->lock);
    return round;
}

bool sleepers_sleep(struct sleepers *all, struct sleeper *s, uint64_t round)
{
    pthread_mutex_lock(&all->lock);
    bool may_sleep = all->round == round && !all->is_closed;
    if (may_sleep) {
        list_append(&all->asleep, &s->link);
        all->suspend(s);
    }
    pthread_mutex_unlock(&all->lock);
    return may_sleep;
}

static void call(struct sleepers *all, bool is_last)
{
    pthread_mutex_lock(&all->lock);
    all->round++;
    all->is_woken = true;
    all->is_closed |= is_last;
    pthread_mutex_unlock(&all->lock);
    pthread_cond_signal(&all->changed);
}

void sleepers_call(struct sleepers *all)
{
    call(all, false);
}

void sleepers_close(struct sleepers *all)
{
    call(all, true);
}

bool sleepers_are_closed(struct sleepers *all)
{
    pthread_mutex_lock(&all->lock);
    bool closed = all->is_closed;
    pthread_mutex_unlock(&all->lock);
    return closed;
}

bool sleepers_wait(struct sleepers *all, const struct timespec *deadline)
{
    int late = 0;
    pthread_mutex_lock(&all->lock);
    while (!all->is_woken && !late)
        late = pthread_cond_timedwait(&all->changed, &all->lock, deadline);
    bool is_woken = all->is_woken;
    all->is_woken = false;
    pthread_mutex_unlock(&all->lock);
    return is_woken;
}

void sleepers_wake(struct sleepers *all, bool is_beat)
{
    pthread_mutex_lock(&all->lock);
    while (!list_is_empty(&all->asleep)) {
        struct sleeper *s = container_of(all->asleep.next, struct sleeper, link);
        list_remove(&s->link);
        s->is_beat = is_beat;
        all->resume(s);
    }
    pthread_mutex_unlock(&all->lock);
}

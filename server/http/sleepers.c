#include "http/sleepers.h"

#include "core/clock.h"
#include "core/mem.h"

void sleepers_init(struct sleepers *all, const struct sleepers_how *how)
{
    *all = (struct sleepers){ .how = how, .next_due_us = UINT64_MAX };
    for (size_t i = 0; i < SLEEPERS_ROOMS; i++)
        list_init(&all->rooms[i].asleep);
    pthread_mutex_init(&all->lock, NULL);
    clock_condition_init(&all->changed);
}

void sleepers_done(struct sleepers *all)
{
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
}

/* Who wants to hear everything has a room without others. */
static size_t room_of(int64_t topic)
{
    return topic == SLEEPERS_ANY ? 0 : 1 + (size_t)topic % (SLEEPERS_ROOMS - 1);
}

/* ---- falling asleep ---- */

uint64_t sleepers_round(struct sleepers *all, int64_t topic)
{
    pthread_mutex_lock(&all->lock);
    uint64_t round = all->rooms[room_of(topic)].round;
    pthread_mutex_unlock(&all->lock);
    return round;
}

/* Who waits must hear of it if the new sleeper is to be woken before all others, or is the only
 * one: without sleepers no time is kept, and that of the last one may be long past. */
static void note_due(struct sleepers *all, uint64_t wake_at_us)
{
    if (all->count > 1 && wake_at_us >= all->next_due_us)
        return;
    all->next_due_us = wake_at_us;
    pthread_cond_signal(&all->changed);
}

bool sleepers_sleep(struct sleepers *all, struct sleeper *s, uint64_t round)
{
    size_t room = room_of(s->topic);
    pthread_mutex_lock(&all->lock);
    bool may_sleep = all->rooms[room].round == round && !all->is_closed;
    if (may_sleep) {
        list_append(&all->rooms[room].asleep, &s->link);
        all->count++;
        note_due(all, s->wake_at_us);
        all->how->suspend(s);
    }
    pthread_mutex_unlock(&all->lock);
    return may_sleep;
}

/* ---- calling ---- */

static void call_room(struct sleepers *all, size_t room)
{
    all->rooms[room].round++;
    if (list_is_empty(&all->rooms[room].asleep))
        return;
    all->rooms[room].is_called = true;
    all->is_called = true;
}

static void call(struct sleepers *all, int64_t topic, bool is_last)
{
    pthread_mutex_lock(&all->lock);
    all->is_closed |= is_last;
    call_room(all, room_of(SLEEPERS_ANY));
    if (topic != SLEEPERS_ANY)
        call_room(all, room_of(topic));
    for (size_t i = 1; topic == SLEEPERS_ANY && i < SLEEPERS_ROOMS; i++)
        call_room(all, i);
    bool signal = all->is_called || is_last;
    pthread_mutex_unlock(&all->lock);
    if (signal)
        pthread_cond_signal(&all->changed);
}

void sleepers_call(struct sleepers *all, int64_t topic)
{
    call(all, topic, false);
}

void sleepers_close(struct sleepers *all)
{
    call(all, SLEEPERS_ANY, true);
}

bool sleepers_are_closed(struct sleepers *all)
{
    pthread_mutex_lock(&all->lock);
    bool closed = all->is_closed;
    pthread_mutex_unlock(&all->lock);
    return closed;
}

/* ---- waking ---- */

static uint64_t next_look_us(const struct sleepers *all)
{
    uint64_t check_us = all->checked_us + SLEEPERS_CHECK_US;
    if (all->count == 0)
        return UINT64_MAX;
    return all->next_due_us < check_us ? all->next_due_us : check_us;
}

void sleepers_wait(struct sleepers *all)
{
    pthread_mutex_lock(&all->lock);
    while (!all->is_called && !all->is_closed && clock_steady_us() < next_look_us(all))
        (void)clock_condition_wait(&all->changed, &all->lock, next_look_us(all));
    pthread_mutex_unlock(&all->lock);
}

static void wake(struct sleepers *all, struct sleeper *s, enum sleeper_cause cause)
{
    list_remove(&s->link);
    all->count--;
    s->woken_by = cause;
    all->how->resume(s);
}

static void wake_room(struct sleepers *all, size_t room)
{
    struct list *asleep = &all->rooms[room].asleep;
    all->rooms[room].is_called = false;
    while (!list_is_empty(asleep))
        wake(all, container_of(asleep->next, struct sleeper, link), SLEEPER_NEWS);
}

static void wake_called(struct sleepers *all)
{
    for (size_t i = 0; all->is_called && i < SLEEPERS_ROOMS; i++)
        if (all->rooms[i].is_called)
            wake_room(all, i);
    all->is_called = false;
}

static void look_at(struct sleepers *all, struct sleeper *s, uint64_t now_us)
{
    if (s->wake_at_us <= now_us)
        wake(all, s, SLEEPER_TIME);
    else if (all->checked_us == now_us && all->how->is_gone(s))
        wake(all, s, SLEEPER_GONE);
    else if (s->wake_at_us < all->next_due_us)
        all->next_due_us = s->wake_at_us;
}

static void look_at_all(struct sleepers *all, uint64_t now_us)
{
    all->next_due_us = UINT64_MAX;
    for (size_t i = 0; i < SLEEPERS_ROOMS; i++) {
        struct list *asleep = &all->rooms[i].asleep, *next;
        for (struct list *l = asleep->next; l != asleep; l = next) {
            next = l->next;
            look_at(all, container_of(l, struct sleeper, link), now_us);
        }
    }
}

void sleepers_wake(struct sleepers *all, uint64_t now_us)
{
    pthread_mutex_lock(&all->lock);
    wake_called(all);
    if (now_us >= next_look_us(all)) {
        if (now_us >= all->checked_us + SLEEPERS_CHECK_US)
            all->checked_us = now_us;
        look_at_all(all, now_us);
    }
    pthread_mutex_unlock(&all->lock);
}

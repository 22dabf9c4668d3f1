#include "core/mailbox.h"

#include "core/clock.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

void mailbox_init(struct mailbox *m, void (*wake)(void *arg), void *arg)
{
    *m = (struct mailbox){ .wake = wake, .arg = arg };
    m->last = &m->first;
    pthread_mutex_init(&m->lock, NULL);
    clock_condition_init(&m->filled);
}

void mailbox_done(struct mailbox *m)
{
    assert(!m->first);
    pthread_cond_destroy(&m->filled);
    pthread_mutex_destroy(&m->lock);
}

void mailbox_post(struct mailbox *m, struct letter *l)
{
    l->next = NULL;
    pthread_mutex_lock(&m->lock);
    bool was_empty = !m->first;
    void (*wake)(void *arg) = was_empty ? m->wake : NULL;
    void *arg = m->arg;
    *m->last = l;
    m->last = &l->next;
    if (was_empty)
        pthread_cond_signal(&m->filled);
    pthread_mutex_unlock(&m->lock); /* from here on the box may be gone */
    if (wake)
        wake(arg);
}

static struct letter *take_locked(struct mailbox *m)
{
    struct letter *all = m->first;
    m->first = NULL;
    m->last = &m->first;
    return all;
}

struct letter *mailbox_take(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    struct letter *all = take_locked(m);
    pthread_mutex_unlock(&m->lock);
    return all;
}

struct letter *mailbox_wait(struct mailbox *m)
{
    return mailbox_wait_until(m, UINT64_MAX);
}

struct letter *mailbox_wait_until(struct mailbox *m, uint64_t until_us)
{
    int err = 0;
    pthread_mutex_lock(&m->lock);
    while (!m->first && err != ETIMEDOUT)
        err = clock_condition_wait(&m->filled, &m->lock, until_us);
    struct letter *all = take_locked(m);
    pthread_mutex_unlock(&m->lock);
    return all;
}

struct letter *mailbox_wait_one(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    while (!m->first)
        pthread_cond_wait(&m->filled, &m->lock);
    struct letter *one = m->first;
    m->first = one->next;
    if (m->first)
        pthread_cond_signal(&m->filled);
    else
        m->last = &m->first;
    pthread_mutex_unlock(&m->lock);
    return one;
}

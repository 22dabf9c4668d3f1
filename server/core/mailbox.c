#include "core/mailbox.h"

#include <assert.h>
#include <stddef.h>

void mailbox_init(struct mailbox *m, void (*wake)(void *arg), void *arg)
{
    *m = (struct mailbox){ .wake = wake, .arg = arg };
    m->last = &m->first;
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->filled, NULL);
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
    *m->last = l;
    m->last = &l->next;
    if (was_empty)
        pthread_cond_signal(&m->filled);
    pthread_mutex_unlock(&m->lock);
    if (was_empty && m->wake)
        m->wake(m->arg);
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
    pthread_mutex_lock(&m->lock);
    while (!m->first)
        pthread_cond_wait(&m->filled, &m->lock);
    struct letter *all = take_locked(m);
    pthread_mutex_unlock(&m->lock);
    return all;
}

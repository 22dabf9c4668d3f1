#include "core/mailbox.h"

#include "core/clock.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

void mailbox_init(struct mailbox *m, void (*wake)(void *arg), void *arg)
{
    *m = (struct mailbox){ .wake = wake, .arg = arg };
    pthread_mutex_init(&m->lock, NULL);
    clock_condition_init(&m->filled);
}

void mailbox_done(struct mailbox *m)
{
    assert(!m->letters.first);
    pthread_cond_destroy(&m->filled);
    pthread_mutex_destroy(&m->lock);
}

/* Some behind others. */
static void append(struct letters *to, struct letters more)
{
    if (to->first)
        to->last->next = more.first;
    else
        to->first = more.first;
    to->last = more.last;
}

void letters_add(struct letters *some, struct letter *l)
{
    l->next = NULL;
    append(some, (struct letters){ l, l });
}

void mailbox_post_all(struct mailbox *m, struct letters *some)
{
    if (!some->first)
        return;
    pthread_mutex_lock(&m->lock);
    bool was_empty = !m->letters.first;
    void (*wake)(void *arg) = was_empty ? m->wake : NULL;
    void *arg = m->arg;
    append(&m->letters, *some);
    *some = (struct letters){ NULL, NULL };
    if (was_empty)
        pthread_cond_signal(&m->filled);
    pthread_mutex_unlock(&m->lock); /* from here on the box may be gone */
    if (wake)
        wake(arg);
}

void mailbox_post(struct mailbox *m, struct letter *l)
{
    struct letters one = { NULL, NULL };
    letters_add(&one, l);
    mailbox_post_all(m, &one);
}

static struct letter *take_locked(struct mailbox *m)
{
    struct letter *all = m->letters.first;
    m->letters = (struct letters){ NULL, NULL };
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
    while (!m->letters.first && err != ETIMEDOUT)
        err = clock_condition_wait(&m->filled, &m->lock, until_us);
    struct letter *all = take_locked(m);
    pthread_mutex_unlock(&m->lock);
    return all;
}

struct letter *mailbox_wait_one(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    while (!m->letters.first)
        pthread_cond_wait(&m->filled, &m->lock);
    struct letter *one = m->letters.first;
    m->letters.first = one->next;
    if (one->next)
        pthread_cond_signal(&m->filled);
    pthread_mutex_unlock(&m->lock);
    return one;
}

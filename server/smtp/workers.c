#include "smtp/workers.h"

#include "intake/intake.h"

/* More than one, so that a large message does not hold up all others. */
enum { WORKERS_MIN = 2 };

static void read_and_deliver(struct store *store, struct store_delivery *d)
{
    struct intake in;
    intake_read(&in, d);
    intake_give(&in, store, d->facts);
}

/* The stop goes from one to the next. */
static void *work(void *arg)
{
    struct workers *w = arg;
    struct letter *l;
    while ((l = mailbox_wait_one(&w->inbox)) != &w->stop)
        read_and_deliver(w->store, container_of(l, struct store_delivery, letter));
    mailbox_post(&w->inbox, l);
    return NULL;
}

static size_t within_reason(size_t wanted)
{
    if (wanted < WORKERS_MIN)
        return WORKERS_MIN;
    return wanted < WORKERS_MAX ? wanted : WORKERS_MAX;
}

int workers_start(struct workers *w, struct store *store, size_t wanted)
{
    int err = 0;
    *w = (struct workers){ .store = store };
    mailbox_init(&w->inbox, NULL, NULL);
    for (size_t i = 0; i < within_reason(wanted) && !err; i++) {
        err = -pthread_create(&w->threads[i], NULL, work, w);
        w->count += !err;
    }
    if (err)
        workers_stop(w);
    return err;
}

void workers_stop(struct workers *w)
{
    mailbox_post(&w->inbox, &w->stop);
    for (size_t i = 0; i < w->count; i++)
        pthread_join(w->threads[i], NULL);
    (void)mailbox_take(&w->inbox); /* the stop */
    mailbox_done(&w->inbox);
}

void workers_post(struct workers *w, struct store_delivery *d)
{
    letters_add(&w->waiting, &d->letter);
}

void workers_go(struct workers *w)
{
    mailbox_post_all(&w->inbox, &w->waiting);
}

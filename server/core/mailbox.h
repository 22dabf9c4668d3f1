#pragma once
/* Hands work from any thread to one thread, or to whichever of several is free.
 *
 * Posting gives the letter away: the poster must not touch it again. One receiver takes all
 * letters at once, oldest first, so that what queued up while it worked is its next batch;
 * several take one at a time. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct letter {
    struct letter *next;
};

/* Letters that are posted together, oldest first. All zero is none. */
struct letters {
    struct letter *first, *last;
};

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct letters letters;
    void (*wake)(void *arg); /* called on the poster's thread when the box was empty; may be NULL */
    void *arg;
};

/* `wake` is for receivers that sleep elsewhere, such as in an event loop. */
void mailbox_init(struct mailbox *m, void (*wake)(void *arg), void *arg);

/* The box must be empty. */
void mailbox_done(struct mailbox *m);

/* The box need not outlive the taking of the letter: one may be made for a single answer. */
void mailbox_post(struct mailbox *m, struct letter *l);

void letters_add(struct letters *some, struct letter *l);

/* Posts all of them, which leaves none: whoever waits is woken once for all. */
void mailbox_post_all(struct mailbox *m, struct letters *some);

/* All letters, linked by `next`, or NULL when there are none. */
struct letter *mailbox_take(struct mailbox *m);

/* As mailbox_take, but waits until there is one. */
struct letter *mailbox_wait(struct mailbox *m);

/* The same, but no longer than until clock_steady_us() says `until_us`: then NULL. UINT64_MAX is
 * never. */
struct letter *mailbox_wait_until(struct mailbox *m, uint64_t until_us);

/* The oldest letter alone, waiting until there is one. For receivers that share the box: whoever
 * leaves letters behind wakes another. */
struct letter *mailbox_wait_one(struct mailbox *m);

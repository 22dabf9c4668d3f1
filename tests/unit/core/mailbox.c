#include "../test.h"

#include "core/clock.h"
#include "core/mailbox.h"
#include "core/mem.h"

enum { POSTERS = 4, LETTERS = 5000 };

struct numbered {
    struct letter letter;
    int poster, number;
};

static struct numbered letters[POSTERS][LETTERS];

struct poster {
    struct mailbox *box;
    int index;
};

static void *post_all(void *arg)
{
    const struct poster *p = arg;
    for (int i = 0; i < LETTERS; i++) {
        letters[p->index][i] = (struct numbered){ .poster = p->index, .number = i };
        mailbox_post(p->box, &letters[p->index][i].letter);
    }
    return NULL;
}

/* Every letter arrives once, and those of one poster in their order. */
static void many_post_one_takes(void **state)
{
    (void)state;
    struct mailbox box;
    mailbox_init(&box, NULL, NULL);
    pthread_t threads[POSTERS];
    struct poster posters[POSTERS];
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){ &box, i };
        assert_int_equal(pthread_create(&threads[i], NULL, post_all, &posters[i]), 0);
    }
    int next[POSTERS] = { 0 };
    for (int taken = 0; taken < POSTERS * LETTERS;)
        for (struct letter *l = mailbox_wait(&box); l; l = l->next, taken++) {
            const struct numbered *n = container_of(l, struct numbered, letter);
            assert_int_equal(n->number, next[n->poster]++);
        }
    for (int i = 0; i < POSTERS; i++)
        pthread_join(threads[i], NULL);
    assert_null(mailbox_take(&box));
    mailbox_done(&box);
}

enum { TAKERS = 3 };

struct taker {
    struct mailbox *box;
    struct letter *stop;
    int taken;
};

/* The stop goes from one to the next. */
static void *take_each(void *arg)
{
    struct taker *t = arg;
    struct letter *l;
    while ((l = mailbox_wait_one(t->box)) != t->stop) {
        container_of(l, struct numbered, letter)->number = -1;
        t->taken++;
    }
    mailbox_post(t->box, l);
    return NULL;
}

/* Each letter goes to one of them, and the last wakes all. */
static void many_take_one_at_a_time(void **state)
{
    (void)state;
    struct mailbox box;
    struct letter stop;
    mailbox_init(&box, NULL, NULL);
    pthread_t threads[TAKERS];
    struct taker takers[TAKERS];
    for (int i = 0; i < TAKERS; i++) {
        takers[i] = (struct taker){ &box, &stop, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, take_each, &takers[i]), 0);
    }
    post_all(&(struct poster){ &box, 0 });
    mailbox_post(&box, &stop);
    int taken = 0;
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(threads[i], NULL);
        taken += takers[i].taken;
    }
    assert_int_equal(taken, LETTERS);
    for (int i = 0; i < LETTERS; i++)
        assert_int_equal(letters[0][i].number, -1);
    assert_ptr_equal(mailbox_take(&box), &stop);
    mailbox_done(&box);
}

static void count_wake(void *arg)
{
    (*(int *)arg)++;
}

static void wakes_only_when_it_was_empty(void **state)
{
    (void)state;
    int wakes = 0;
    struct mailbox box;
    struct letter a, b, c;
    mailbox_init(&box, count_wake, &wakes);
    mailbox_post(&box, &a);
    mailbox_post(&box, &b);
    assert_int_equal(wakes, 1);
    assert_ptr_equal(mailbox_take(&box), &a);
    mailbox_post(&box, &c);
    assert_int_equal(wakes, 2);
    assert_ptr_equal(mailbox_take(&box), &c);
    mailbox_done(&box);
}

static void waits_no_longer_than_it_is_told(void **state)
{
    (void)state;
    struct mailbox box;
    struct letter a;
    mailbox_init(&box, NULL, NULL);
    assert_null(mailbox_wait_until(&box, 0));
    uint64_t until_us = clock_steady_us() + 2000;
    assert_null(mailbox_wait_until(&box, until_us));
    assert_true(clock_steady_us() >= until_us);
    mailbox_post(&box, &a);
    assert_ptr_equal(mailbox_wait_until(&box, 0), &a);
    mailbox_done(&box);
}

/* In their order, behind what is there, and nothing is left with the poster. */
static void what_is_posted_together_wakes_once(void **state)
{
    (void)state;
    int wakes = 0;
    struct mailbox box;
    struct letter first, some[3];
    struct letters together = { NULL, NULL };
    mailbox_init(&box, count_wake, &wakes);
    mailbox_post_all(&box, &together); /* none */
    assert_int_equal(wakes, 0);
    for (int round = 0; round < 2; round++) {
        bool has_first = round == 1;
        if (has_first)
            mailbox_post(&box, &first);
        for (size_t i = 0; i < ARRAY_LEN(some); i++)
            letters_add(&together, &some[i]);
        mailbox_post_all(&box, &together);
        assert_null(together.first);
        assert_int_equal(wakes, round + 1);
        struct letter *l = mailbox_take(&box);
        if (has_first) {
            assert_ptr_equal(l, &first);
            l = l->next;
        }
        for (size_t i = 0; i < ARRAY_LEN(some); i++, l = l->next)
            assert_ptr_equal(l, &some[i]);
        assert_null(l);
    }
    mailbox_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_post_one_takes),
        cmocka_unit_test(many_take_one_at_a_time),
        cmocka_unit_test(wakes_only_when_it_was_empty),
        cmocka_unit_test(what_is_posted_together_wakes_once),
        cmocka_unit_test(waits_no_longer_than_it_is_told),
    };
    return RUN_TESTS(tests);
}

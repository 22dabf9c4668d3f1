#include "../test.h"

#include "core/mem.h"
#include "http/sleepers.h"

static int suspended, resumed;
static struct sleeper *gone;

static void note_suspended(struct sleeper *s)
{
    (void)s;
    suspended++;
}

static void note_resumed(struct sleeper *s)
{
    (void)s;
    resumed++;
}

static bool is_gone(struct sleeper *s)
{
    return s == gone;
}

static const struct sleepers_how how = { note_suspended, note_resumed, is_gone };

static int setup(void **state)
{
    struct sleepers *all = xmalloc(sizeof(*all));
    sleepers_init(all, &how);
    suspended = resumed = 0;
    gone = NULL;
    *state = all;
    return 0;
}

static int teardown(void **state)
{
    sleepers_done(*state);
    free(*state);
    return 0;
}

static struct sleeper sleeper(int64_t topic, uint64_t wake_at_us)
{
    return (struct sleeper){ .topic = topic, .wake_at_us = wake_at_us };
}

static void lie_down(struct sleepers *all, struct sleeper *s)
{
    assert_true(sleepers_sleep(all, s, sleepers_round(all, s->topic)));
}

static void a_sleeper_is_woken_once(void **state)
{
    struct sleepers *all = *state;
    struct sleeper a = sleeper(1, UINT64_MAX), b = sleeper(1, UINT64_MAX);
    lie_down(all, &a);
    lie_down(all, &b);
    assert_int_equal(suspended, 2);
    sleepers_call(all, 1);
    sleepers_wake(all, 0);
    assert_int_equal(resumed, 2);
    assert_int_equal(a.woken_by, SLEEPER_NEWS);
    sleepers_wake(all, 0);
    assert_int_equal(resumed, 2);
}

/* News comes after the look, and everybody is woken, before the sleeper lies down. */
static void news_between_looking_and_sleeping_is_noticed(void **state)
{
    struct sleepers *all = *state;
    static const int64_t called[] = { 7, SLEEPERS_ANY };
    for (size_t i = 0; i < ARRAY_LEN(called); i++) {
        struct sleeper s = sleeper(7, UINT64_MAX);
        uint64_t round = sleepers_round(all, 7);
        sleepers_call(all, called[i]);
        sleepers_wake(all, 0);
        assert_false(sleepers_sleep(all, &s, round));
    }
    assert_int_equal(suspended, 0);
}

static void who_wants_other_news_sleeps_on(void **state)
{
    struct sleepers *all = *state;
    struct sleeper one = sleeper(1, UINT64_MAX), two = sleeper(2, UINT64_MAX);
    struct sleeper any = sleeper(SLEEPERS_ANY, UINT64_MAX);
    lie_down(all, &one);
    lie_down(all, &two);
    lie_down(all, &any);
    uint64_t round = sleepers_round(all, 2);
    sleepers_call(all, 1);
    sleepers_wake(all, 0);
    assert_int_equal(resumed, 2); /* one, and who wants to hear all */
    assert_int_equal(sleepers_round(all, 2), round);
    sleepers_call(all, SLEEPERS_ANY);
    sleepers_wake(all, 0);
    assert_int_equal(resumed, 3);
}

static void time_wakes_those_that_are_due(void **state)
{
    struct sleepers *all = *state;
    struct sleeper early = sleeper(1, 100), late = sleeper(1, 200), last = sleeper(2, 300);
    lie_down(all, &last);
    lie_down(all, &late);
    lie_down(all, &early);
    sleepers_wake(all, 99);
    assert_int_equal(resumed, 0);
    sleepers_wake(all, 100);
    assert_int_equal(resumed, 1);
    assert_int_equal(early.woken_by, SLEEPER_TIME);
    sleepers_wake(all, 250);
    assert_int_equal(resumed, 2);
    assert_int_equal(late.woken_by, SLEEPER_TIME);
    sleepers_wake(all, 300);
    assert_int_equal(resumed, 3);
}

static void who_is_gone_is_noticed(void **state)
{
    struct sleepers *all = *state;
    struct sleeper a = sleeper(1, UINT64_MAX), b = sleeper(1, UINT64_MAX);
    lie_down(all, &a);
    lie_down(all, &b);
    gone = &b;
    sleepers_wake(all, SLEEPERS_CHECK_US - 1);
    assert_int_equal(resumed, 0);
    sleepers_wake(all, SLEEPERS_CHECK_US);
    assert_int_equal(resumed, 1);
    assert_int_equal(b.woken_by, SLEEPER_GONE);
    sleepers_call(all, 1);
    sleepers_wake(all, SLEEPERS_CHECK_US);
    assert_int_equal(resumed, 2);
}

static void nobody_sleeps_once_it_is_closed(void **state)
{
    struct sleepers *all = *state;
    struct sleeper before = sleeper(3, UINT64_MAX), after = sleeper(3, UINT64_MAX);
    lie_down(all, &before);
    assert_false(sleepers_are_closed(all));
    sleepers_close(all);
    assert_true(sleepers_are_closed(all));
    assert_false(sleepers_sleep(all, &after, sleepers_round(all, 3)));
    sleepers_wait(all); /* returns */
    sleepers_wake(all, 0);
    assert_int_equal(resumed, 1);
}

/* Each call returns only because it has reason to. */
static void waiting_ends_with_a_call_or_in_time(void **state)
{
    struct sleepers *all = *state;
    struct sleeper called = sleeper(1, UINT64_MAX), due = sleeper(1, 1);
    lie_down(all, &called);
    sleepers_call(all, 1);
    sleepers_wait(all);
    sleepers_wake(all, 0);
    lie_down(all, &due);
    sleepers_wait(all);
    sleepers_wake(all, 1);
    assert_int_equal(resumed, 2);
}

#define PREPARED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PREPARED(a_sleeper_is_woken_once),
        PREPARED(news_between_looking_and_sleeping_is_noticed),
        PREPARED(who_wants_other_news_sleeps_on),
        PREPARED(time_wakes_those_that_are_due),
        PREPARED(who_is_gone_is_noticed),
        PREPARED(nobody_sleeps_once_it_is_closed),
        PREPARED(waiting_ends_with_a_call_or_in_time),
    };
    return RUN_TESTS(tests);
}

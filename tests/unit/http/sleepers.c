#include "../test.h"

#include "core/mem.h"
#include "http/sleepers.h"

static int suspended, resumed;

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

static int setup(void **state)
{
    struct sleepers *all = xmalloc(sizeof(*all));
    sleepers_init(all, note_suspended, note_resumed);
    suspended = resumed = 0;
    *state = all;
    return 0;
}

static int teardown(void **state)
{
    sleepers_done(*state);
    free(*state);
    return 0;
}

static void a_sleeper_is_woken_once(void **state)
{
    struct sleepers *all = *state;
    struct sleeper a = { 0 };
    struct sleeper b = { 0 };
    assert_true(sleepers_sleep(all, &a, sleepers_round(all)));
    assert_true(sleepers_sleep(all, &b, sleepers_round(all)));
    assert_int_equal(suspended, 2);
    sleepers_wake(all, true);
    assert_int_equal(resumed, 2);
    assert_true(a.is_beat && b.is_beat);
    sleepers_wake(all, false);
    assert_int_equal(resumed, 2);
}

/* News comes after the look, and everybody is woken, before the sleeper lies down. */
static void news_between_looking_and_sleeping_is_noticed(void **state)
{
    struct sleepers *all = *state;
    struct sleeper s = { 0 };
    uint64_t round = sleepers_round(all);
    sleepers_call(all);
    sleepers_wake(all, false);
    assert_false(sleepers_sleep(all, &s, round));
    assert_int_equal(suspended, 0);
    assert_true(sleepers_sleep(all, &s, sleepers_round(all)));
    sleepers_wake(all, false);
}

static void nobody_sleeps_once_it_is_closed(void **state)
{
    struct sleepers *all = *state;
    struct sleeper s = { 0 };
    assert_false(sleepers_are_closed(all));
    sleepers_close(all);
    assert_true(sleepers_are_closed(all));
    assert_false(sleepers_sleep(all, &s, sleepers_round(all)));
}

static void waiting_tells_a_call_from_the_deadline(void **state)
{
    struct sleepers *all = *state;
    static const struct timespec past = { 0 };
    assert_false(sleepers_wait(all, &past));
    sleepers_call(all);
    sleepers_call(all);
    assert_true(sleepers_wait(all, &past));
    assert_false(sleepers_wait(all, &past));
    sleepers_close(all);
    assert_true(sleepers_wait(all, &past));
}

#define PREPARED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PREPARED(a_sleeper_is_woken_once),
        PREPARED(news_between_looking_and_sleeping_is_noticed),
        PREPARED(nobody_sleeps_once_it_is_closed),
        PREPARED(waiting_tells_a_call_from_the_deadline),
    };
    return RUN_TESTS(tests);
}

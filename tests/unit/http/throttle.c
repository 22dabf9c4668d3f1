#include "../test.h"

#include "core/mem.h"
#include "http/throttle.h"

#include <stdio.h>

enum { SECOND = 1000 * 1000 };

static struct throttle *throttle;

static int setup(void **state)
{
    (void)state;
    throttle = xmalloc(sizeof(*throttle));
    throttle_init(throttle);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    throttle_done(throttle);
    free(throttle);
    return 0;
}

static unsigned wait(const char *ip, uint64_t now_us)
{
    return throttle_wait_s(throttle, span_of(ip), now_us);
}

static void blame(const char *ip, int times, uint64_t now_us)
{
    for (int i = 0; i < times; i++)
        throttle_blame(throttle, span_of(ip), now_us);
}

static void some_failures_are_forgiven(void **state)
{
    (void)state;
    blame("192.0.2.1", THROTTLE_BURST - 1, 0);
    assert_int_equal(wait("192.0.2.1", 0), 0);
    blame("192.0.2.1", 1, 0);
    assert_int_equal(wait("192.0.2.1", 0), 1);
    assert_int_equal(wait("192.0.2.2", 0), 0);
}

static void time_heals(void **state)
{
    (void)state;
    blame("192.0.2.1", THROTTLE_BURST + 4, 0);
    assert_int_equal(wait("192.0.2.1", 0), 5);
    assert_int_equal(wait("192.0.2.1", 4 * SECOND), 1);
    assert_int_equal(wait("192.0.2.1", 4 * SECOND + 1), 1);
    assert_int_equal(wait("192.0.2.1", 5 * SECOND), 0);
    blame("192.0.2.1", 1, 5 * SECOND);
    assert_int_equal(wait("192.0.2.1", 5 * SECOND), 1);
    blame("192.0.2.1", THROTTLE_BURST - 1, 100 * (uint64_t)SECOND);
    assert_int_equal(wait("192.0.2.1", 100 * (uint64_t)SECOND), 0);
}

static void a_network_of_ipv6_counts_as_one(void **state)
{
    (void)state;
    blame("2001:db8::1", THROTTLE_BURST, 0);
    assert_int_equal(wait("2001:db8::ffff:1", 0), 1);
    assert_int_equal(wait("2001:db8:0:1::1", 0), 0);
}

/* The places are few; nobody waits for what another address did. */
static void addresses_do_not_answer_for_each_other(void **state)
{
    (void)state;
    for (int i = 0; i < 10000; i++) {
        char ip[32];
        snprintf(ip, sizeof(ip), "10.0.%d.%d", i / 256, i % 256);
        assert_int_equal(wait(ip, 0), 0);
        blame(ip, THROTTLE_BURST, 0);
        assert_int_equal(wait(ip, 0), 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(some_failures_are_forgiven),
        TEST(time_heals),
        TEST(a_network_of_ipv6_counts_as_one),
        TEST(addresses_do_not_answer_for_each_other),
    };
    return RUN_TESTS(tests);
}

#include "../test.h"

#include "smtp/allowance.h"

enum { TEN_A_SECOND = 100000 };

static struct allowance allowance(void)
{
    return (struct allowance){ .each_us = TEN_A_SECOND, .at_once = 5 };
}

static void so_many_at_once(void **state)
{
    (void)state;
    struct allowance a = allowance();
    for (int i = 0; i < 5; i++)
        assert_true(allowance_take(&a, 1, 1));
    assert_false(allowance_take(&a, 1, 1));
    assert_false(allowance_take(&a, TEN_A_SECOND, 1));
    assert_true(allowance_take(&a, TEN_A_SECOND + 1, 1));
}

static void so_many_a_second(void **state)
{
    (void)state;
    struct allowance a = allowance();
    int taken = 0;
    for (uint64_t us = 0; us < 10 * 1000000; us += 1000)
        taken += allowance_take(&a, us, 1);
    assert_in_range(taken, 104, 105);
}

static void what_is_large_takes_more(void **state)
{
    (void)state;
    struct allowance a = allowance();
    assert_false(allowance_take(&a, 0, 6));
    assert_true(allowance_take(&a, 0, 4));
    assert_false(allowance_take(&a, 0, 2));
    assert_true(allowance_take(&a, 0, 1));
    assert_true(allowance_take(&a, 5 * TEN_A_SECOND, 5)); /* it has rested */
    assert_true(allowance_take(&a, 500 * TEN_A_SECOND, 5));
    assert_false(allowance_take(&a, 500 * TEN_A_SECOND, 1)); /* and gathers no more than that */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_at_once),
        cmocka_unit_test(so_many_a_second),
        cmocka_unit_test(what_is_large_takes_more),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include "core/clock.h"
#include "core/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the listener heard last; the writer's thread is done with it when a call returns. */
static struct {
    int count;
    int64_t inbox_id;
    char plan[32]; /* "": none any more */
} told;

static void tell(void *arg, int64_t inbox_id, const char *plan)
{
    assert_ptr_equal(arg, &told);
    told.count++;
    told.inbox_id = inbox_id;
    snprintf(told.plan, sizeof(told.plan), "%s", plan ? plan : "");
}

static int setup(void **state)
{
    memset(&told, 0, sizeof(told));
    fixture_setup_closed(state);
    fixture_open_with(*state, (struct store_config){ .plan_told = tell, .plan_arg = &told });
    return 0;
}

static void assert_told(int count, int64_t inbox_id, const char *plan)
{
    assert_int_equal(told.count, count);
    assert_int_equal(told.inbox_id, inbox_id);
    assert_string_equal(told.plan, plan);
}

static void test_tells_what_is_committed(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_add_inbox(f, "shop");
    assert_int_equal(store_plan_put(f->store, STORE_ALL_SESSIONS, "a"), 0);
    assert_told(1, STORE_ALL_SESSIONS, "a");
    assert_int_equal(store_plan_put(f->store, id, "b"), 0);
    assert_told(2, id, "b");
    assert_int_equal(store_plan_put(f->store, id, "c"), 0);
    assert_told(3, id, "c");
    assert_int_equal(store_plan_put(f->store, 999, "d"), -ENOENT);
    assert_told(3, id, "c");
    assert_int_equal(store_plan_put(f->store, id, NULL), 0);
    assert_told(4, id, "");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM fault_plan"), 1);
}

static void test_tells_of_all_when_it_opens(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_add_inbox(f, "shop");
    assert_int_equal(store_plan_put(f->store, STORE_ALL_SESSIONS, "a"), 0);
    assert_int_equal(store_plan_put(f->store, id, "b"), 0);
    fixture_close(f);
    told.count = 0;
    fixture_open_with(f, (struct store_config){ .plan_told = tell, .plan_arg = &told });
    assert_told(2, id, "b");
}

static void test_goes_with_its_inbox(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_add_inbox(f, "shop");
    assert_int_equal(store_plan_put(f->store, id, "b"), 0);
    assert_int_equal(store_inbox_delete(f->store, id), 0);
    assert_told(2, id, "");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM fault_plan"), 0);
}

static bool is_gone(struct fixture *f)
{
    return fixture_number(f, "SELECT count(*) FROM fault_plan") == 0;
}

static void test_goes_when_its_inbox_expires(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_add_inbox(f, "shop");
    assert_int_equal(store_plan_put(f->store, id, "b"), 0);
    const struct store_inbox_change change = { .sets_expiry = true,
                                               .expires_at_ms = clock_now_ms() + 1 };
    assert_int_equal(store_inbox_change(f->store, id, &change), 0);
    fixture_until(f, is_gone);
    fixture_close(f); /* the writer is done */
    assert_told(2, id, "");
}

static void test_knows_where_recipients_belong(void **state)
{
    struct fixture *f = *state;
    const char *patterns[] = { "*@shop.test" };
    const struct store_inbox_wish wish = { .name = "shop", .recipients = { patterns, 1 } };
    int64_t id;
    assert_int_equal(store_inbox_create(f->store, &wish, &id), 0);
    assert_int_equal(store_inbox_of_recipient(f->store, SPAN("ann@SHOP.test")), id);
    assert_int_equal(store_inbox_of_recipient(f->store, SPAN("ann@b.test")), STORE_DEFAULT_INBOX);
}

#define PLAN_TEST(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAN_TEST(test_tells_what_is_committed),       PLAN_TEST(test_tells_of_all_when_it_opens),
        PLAN_TEST(test_goes_with_its_inbox),           PLAN_TEST(test_goes_when_its_inbox_expires),
        PLAN_TEST(test_knows_where_recipients_belong),
    };
    return RUN_TESTS(tests);
}

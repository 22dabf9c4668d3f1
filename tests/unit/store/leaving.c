#include "fixture.h"

#include "core/clock.h"

#include <errno.h>
#include <stdio.h>

/* Nothing is left of it but what others have. */
static bool is_gone(struct fixture *f)
{
    return fixture_number(f, "SELECT count(*) FROM inbox WHERE id <> 1") == 0;
}

static int find(struct fixture *f, const char *name)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    struct store_reader *r = store_reader_lease(f->store);
    int err = store_inbox_find(r, span_of(name), &arena, &inbox);
    store_reader_return(r);
    return err;
}

static void deliver_to(struct fixture *f, int64_t inbox_id, int result)
{
    struct store_delivery *d = fixture_delivery(f, "m", SPAN("octets"));
    d->message.inbox_id = inbox_id;
    store_deliver(f->store, d);
    fixture_settle(f, 1, result);
}

static void goes_with_its_messages(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_add_inbox(f, "leaving");
    for (int i = 0; i < 10; i++)
        deliver_to(f, i % 2 ? id : STORE_DEFAULT_INBOX, 0);
    int64_t before = store_news_last(f->store);
    assert_int_equal(store_inbox_delete(f->store, id), 0);
    struct store_news news[2];
    assert_int_equal(store_news_read(f->store, before, news, 2), 1);
    assert_int_equal(news[0].type, STORE_INBOX_DELETED);
    assert_int_equal(news[0].inbox_id, id);
    assert_int_equal(find(f, "leaving"), -ENOENT);
    assert_int_equal(store_inbox_delete(f->store, id), -ENOENT);
    deliver_to(f, id, -ENOENT);
    fixture_until(f, is_gone);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 5);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chunk"), 5);
}

/* Its row may be there for long, and nobody notices. */
static void its_name_is_free_at_once(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_add_inbox(f, "again");
    deliver_to(f, id, 0);
    fixture_sql(f, "CREATE TRIGGER hold BEFORE DELETE ON message BEGIN "
                   "SELECT RAISE(ABORT, 'held by the test'); END");
    assert_int_equal(store_inbox_delete(f->store, id), 0);
    int64_t other = fixture_add_inbox(f, "again");
    assert_int_not_equal(other, id);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM inbox"), 3);
    fixture_close(f);
    fixture_sql(f, "DROP TRIGGER hold");
    fixture_open(f);
    assert_int_equal(store_inbox_delete(f->store, other), 0);
    fixture_until(f, is_gone);
}

static void empty_ones_go_too(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof(name), "inbox-%d", i);
        assert_int_equal(store_inbox_delete(f->store, fixture_add_inbox(f, name)), 0);
    }
    fixture_until(f, is_gone);
}

static int64_t add_with_expiry(struct fixture *f, const char *name, int64_t ms)
{
    int64_t id;
    const struct store_inbox_wish wish = { .name = name, .expires_at_ms = clock_now_ms() + ms };
    assert_int_equal(store_inbox_create(f->store, &wish, &id), 0);
    return id;
}

/* The later one was made first. */
static void leaves_when_its_time_is_over(void **state)
{
    struct fixture *f = *state;
    add_with_expiry(f, "later", 200);
    int64_t id = add_with_expiry(f, "sooner", 60000);
    deliver_to(f, id, 0);
    const struct store_inbox_change soon = { .sets_expiry = true,
                                             .expires_at_ms = clock_now_ms() + 50 };
    assert_int_equal(store_inbox_change(f->store, id, &soon), 0);
    fixture_until(f, is_gone);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 0);
    assert_int_equal(find(f, "default"), 0);
}

static void may_stay_after_all(void **state)
{
    struct fixture *f = *state;
    int64_t id = add_with_expiry(f, "staying", 60000);
    const struct store_inbox_change stay = { .sets_expiry = true };
    assert_int_equal(store_inbox_change(f->store, id, &stay), 0);
    add_with_expiry(f, "sooner", 50);
    while (fixture_number(f, "SELECT count(*) FROM inbox") == 3)
        fixture_store(f, "meanwhile", SPAN("octets"));
    assert_int_equal(find(f, "staying"), 0);
}

static void leaves_at_the_start_if_it_is_time(void **state)
{
    struct fixture *f = *state;
    int64_t id = add_with_expiry(f, "over", 60000);
    deliver_to(f, id, 0);
    fixture_close(f);
    fixture_sql(f, "UPDATE account SET expires_at = 1 WHERE expires_at IS NOT NULL");
    fixture_open(f);
    assert_int_equal(find(f, "over"), -ENOENT);
    fixture_until(f, is_gone);
    fixture_verify(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(goes_with_its_messages), TEST(its_name_is_free_at_once),
        TEST(empty_ones_go_too),      TEST(leaves_when_its_time_is_over),
        TEST(may_stay_after_all),     TEST(leaves_at_the_start_if_it_is_time),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include "core/mem.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

/* Stands before SQLite's own, so that nobody waits for a lock in this program. */
int sqlite3_busy_timeout(sqlite3 *db, int ms)
{
    (void)ms;
    return sqlite3_busy_handler(db, NULL, NULL);
}

static void says_that_it_is_locked_and_goes_on_afterwards(void **state)
{
    struct fixture *f = *state;
    int64_t deleted;
    int64_t before = store_news_last(f->store);
    sqlite3 *lock = fixture_lock(f);
    for (int i = 0; i < 20; i++)
        store_deliver(f->store, fixture_delivery(f, "m", SPAN("octets")));
    fixture_settle(f, 20, -EBUSY);
    assert_int_equal(store_check(f->store), -EBUSY);
    assert_int_equal(store_message_delete(f->store, 1), -EBUSY);
    assert_int_equal(store_messages_clear(f->store, 0, &deleted), -EBUSY);
    assert_int_equal(store_news_last(f->store), before);
    sqlite3_close(lock);
    assert_int_equal(store_check(f->store), 0);
    fixture_store(f, "m", SPAN("octets"));
}

static void closes_while_it_is_locked(void **state)
{
    struct fixture *f = *state;
    sqlite3 *lock = fixture_lock(f);
    store_deliver(f->store, fixture_delivery(f, "m", SPAN("octets")));
    fixture_close(f);
    fixture_settle(f, 1, -EBUSY);
    sqlite3_close(lock);
}

static void is_refused_while_it_is_locked(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    fixture_sql(f, "PRAGMA user_version = 0; PRAGMA journal_mode = DELETE");
    sqlite3 *lock = fixture_lock(f);
    fixture_refuses(f->path, -EBUSY, "another program has the database locked");
    sqlite3_close(lock);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_that_it_is_locked_and_goes_on_afterwards),
        TEST(closes_while_it_is_locked),
        TEST(is_refused_while_it_is_locked),
    };
    return RUN_TESTS(tests);
}

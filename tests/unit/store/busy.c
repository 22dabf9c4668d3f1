#include "fixture.h"

#include "core/mem.h"
#include "store/chunk.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

static atomic_int waits; /* how often somebody would have waited for a lock */

static int count_wait(void *arg, int times)
{
    (void)arg;
    (void)times;
    waits++;
    return 0;
}

/* Stands before SQLite's own, so that nobody does wait in this program. */
int sqlite3_busy_timeout(sqlite3 *db, int ms)
{
    return sqlite3_busy_handler(db, ms > 0 ? count_wait : NULL, NULL);
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

/* The log cannot begin again while somebody looks at an old state, and who sends must not wait for
 * them time after time. */
static void a_looker_on_is_hardly_waited_for(void **state)
{
    enum { MESSAGES = 140 }; /* of 256 pages: more than twice the length at which it is waited */
    struct fixture *f = *state;
    char *bytes AUTO(free_ptr) = xmalloc(CHUNK_SIZE);
    fill_random(bytes, CHUNK_SIZE, 1);
    sqlite3 *looker;
    assert_int_equal(sqlite3_open(f->path, &looker), SQLITE_OK);
    assert_int_equal(sqlite3_exec(looker, "BEGIN; SELECT count(*) FROM message", NULL, NULL, NULL),
                     SQLITE_OK);
    waits = 0;
    for (int i = 0; i < MESSAGES; i++)
        fixture_store(f, "m", (struct span){ bytes, CHUNK_SIZE });
    sqlite3_close(looker);
    assert_in_range(waits, 1, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_that_it_is_locked_and_goes_on_afterwards),
        TEST(closes_while_it_is_locked),
        TEST(is_refused_while_it_is_locked),
        TEST(a_looker_on_is_hardly_waited_for),
    };
    return RUN_TESTS(tests);
}

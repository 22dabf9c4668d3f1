#include "fixture.h"

#include "core/mem.h"
#include "store/chunk.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- group commit ---- */

static void count(void *arg)
{
    (*(int *)arg)++;
}

/* While the test has the database locked, everything given to the writer queues up. */
static void what_queued_up_is_one_transaction(void **state)
{
    struct fixture *f = *state;
    int commits = 0;
    store_news_listen(f->store, count, &commits);
    sqlite3 *lock = fixture_lock(f);
    for (int i = 0; i < 200; i++)
        store_deliver(f->store, fixture_delivery(f, "m", SPAN("octets")));
    sqlite3_close(lock);
    fixture_settle(f, 200, 0);
    store_news_listen(f->store, NULL, NULL);
    assert_in_range(commits, 1, 2); /* the first may have been alone when it was taken */
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 200);
}

enum { THREADS = 4, EACH = 200 };

static void *deliver_each(void *arg)
{
    for (int i = 0; i < EACH; i++)
        store_deliver(((struct fixture *)arg)->store, fixture_delivery(arg, "m", SPAN("octets")));
    return NULL;
}

static void takes_from_many_threads(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, deliver_each, f), 0);
    fixture_settle(f, THREADS * EACH, 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(fixture_number(f, "SELECT message_count FROM inbox"), THREADS * EACH);
}

static void closing_finishes_what_is_queued(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 100; i++)
        store_deliver(f->store, fixture_delivery(f, "m", SPAN("octets")));
    fixture_close(f);
    fixture_settle(f, 100, 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 100);
}

/* What is posted back or told is in the database already. */
static void nothing_is_said_before_the_commit(void **state)
{
    struct fixture *f = *state;
    int64_t before = store_news_last(f->store);
    sqlite3 *lock = fixture_lock(f);
    store_deliver(f->store, fixture_delivery(f, "m", SPAN("octets")));
    assert_null(mailbox_take(&f->settled));
    assert_int_equal(store_news_last(f->store), before);
    sqlite3_close(lock);
    fixture_settle(f, 1, 0);
    assert_int_equal(store_news_last(f->store), before + 1);
}

/* However much is stored, the log stays small and the database gets it. */
static void writes_the_log_back(void **state)
{
    struct fixture *f = *state;
    char *bytes AUTO(free_ptr) = xmalloc(CHUNK_SIZE);
    fill_random(bytes, CHUNK_SIZE, 1);
    for (int i = 0; i < 20; i++)
        fixture_store(f, "m", (struct span){ bytes, CHUNK_SIZE });
    char log[128];
    snprintf(log, sizeof(log), "%s-wal", f->path);
    struct stat st;
    assert_int_equal(stat(log, &st), 0);
    assert_in_range(st.st_size, 1, 8 * CHUNK_SIZE);
    assert_int_equal(stat(f->path, &st), 0);
    assert_true(st.st_size > 10 * CHUNK_SIZE);
}

/* ---- what fails ---- */

static void a_bad_message_fails_alone(void **state)
{
    struct fixture *f = *state;
    enum { MANY = 50, BAD = 20 };
    fixture_sql(f, "CREATE TRIGGER refuse AFTER INSERT ON message WHEN NEW.subject = 'bad' "
                   "BEGIN SELECT RAISE(ABORT, 'refused by the test'); END");
    int64_t before = store_news_last(f->store);
    struct store_delivery *deliveries[MANY];
    sqlite3 *lock = fixture_lock(f);
    for (int i = 0; i < MANY; i++) {
        deliveries[i] = fixture_delivery(f, i == BAD ? "bad" : "good", SPAN("octets"));
        store_deliver(f->store, deliveries[i]);
    }
    sqlite3_close(lock);
    for (int seen = 0; seen < MANY;)
        for (struct letter *l = mailbox_wait(&f->settled); l; l = l->next)
            seen++;
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(deliveries[i]->result, i == BAD ? -EIO : 0);
        store_delivery_free(deliveries[i]);
    }
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), MANY - 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chunk"), MANY - 1);
    assert_int_equal(store_check(f->store), 0);

    /* Each good one is told once, although some were stored twice and undone once. */
    struct store_news news[MANY];
    assert_int_equal(store_news_read(f->store, before, news, MANY), MANY - 1);
    for (int i = 1; i < MANY - 1; i++)
        assert_true(news[i].message_id > news[i - 1].message_id);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static struct store_delivery *large_delivery(struct fixture *f)
{
    size_t len = (size_t)3 * CHUNK_SIZE;
    char *bytes AUTO(free_ptr) = xmalloc(len);
    fill_random(bytes, len, 1);
    return fixture_delivery(f, "large", (struct span){ bytes, len });
}

/* Files that may not grow stand in for a disk that is full. */
static void goes_on_when_there_is_room_again(void **state)
{
    struct fixture *f = *state;
    signal(SIGXFSZ, SIG_IGN);
    int64_t first = fixture_store(f, "before", SPAN("octets"));
    struct store_delivery *large = large_delivery(f);
    struct store_delivery *again = large_delivery(f);

    limit_file_size(4096);
    store_deliver(f->store, large);
    fixture_settle(f, 1, -ENOSPC);
    for (int i = 0; i < 50; i++)
        store_deliver(f->store, fixture_delivery(f, "small", SPAN("octets")));
    fixture_settle(f, 50, -ENOSPC);
    assert_int_equal(store_check(f->store), -ENOSPC);
    assert_int_equal(store_message_delete(f->store, first), -ENOSPC);

    limit_file_size(RLIM_INFINITY);
    assert_int_equal(store_check(f->store), 0);
    store_deliver(f->store, again);
    fixture_settle(f, 1, 0);
    fixture_assert_raw(f, first, SPAN("octets"));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 2);
    assert_int_equal(fixture_number(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
                     1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_queued_up_is_one_transaction),
        TEST(takes_from_many_threads),
        TEST(closing_finishes_what_is_queued),
        TEST(nothing_is_said_before_the_commit),
        TEST(writes_the_log_back),
        TEST(a_bad_message_fails_alone),
        TEST(goes_on_when_there_is_room_again),
    };
    return RUN_TESTS(tests);
}

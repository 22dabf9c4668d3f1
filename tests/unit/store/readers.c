#include "fixture.h"

#include "core/mem.h"
#include "store/sqlite/readers.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

enum { LOOKERS = 4, MESSAGES = 300 };

struct looker {
    struct fixture *f;
    atomic_bool *is_over;
};

/* Each look is at one moment: the total and the items agree, and what is listed can be read. */
static void look(struct fixture *f)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_reader *r = store_reader_lease(f->store);
    struct store_list list = { .inbox_id = STORE_DEFAULT_INBOX, .limit = MESSAGES };
    struct store_page page;
    assert_int_equal(store_messages_list(r, &list, &arena, &page), 0);
    assert_int_equal(page.count, page.total);
    assert_false(page.has_more);
    for (size_t i = 1; i < page.count; i++)
        assert_true(page.items[i].id < page.items[i - 1].id);
    if (page.count) {
        struct source raw;
        int err = store_message_raw(r, page.items[0].id, &arena, &raw);
        assert_true(err == 0 || err == -ENOENT); /* it may have been deleted since */
    }
    store_reader_return(r);
}

static void *look_on(void *arg)
{
    const struct looker *l = arg;
    while (!atomic_load(l->is_over))
        look(l->f);
    return NULL;
}

static void read_while_others_write(struct fixture *f)
{
    atomic_bool is_over = false;
    struct looker looker = { f, &is_over };
    pthread_t threads[LOOKERS];
    for (int i = 0; i < LOOKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look_on, &looker), 0);
    for (int i = 0; i < MESSAGES; i++) {
        int64_t id = fixture_store(f, "m", SPAN("octets"));
        if (i % 3 == 0)
            assert_int_equal(store_message_delete(f->store, id), 0);
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < LOOKERS; i++)
        pthread_join(threads[i], NULL);
}

static void reads_are_of_one_moment(void **state)
{
    read_while_others_write(*state);
}

/* A read sees what was acknowledged before it began, whichever reader it gets. */
static void every_reader_sees_what_was_stored(struct fixture *f)
{
    struct store_reader *readers[READERS_MAX];
    for (int i = 0; i < READERS_MAX; i++)
        readers[i] = store_reader_lease(f->store);
    int64_t id = fixture_store(f, "m", SPAN("octets"));
    for (int i = 0; i < READERS_MAX; i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_message m;
        assert_int_equal(store_message_get(readers[i], id, &arena, &m), 0);
        store_reader_return(readers[i]);
    }
}

static void reads_see_what_was_stored(void **state)
{
    every_reader_sees_what_was_stored(*state);
}

static void in_memory_likewise(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    strcpy(f->path, ":memory:");
    fixture_open(f);
    every_reader_sees_what_was_stored(f);
    read_while_others_write(f);
}

static void *lease_and_return(void *arg)
{
    struct fixture *f = arg;
    for (int i = 0; i < 2000; i++)
        store_reader_return(store_reader_lease(f->store));
    return NULL;
}

/* Many threads want the only reader that is left: each gets it in turn, and none is added. */
static void waits_for_a_reader_when_all_are_out(void **state)
{
    struct fixture *f = *state;
    struct store_reader *readers[READERS_MAX];
    for (int i = 0; i < READERS_MAX; i++)
        readers[i] = store_reader_lease(f->store);
    pthread_t threads[LOOKERS];
    for (int i = 0; i < LOOKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, lease_and_return, f), 0);
    store_reader_return(readers[0]);
    for (int i = 0; i < LOOKERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(readers[1]->home->open_count, READERS_MAX);
    for (int i = 1; i < READERS_MAX; i++)
        store_reader_return(readers[i]);
}

static void readers_cannot_write(void **state)
{
    struct fixture *f = *state;
    struct store_reader *r = store_reader_lease(f->store);
    assert_true(db_exec(&r->db, "DELETE FROM inbox") < 0);
    store_reader_return(r);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM inbox"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_are_of_one_moment),   TEST(in_memory_likewise),
        TEST(reads_see_what_was_stored), TEST(waits_for_a_reader_when_all_are_out),
        TEST(readers_cannot_write),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include "core/mem.h"
#include "store/chunk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

enum { LARGE = 30, SMALL = 20, TINY = 1 }; /* MiB */

static int64_t size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static int64_t log_size(const struct fixture *f)
{
    char path[128];
    snprintf(path, sizeof(path), "%s-wal", f->path);
    return size_of(path);
}

static bool is_small(struct fixture *f)
{
    return size_of(f->path) < SMALL * CHUNK_SIZE;
}

static bool is_tiny(struct fixture *f)
{
    return size_of(f->path) < TINY * CHUNK_SIZE;
}

/* What little is written after it was cut may stay. */
static bool is_log_short(struct fixture *f)
{
    return log_size(f) < CHUNK_SIZE;
}

static void fill(struct fixture *f)
{
    char *bytes AUTO(free_ptr) = xmalloc(CHUNK_SIZE);
    fill_random(bytes, CHUNK_SIZE, 1);
    for (int i = 0; i < LARGE; i++)
        fixture_store(f, "m", (struct span){ bytes, CHUNK_SIZE });
}

static void assert_whole(const struct fixture *f)
{
    assert_int_equal(fixture_number(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
                     1);
}

/* A start goes on with what was left to do: what the test deletes while the store is closed is all
 * there when it opens. */
static void what_is_deleted_is_given_back(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, "kept", SPAN("octets"));
    fill(f);
    int64_t last = fixture_store(f, "kept at the end", SPAN("more octets"));
    fixture_close(f);
    fixture_sql(f, "UPDATE message SET is_pinned = 1 WHERE size < 100");
    fixture_sql(f, "DELETE FROM message WHERE NOT is_pinned");
    assert_true(size_of(f->path) > LARGE * CHUNK_SIZE);
    fixture_open(f);
    fixture_until(f, is_small);
    fixture_until(f, is_log_short);
    assert_whole(f);
    fixture_assert_raw(f, 1, SPAN("octets"));
    fixture_assert_raw(f, last, SPAN("more octets"));
}

static void what_is_cleared_is_given_back(void **state)
{
    struct fixture *f = *state;
    int64_t deleted;
    fill(f);
    assert_int_equal(store_messages_clear(f->store, 0, &deleted), 0);
    assert_int_equal(deleted, LARGE);
    int64_t last = fixture_store(f, "kept", SPAN("octets"));
    fixture_until(f, is_tiny);
    fixture_until(f, is_log_short);
    assert_whole(f);
    fixture_assert_raw(f, last, SPAN("octets"));
}

static sqlite3 *open_reader(const struct fixture *f)
{
    sqlite3 *reader;
    assert_int_equal(sqlite3_open(f->path, &reader), SQLITE_OK);
    return reader;
}

/* From now on it reads what is there now. */
static void begin_reading(sqlite3 *reader)
{
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM inbox", NULL, NULL, NULL),
                     0);
}

static void end_reading(sqlite3 *reader)
{
    assert_int_equal(sqlite3_exec(reader, "ROLLBACK", NULL, NULL, NULL), 0);
}

/* While somebody reads an older state the file cannot get shorter; nobody waits for that. */
static void waits_for_no_reader(void **state)
{
    struct fixture *f = *state;
    fill(f);
    fixture_close(f);
    fixture_sql(f, "DELETE FROM message");
    sqlite3 *reader = open_reader(f);
    begin_reading(reader);
    fixture_open(f);
    for (int i = 0; i < 50; i++)
        fixture_store(f, "meanwhile", SPAN("octets"));
    assert_true(size_of(f->path) > LARGE * CHUNK_SIZE);
    sqlite3_close(reader);
    fixture_until(f, is_small);
    assert_whole(f);
}

/* Who reads the newest state keeps the log from being cut, though not the file from getting
 * shorter: the log is not forgotten when the reader has gone. */
static void the_log_is_cut_when_the_reader_has_gone(void **state)
{
    struct fixture *f = *state;
    int64_t deleted;
    sqlite3 *readers[] = { open_reader(f), open_reader(f) };
    int newest = 0;
    begin_reading(readers[newest]);
    fill(f); /* and all of it is in the log, which cannot begin again */
    assert_int_equal(store_messages_clear(f->store, 0, &deleted), 0);
    while (!is_tiny(f)) {
        begin_reading(readers[!newest]); /* first: there is no moment without a reader */
        end_reading(readers[newest]);
        newest = !newest;
        (void)store_message_delete(f->store, INT64_MAX); /* has the writer go on */
    }
    assert_true(log_size(f) > LARGE * CHUNK_SIZE);
    sqlite3_close(readers[0]);
    sqlite3_close(readers[1]);
    fixture_until(f, is_log_short);
    assert_whole(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_deleted_is_given_back),
        TEST(what_is_cleared_is_given_back),
        TEST(waits_for_no_reader),
        TEST(the_log_is_cut_when_the_reader_has_gone),
    };
    return RUN_TESTS(tests);
}

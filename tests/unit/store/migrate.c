#include "fixture.h"

#include "core/mem.h"
#include "store/sqlite/migrate.h"

#include <stdio.h>
#include <string.h>

#define STEP(text)                                                                                 \
    {                                                                                              \
        .name = "step", .bytes = (const unsigned char *)(text)                                     \
    }

/* Runs the first `count` steps on the database of `f`, which is made if it is not there. */
static int run_steps(const struct fixture *f, const struct embedded_file *items, size_t count,
                     struct buf *why)
{
    FILE *made = fopen(f->path, "a");
    assert_non_null(made);
    fclose(made);
    struct db db;
    assert_int_equal(db_open(&db, f->path, NULL), 0);
    struct embedded_files steps = { items, count };
    int err = migrate(&db, &steps, f->path, why);
    db_close(&db);
    return err;
}

static void runs_each_step_once(void **state)
{
    const struct embedded_file steps[] = {
        STEP("CREATE TABLE a (x); INSERT INTO a VALUES (1)"),
        STEP("INSERT INTO a VALUES (2)"),
        STEP("INSERT INTO a VALUES (3)"),
    };
    struct buf why AUTO(buf_done) = { 0 };
    assert_int_equal(run_steps(*state, steps, 1, &why), 0);
    assert_int_equal(fixture_number(*state, "PRAGMA user_version"), 1);
    assert_int_equal(fixture_number(*state, "PRAGMA application_id"), MIGRATE_APPLICATION_ID);
    assert_int_equal(fixture_number(*state, "PRAGMA auto_vacuum"), 2);
    assert_int_equal(run_steps(*state, steps, 3, &why), 0);
    assert_int_equal(run_steps(*state, steps, 3, &why), 0);
    assert_int_equal(fixture_number(*state, "PRAGMA user_version"), 3);
    assert_int_equal(fixture_number(*state, "SELECT count(*) * 10 + max(x) FROM a"), 33);
}

static void a_step_that_fails_leaves_nothing(void **state)
{
    const struct embedded_file steps[] = {
        STEP("CREATE TABLE a (x)"),
        STEP("INSERT INTO a VALUES (1); CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)"),
    };
    struct buf why AUTO(buf_done) = { 0 };
    assert_true(run_steps(*state, steps, 2, &why) < 0);
    assert_non_null(strstr(buf_text(&why), "no such table: nowhere"));
    assert_int_equal(fixture_number(*state, "PRAGMA user_version"), 1);
    assert_int_equal(fixture_number(*state, "SELECT count(*) FROM a"), 0);
    assert_int_equal(fixture_number(*state, "SELECT count(*) FROM sqlite_schema"), 1);
}

static void ours_make_the_default_inbox(void **state)
{
    struct buf why AUTO(buf_done) = { 0 };
    assert_int_equal(run_steps(*state, db_migrations.items, db_migrations.count, &why), 0);
    assert_int_equal(fixture_number(*state, "SELECT id FROM inbox WHERE name = 'DEFAULT'"), 1);
    assert_int_equal(fixture_number(*state, "SELECT created_at / 1000 - strftime('%s') "
                                            "BETWEEN -60 AND 60 FROM inbox"),
                     1);
    for (size_t i = 0; i < db_migrations.count; i++) {
        char number[32];
        snprintf(number, sizeof(number), "%04zu_", i + 1);
        assert_memory_equal(db_migrations.items[i].name, number, 5);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_closed, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(runs_each_step_once),
        TEST(a_step_that_fails_leaves_nothing),
        TEST(ours_make_the_default_inbox),
    };
    return RUN_TESTS(tests);
}

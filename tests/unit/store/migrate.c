#include "fixture.h"

#include "core/mem.h"
#include "store/sqlite/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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

static const struct embedded_file good_steps[] = {
    STEP("CREATE TABLE a (x); INSERT INTO a VALUES (1)"),
    STEP("INSERT INTO a VALUES (2)"),
    STEP("INSERT INTO a VALUES (3)"),
};

static void runs_each_step_once(void **state)
{
    struct buf why AUTO(buf_done) = { 0 };
    assert_int_equal(run_steps(*state, good_steps, 1, &why), 0);
    assert_int_equal(fixture_number(*state, "PRAGMA user_version"), 1);
    assert_int_equal(fixture_number(*state, "PRAGMA application_id"), MIGRATE_APPLICATION_ID);
    assert_int_equal(fixture_number(*state, "PRAGMA auto_vacuum"), 2);
    assert_int_equal(run_steps(*state, good_steps, 3, &why), 0);
    assert_int_equal(run_steps(*state, good_steps, 3, &why), 0);
    assert_int_equal(fixture_number(*state, "PRAGMA user_version"), 3);
    assert_int_equal(fixture_number(*state, "SELECT count(*) * 10 + max(x) FROM a"), 33);
}

static const struct embedded_file bad_steps[] = {
    STEP("CREATE TABLE a (x)"),
    STEP("INSERT INTO a VALUES (1)"),
    STEP("INSERT INTO a VALUES (2); CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)"),
};

static void make_old(const struct fixture *f, const struct embedded_file *steps)
{
    struct buf why AUTO(buf_done) = { 0 };
    assert_int_equal(run_steps(f, steps, 1, &why), 0);
}

/* The number of files beside the database whose name says "before". */
static int count_copies(const struct fixture *f)
{
    DIR *d = opendir(f->folder);
    assert_non_null(d);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(d));)
        count += strstr(entry->d_name, ".before-") != NULL;
    closedir(d);
    return count;
}

/* The fixture as it would be if the database were its copy of this name. */
static struct fixture copy_of(const struct fixture *f, const char *name)
{
    struct fixture copy = *f;
    snprintf(copy.path, sizeof(copy.path), "%s/mailstop.db.%.10s", f->folder, name);
    assert_int_equal(access(copy.path, F_OK), 0);
    return copy;
}

/* With what it had before the first of several steps, or nothing. */
static void a_step_that_fails_leaves_what_was(void **state)
{
    struct fixture *f = *state;
    struct buf why AUTO(buf_done) = { 0 };
    make_old(f, bad_steps);
    assert_true(run_steps(f, bad_steps, 3, &why) < 0);
    assert_non_null(strstr(buf_text(&why), "no such table: nowhere"));
    assert_int_equal(fixture_number(f, "PRAGMA user_version"), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM a"), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sqlite_schema"), 1);
    assert_int_equal(count_copies(f), 0);
}

static void a_new_database_has_no_copy(void **state)
{
    struct fixture *f = *state;
    struct buf why AUTO(buf_done) = { 0 };
    assert_int_equal(run_steps(f, good_steps, 3, &why), 0);
    assert_int_equal(run_steps(f, good_steps, 3, &why), 0);
    assert_int_equal(count_copies(f), 0);
}

/* Also of what is still in the log, because somebody looks on. */
static void keeps_a_copy_of_what_was(void **state)
{
    struct fixture *f = *state;
    struct buf why AUTO(buf_done) = { 0 };
    make_old(f, good_steps);
    sqlite3 *looker;
    assert_int_equal(sqlite3_open(f->path, &looker), SQLITE_OK);
    assert_int_equal(sqlite3_exec(looker, "INSERT INTO a VALUES (7)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(run_steps(f, good_steps, 3, &why), 0);
    sqlite3_close(looker);
    assert_int_equal(fixture_number(f, "SELECT sum(x) FROM a"), 13);
    struct fixture copy = copy_of(f, "before-2");
    assert_int_equal(fixture_number(&copy, "SELECT sum(x) FROM a"), 8);
    assert_int_equal(fixture_number(&copy, "PRAGMA user_version"), 1);
    assert_int_equal(fixture_number(&copy, "PRAGMA application_id"), MIGRATE_APPLICATION_ID);
    assert_int_equal(fixture_number(&copy, "PRAGMA auto_vacuum"), 2);
    struct stat st;
    assert_int_equal(stat(copy.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(count_copies(f), 1);
}

static void touch(const struct fixture *f, const char *name)
{
    char path[160];
    snprintf(path, sizeof(path), "%s.%s", f->path, name);
    FILE *made = fopen(path, "w");
    assert_non_null(made);
    fputs("precious", made);
    fclose(made);
}

static void overwrites_no_copy(void **state)
{
    struct fixture *f = *state;
    struct buf why AUTO(buf_done) = { 0 };
    make_old(f, good_steps);
    touch(f, "before-2");
    touch(f, "before-2.2");
    touch(f, "before-unfinished"); /* of a crash, and of no use */
    assert_int_equal(run_steps(f, good_steps, 3, &why), 0);
    struct fixture copy = copy_of(f, "before-2.3");
    assert_int_equal(fixture_number(&copy, "SELECT sum(x) FROM a"), 1);
    struct fixture other = copy_of(f, "before-2");
    struct stat st;
    assert_int_equal(stat(other.path, &st), 0);
    assert_int_equal(st.st_size, strlen("precious"));
    assert_int_equal(count_copies(f), 3);
}

static void keeps_no_more_than_nine_copies(void **state)
{
    struct fixture *f = *state;
    struct buf why AUTO(buf_done) = { 0 };
    make_old(f, good_steps);
    touch(f, "before-2");
    for (int i = 2; i <= 9; i++) {
        char name[32];
        snprintf(name, sizeof(name), "before-2.%d", i);
        touch(f, name);
    }
    assert_int_equal(run_steps(f, good_steps, 3, &why), -EEXIST);
    assert_non_null(strstr(buf_text(&why), "move them away"));
    assert_int_equal(fixture_number(f, "PRAGMA user_version"), 1);
}

/* A file may not grow so large: as if the disk were full. */
static void without_room_for_a_copy_nothing_changes(void **state)
{
    struct fixture *f = *state;
    struct buf why AUTO(buf_done) = { 0 };
    struct rlimit old, small;
    make_old(f, good_steps);
    fixture_sql(f, "INSERT INTO a VALUES (zeroblob(1000000))");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){ .rlim_cur = 500000, .rlim_max = old.rlim_max };
    void (*was)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int err = run_steps(f, good_steps, 3, &why);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, was);
    assert_int_equal(err, -ENOSPC);
    assert_non_null(strstr(buf_text(&why), "Cannot keep a copy of the database"));
    assert_non_null(strstr(buf_text(&why), "free disk space"));
    assert_int_equal(fixture_number(f, "PRAGMA user_version"), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM a"), 2);
    assert_int_equal(count_copies(f), 0);
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
        TEST(a_step_that_fails_leaves_what_was),
        TEST(a_new_database_has_no_copy),
        TEST(keeps_a_copy_of_what_was),
        TEST(overwrites_no_copy),
        TEST(keeps_no_more_than_nine_copies),
        TEST(without_room_for_a_copy_nothing_changes),
        TEST(ours_make_the_default_inbox),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include "core/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_file(const char *path, const void *bytes, size_t len, off_t at)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), len);
    close(fd);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

/* ---- what is made ---- */

static void makes_folders_and_file_for_the_owner_alone(void **state)
{
    struct fixture *f = *state;
    umask(0);
    snprintf(f->path, sizeof(f->path), "%s/one/two/mailstop.db", f->folder);
    fixture_open(f);
    char path[128];
    assert_int_equal(mode_of(f->path), 0600);
    snprintf(path, sizeof(path), "%s-wal", f->path);
    assert_int_equal(mode_of(path), 0600);
    snprintf(path, sizeof(path), "%s/one", f->folder);
    assert_int_equal(mode_of(path), 0700);
    snprintf(path, sizeof(path), "%s/one/two", f->folder);
    assert_int_equal(mode_of(path), 0700);
}

static void a_name_is_never_a_uri(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(chdir(f->folder), 0);
    strcpy(f->path, "file:odd?mode=memory");
    fixture_open(f);
    assert_int_equal(access(f->path, F_OK), 0);
    fixture_close(f);
    assert_int_equal(chdir("/"), 0);
}

static int count_entries(const char *folder)
{
    DIR *d = opendir(folder);
    assert_non_null(d);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(d));)
        count += entry->d_name[0] != '.';
    closedir(d);
    return count;
}

/* However the process ends, there is nothing to find. */
static void in_memory_leaves_nothing_behind(void **state)
{
    struct fixture *f = *state;
    setenv("TMPDIR", f->folder, 1);
    strcpy(f->path, ":memory:");
    fixture_open(f);
    assert_int_equal(count_entries(f->folder), 0);
    int64_t id = fixture_store(f, "kept while open", SPAN("octets"));
    fixture_assert_raw(f, id, SPAN("octets"));
    fixture_close(f);
    fixture_open(f);
    struct store_reader *r = store_reader_lease(f->store);
    struct store_totals totals;
    assert_int_equal(store_totals(r, &totals), 0);
    assert_int_equal(totals.messages, 0);
    assert_true(totals.database_bytes > 0);
    store_reader_return(r);
    fixture_close(f);
    assert_int_equal(count_entries(f->folder), 0);
    unsetenv("TMPDIR");
}

static void a_file_survives_close_and_open(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    int64_t id = fixture_store(f, "kept", SPAN("octets"));
    fixture_close(f);
    fixture_open(f);
    fixture_assert_raw(f, id, SPAN("octets"));
}

/* ---- what is refused ---- */

static void refuses_another_programs_database(void **state)
{
    struct fixture *f = *state;
    fixture_sql(f, "CREATE TABLE precious (x)");
    fixture_refuses(f->path, -EINVAL, "another program");
    assert_int_equal(fixture_number(f, "SELECT journal_mode = 'delete' FROM pragma_journal_mode"),
                     1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sqlite_schema"), 1);
    fixture_sql(f, "DROP TABLE precious; PRAGMA application_id = 252006673");
    fixture_refuses(f->path, -EINVAL, "another program");
}

static void refuses_a_newer_schema(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    fixture_close(f);
    fixture_sql(f, "PRAGMA user_version = 99");
    fixture_refuses(f->path, -EINVAL, "newer Mailstop (schema 99,");
}

static void refuses_what_is_no_database(void **state)
{
    struct fixture *f = *state;
    char text[5000];
    memset(text, 'x', sizeof(text));
    write_file(f->path, text, sizeof(text), 0);
    fixture_refuses(f->path, -EIO, "not a database");
}

static void refuses_a_damaged_database(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    fixture_close(f);
    char damage[300];
    memset(damage, 0xFF, sizeof(damage));
    write_file(f->path, damage, sizeof(damage), 100);
    fixture_refuses(f->path, -EIO, "damaged");
}

static void refuses_what_is_no_file(void **state)
{
    struct fixture *f = *state;
    fixture_refuses(f->folder, -EISDIR, "Is a directory");
    assert_int_equal(mkfifo(f->path, 0600), 0);
    fixture_refuses(f->path, -EINVAL, "not a file");
    unlink(f->path);
    write_file(f->path, "x", 1, 0);
    char below[128];
    snprintf(below, sizeof(below), "%s/below.db", f->path);
    fixture_refuses(below, -ENOTDIR, "Not a directory");
    fixture_refuses("", -ENOENT, "No such file");
}

/* Root may write everywhere, so the test is somebody else for a while. */
static void refuses_what_it_may_not_write(void **state)
{
    struct fixture *f = *state;
    char elsewhere[128];
    snprintf(elsewhere, sizeof(elsewhere), "%s/new/mailstop.db", f->folder);
    fixture_open(f);
    fixture_close(f);
    bool is_root = geteuid() == 0;
    assert_int_equal(chmod(f->folder, 0555), 0);
    assert_int_equal(chmod(f->path, 0444), 0);
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    fixture_refuses(f->path, -EACCES, "Permission denied");
    struct buf why AUTO(buf_done) = { 0 };
    struct store *s;
    assert_int_equal(store_open(&(struct store_config){ .path = elsewhere }, &s, &why), -EACCES);
    assert_non_null(strstr(buf_text(&why), "make the folder"));
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(f->folder, 0755), 0);
}

/* Another process holds the database until it is killed. */
static pid_t open_elsewhere(struct fixture *f)
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fixture_open(f);
        (void)!write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void refuses_a_second_server_but_not_the_shell(void **state)
{
    struct fixture *f = *state;
    pid_t pid = open_elsewhere(f);
    char who[32];
    snprintf(who, sizeof(who), "(process %ld)", (long)pid);
    fixture_refuses(f->path, -EBUSY, who);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM inbox"), 1);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    fixture_open(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_closed, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_folders_and_file_for_the_owner_alone),
        TEST(a_name_is_never_a_uri),
        TEST(in_memory_leaves_nothing_behind),
        TEST(a_file_survives_close_and_open),
        TEST(refuses_another_programs_database),
        TEST(refuses_a_newer_schema),
        TEST(refuses_what_is_no_database),
        TEST(refuses_a_damaged_database),
        TEST(refuses_what_is_no_file),
        TEST(refuses_what_it_may_not_write),
        TEST(refuses_a_second_server_but_not_the_shell),
    };
    return RUN_TESTS(tests);
}

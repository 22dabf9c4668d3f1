#include "fixture.h"

#include "core/mem.h"
#include "store/chunk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CHECKS = 5 };

/* What was told. */
struct report {
    struct fixture *f;
    struct buf faults; /* a line each */
    uint64_t told, counted;
    int checks;          /* that came to their end */
    uint64_t done;       /* as last told */
    const char *at_once; /* SQL to run when the first check is over */
};

static void note_fault(void *arg, const char *fault)
{
    struct report *r = arg;
    assert_null(strchr(fault, '\n'));
    assert_int_equal(fault[strlen(fault) - 1], '.');
    buf_printf(&r->faults, "%s\n", fault);
    r->told++;
}

static void note_end(void *arg, const char *check, uint64_t faults)
{
    struct report *r = arg;
    (void)check;
    r->counted += faults;
    if (r->checks++ == 0 && r->at_once)
        fixture_sql(r->f, r->at_once);
}

static void note_progress(void *arg, const char *check, uint64_t done, uint64_t total)
{
    struct report *r = arg;
    assert_string_equal(check, "octets of messages");
    assert_true(done <= total);
    assert_int_equal(done, ++r->done);
}

static int look_through(struct report *r, struct buf *why)
{
    const struct store_verify to = { note_fault, note_end, note_progress, r };
    return store_verify(r->f->path, &to, why);
}

static void verify(struct fixture *f, struct report *out)
{
    struct buf why AUTO(buf_done) = { 0 };
    *out = (struct report){ .f = f };
    if (look_through(out, &why))
        fail_msg("%s", buf_text(&why));
    assert_int_equal(out->checks, CHECKS);
}

static void report_done(struct report *r)
{
    buf_done(&r->faults);
}

/* Three messages: of one piece, of none, of three. */
static void fill(struct fixture *f)
{
    char *bytes AUTO(free_ptr) = xcalloc(3, CHUNK_SIZE);
    fixture_store(f, "small", SPAN("hello hello hello hello hello hello hello"));
    fixture_store(f, "empty", SPAN(""));
    fixture_store(f, "large", (struct span){ bytes, (size_t)2 * CHUNK_SIZE + 5 });
}

/* ---- what is well ---- */

static void check_is_well(struct fixture *f, uint64_t messages)
{
    struct report r AUTO(report_done);
    verify(f, &r);
    assert_string_equal(buf_text(&r.faults), "");
    assert_int_equal(r.counted, 0);
    assert_int_equal(r.done, messages);
}

static void finds_nothing_where_all_is_well(void **state)
{
    struct fixture *f = *state;
    check_is_well(f, 0);
    fill(f);
    check_is_well(f, 3);
    assert_int_equal(store_message_delete(f->store, 1), 0);
    check_is_well(f, 2);
    fixture_close(f);
    check_is_well(f, 2);
}

static struct buf list_files(const char *folder)
{
    struct buf list = { 0 };
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        struct stat st;
        char path[400];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        assert_int_equal(stat(path, &st), 0);
        if (S_ISREG(st.st_mode))
            buf_printf(&list, "%s %lld %lld.%ld\n", names[i]->d_name, (long long)st.st_size,
                       (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
        free(names[i]);
    }
    free(names);
    return list;
}

static void leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    fill(f);
    fixture_close(f);
    struct buf before AUTO(buf_done) = list_files(f->folder);
    check_is_well(f, 3);
    struct buf after AUTO(buf_done) = list_files(f->folder);
    assert_string_equal(buf_text(&before), buf_text(&after));
}

static void a_name_is_never_a_uri(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    snprintf(f->path, sizeof(f->path), "%s/odd?mode=memory#%%41 \xC3\xA9.db", f->folder);
    fixture_open(f);
    fill(f);
    check_is_well(f, 3);
    fixture_close(f);
    check_is_well(f, 3);
}

/* ---- what is not ---- */

/* clang-format off */
static const struct {
    const char *damage; /* SQL */
    const char *says;
    uint64_t faults;
} cases[] = {
    { "UPDATE inbox SET message_count = 9", "The inbox default counts 9 messages, 3 unread", 1 },
    { "UPDATE inbox SET unread_count = 0", "3 messages, 0 unread", 1 },
    { "UPDATE inbox SET size_bytes = 1", "1 octets, but has 3, 3, ", 1 },
    { "DELETE FROM chunk WHERE id = 3 * 65536",
      "The message 3 is damaged (2 of its 3 pieces are whole, 0 are too many)", 1 },
    { "DELETE FROM chunk WHERE id = 3 * 65536 + 2", "(2 of its 3 pieces", 1 },
    { "DELETE FROM chunk", "The message 1 is damaged (0 of its 1 pieces", 2 },
    { "UPDATE chunk SET bytes = x'00' WHERE id = 65536", "The message 1 is damaged", 1 },
    { "UPDATE chunk SET codec = 9 WHERE id = 65536", "The message 1 is damaged", 1 },
    { "UPDATE chunk SET codec = 0, bytes = zeroblob(6) WHERE id = 3 * 65536 + 2", "(2 of its 3", 1 },
    { "INSERT INTO chunk VALUES (2 * 65536, 0, x'00')", "(0 of its 0 pieces are whole, 1 are", 1 },
    { "INSERT INTO chunk VALUES (3 * 65536 + 3, 0, x'00')", "(3 of its 3 pieces are whole, 1", 1 },
    { "INSERT INTO chunk VALUES (4 * 65536, 0, x'00')", "1 pieces belong to no message", 1 },
    { "INSERT INTO chunk VALUES (5, 0, x'00'), (-7, 0, x'00')", "(the first is -7)", 1 },
    { "DELETE FROM message; DELETE FROM chunk; INSERT INTO chunk VALUES (0, 0, x'')", "the first is 0", 1 },
    { "UPDATE message SET dialogue = x'0705aabbcc' WHERE id = 2",
      "What was said is damaged in the message 2: with the server stopped, run with sqlite3: "
      "UPDATE message SET dialogue = NULL WHERE id = 2.", 1 },
    { "INSERT INTO session (id, started_at, client_ip, client_port, client_helo, is_tls_implicit, "
      "opening, closing) VALUES (9, 0, '', 0, '', 0, x'0005', x'0005')",
      "in the session 9: with the server stopped, run with sqlite3: UPDATE session SET closing", 2 },
    { "UPDATE message SET inbox_id = 77 WHERE id = 2", "refers to a row of the table inbox", 2 },
    { "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = "
      "'CREATE INDEX message_by_inbox ON message (size)' WHERE name = 'message_by_inbox'",
      "The database is damaged (row 1 missing from index message_by_inbox)", 3 },
};
/* clang-format on */

static void check_finds(struct fixture *f, const char *says, uint64_t faults)
{
    struct report r AUTO(report_done);
    verify(f, &r);
    if (!strstr(buf_text(&r.faults), says) || r.counted != faults)
        fail_msg("not \"%s\", %llu times: %s", says, (unsigned long long)faults,
                 buf_text(&r.faults));
}

static void finds_what_is_wrong(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture *f = *state;
        fill(f);
        fixture_sql(f, cases[i].damage);
        check_finds(f, cases[i].says, cases[i].faults);
        fixture_close(f);
        check_finds(f, cases[i].says, cases[i].faults);
        fixture_teardown(state);
        fixture_setup(state);
    }
}

static void tells_a_hundred_and_counts_all(void **state)
{
    struct fixture *f = *state;
    struct report r AUTO(report_done);
    for (int i = 0; i < 150; i++)
        fixture_store(f, "m", SPAN("octets"));
    fixture_sql(f, "DELETE FROM chunk");
    verify(f, &r);
    assert_int_equal(r.told, 100);
    assert_int_equal(r.counted, 150);
}

/* ---- what it cannot look at ---- */

static void check_refused(struct fixture *f, const char *says)
{
    struct buf why AUTO(buf_done) = { 0 };
    struct report r AUTO(report_done) = { .f = f };
    assert_true(look_through(&r, &why) < 0);
    const char *sentence = buf_text(&why);
    if (!strstr(sentence, says) || !strstr(sentence, f->path) || sentence[why.len - 1] != '.')
        fail_msg("not a sentence that says \"%s\": %s", says, sentence);
}

static void says_what_it_cannot_look_at(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    fixture_sql(f, "PRAGMA user_version = 1000");
    check_refused(f, "newer Mailstop (schema 1000");
    fixture_sql(f, "PRAGMA application_id = 1");
    check_refused(f, "another program");
    char *name = strrchr(f->path, '/') + 1;
    strcpy(name, "empty.db");
    fclose(fopen(f->path, "w"));
    check_refused(f, "is empty");
    FILE *diary = fopen(f->path, "w");
    fputs("Dear diary, today I wrote some C, and nothing that SQLite would take for its own.\n"
          "It was a good day.\n",
          diary);
    fclose(diary);
    check_refused(f, "not a database");
    strcpy(name, "none.db");
    check_refused(f, "No such file");
}

/* Only while nobody has it open is it taken for a file that does not change. */
static void says_that_somebody_has_written(void **state)
{
    struct fixture *f = *state;
    struct buf why AUTO(buf_done) = { 0 };
    struct report r AUTO(report_done) = { .f = f, .at_once = "UPDATE message SET is_read = 1" };
    fill(f);
    assert_int_equal(look_through(&r, &why), 0);
    assert_int_equal(r.counted, 0);
    fixture_close(f);
    struct report again AUTO(report_done) = { .f = f, .at_once = "UPDATE message SET is_read = 0" };
    assert_int_equal(look_through(&again, &why), -EAGAIN);
    assert_non_null(strstr(buf_text(&why), "check it again."));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_nothing_where_all_is_well), TEST(leaves_no_trace),
        TEST(a_name_is_never_a_uri),           TEST(finds_what_is_wrong),
        TEST(tells_a_hundred_and_counts_all),  TEST(says_what_it_cannot_look_at),
        TEST(says_that_somebody_has_written),
    };
    return RUN_TESTS(tests);
}

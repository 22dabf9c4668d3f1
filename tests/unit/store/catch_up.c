#include "fixture.h"

#include "core/mem.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* A database from before there was a search, and what becomes of it. */

enum { OLD = 300 };

static atomic_int reads;

/* The text is all of the message. */
static void read_content(const struct source *raw, const struct mail *mail, struct arena *arena,
                         struct mail_content *out)
{
    (void)mail;
    char *text = arena_alloc(arena, (size_t)raw->size + 1);
    reads++;
    if (source_read_full(raw, 0, text, (size_t)raw->size) == (int64_t)raw->size)
        out->text = span_of(text);
}

/* As the migration leaves it. */
static void make_old(struct fixture *f)
{
    fixture_open(f);
    for (int i = 1; i <= OLD; i++) {
        char text[32];
        snprintf(text, sizeof(text), "old number%d", i);
        fixture_store(f, "Subject", span_of(text));
    }
    fixture_close(f);
    fixture_sql(f, "DELETE FROM words; INSERT INTO search (search) VALUES ('delete-all'); "
                   "UPDATE indexing SET indexed_to = (SELECT max(id) FROM message), "
                   "unread_to = (SELECT max(id) FROM message)");
    reads = 0;
}

static void reopen(struct fixture *f)
{
    fixture_open_with(f, (struct store_config){ .read_content = read_content });
}

static int64_t find(struct fixture *f, const char *text)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_fault fault;
    struct store_page page;
    struct store_list list = { .limit = 1 };
    list.query = store_query_parse(span_of(text), 0, &arena, &fault);
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_messages_list(r, &list, &arena, &page), 0);
    store_reader_return(r);
    return page.total;
}

static int64_t count_unread(struct fixture *f)
{
    return fixture_number(f, "SELECT count(*) FROM message, indexing WHERE id <= unread_to");
}

/* What was stored before is found in the end, each once; what comes meanwhile at once. */
static void finds_what_is_old(void **state)
{
    struct fixture *f = *state;
    make_old(f);
    reopen(f);
    fixture_store(f, "new", SPAN(""));
    assert_int_equal(find(f, "new"), 1);
    while (count_unread(f))
        assert_true(find(f, "old") <= OLD);
    assert_int_equal(find(f, "old"), OLD);
    assert_int_equal(find(f, "\"old number7\""), 1);
    assert_int_equal(reads, OLD);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM words"), OLD + 1);
}

static void goes_on_after_a_restart(void **state)
{
    struct fixture *f = *state;
    make_old(f);
    for (int64_t left = count_unread(f); left > 0; left = count_unread(f)) {
        reopen(f);
        while (count_unread(f) == left)
            assert_int_equal(store_check(f->store), 0);
        fixture_close(f);
    }
    reopen(f);
    assert_int_equal(find(f, "old"), OLD);
    assert_int_equal(reads, OLD);
}

static void what_is_deleted_meanwhile_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    make_old(f);
    reopen(f);
    for (int id = 1; id <= OLD; id++)
        assert_int_equal(store_message_delete(f->store, id), 0);
    while (count_unread(f))
        assert_int_equal(store_check(f->store), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM words"), 0);
    fixture_sql(f, "INSERT INTO search (search) VALUES ('optimize');"
                   "CREATE VIRTUAL TABLE terms USING fts5vocab (search, row);");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM terms"), 0);
}

static void damaged_messages_do_not_stop_it(void **state)
{
    struct fixture *f = *state;
    make_old(f);
    fixture_sql(f, "UPDATE chunk SET bytes = x'00' WHERE id = 65536 * 5");
    reopen(f);
    while (count_unread(f))
        assert_int_equal(store_check(f->store), 0);
    assert_int_equal(find(f, "old"), OLD - 1);
    assert_int_equal(find(f, "subject"), OLD);
}

static void nothing_is_read_twice(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    fixture_store(f, "new", SPAN("text"));
    fixture_close(f);
    reads = 0;
    reopen(f);
    assert_int_equal(find(f, "new"), 1);
    fixture_close(f);
    assert_int_equal(reads, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_closed, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_what_is_old),
        TEST(goes_on_after_a_restart),
        TEST(what_is_deleted_meanwhile_leaves_nothing),
        TEST(damaged_messages_do_not_stop_it),
        TEST(nothing_is_read_twice),
    };
    return RUN_TESTS(tests);
}

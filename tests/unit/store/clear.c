#include "fixture.h"

#include <errno.h>
#include <string.h>

/* ---- messages that wait to be swept ---- */

/* From then on the rows of messages stay: the writer tries in vain, and tries again seldom. */
static void hold_sweep(struct fixture *f)
{
    fixture_sql(f, "CREATE TRIGGER hold BEFORE DELETE ON message BEGIN "
                   "SELECT RAISE(ABORT, 'held by the test'); END");
}

static void release_sweep(struct fixture *f)
{
    fixture_close(f);
    fixture_sql(f, "DROP TRIGGER hold");
    fixture_open(f);
}

static bool is_swept(struct fixture *f)
{
    return fixture_number(f, "SELECT count(*) FROM inbox WHERE swept_to < cleared_to") == 0;
}

static void deliver_to(struct fixture *f, int64_t inbox_id, const char *subject)
{
    struct store_delivery *d = fixture_delivery(f, subject, SPAN("octets"));
    d->message.inbox_id = inbox_id;
    store_deliver(f->store, d);
    fixture_settle(f, 1, 0);
}

static int64_t clear(struct fixture *f, int64_t inbox_id)
{
    int64_t deleted = -1;
    assert_int_equal(store_messages_clear(f->store, inbox_id, &deleted), 0);
    return deleted;
}

/* Messages 1 to 9 in turn in the inboxes 1 to 3. */
static void fill(struct fixture *f)
{
    assert_int_equal(fixture_add_inbox(f, "two"), 2);
    assert_int_equal(fixture_add_inbox(f, "three"), 3);
    for (int i = 0; i < 9; i++)
        deliver_to(f, 1 + i % 3, "m");
}

/* Of one inbox, or of all if `inbox_id` is 0. */
static void assert_counts(struct fixture *f, int64_t inbox_id, int64_t count)
{
    struct store_reader *r = store_reader_lease(f->store);
    struct store_totals totals;
    assert_int_equal(store_totals(r, &totals), 0);
    if (inbox_id) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_list list = { .inbox_id = inbox_id, .limit = 1 };
        struct store_inbox_page page;
        assert_int_equal(store_inboxes_list(r, &list, &arena, &page), 0);
        assert_int_equal(page.count, 1);
        totals.messages = page.items[0].message_count;
        totals.unread = page.items[0].unread_count;
        totals.size_bytes = page.items[0].size_bytes;
    }
    store_reader_return(r);
    assert_int_equal(totals.messages, count);
    assert_int_equal(totals.unread, count);
    assert_int_equal(totals.size_bytes, count * 6);
}

/* ---- what it does ---- */

static void expect_cleared(struct fixture *f, int64_t after, int64_t inbox_id)
{
    struct store_news news[2];
    assert_int_equal(store_news_read(f->store, after, news, 2), 1);
    assert_int_equal(news[0].type, STORE_MESSAGES_CLEARED);
    assert_int_equal(news[0].inbox_id, inbox_id);
}

static void clears_one_inbox_or_all(void **state)
{
    struct fixture *f = *state;
    fill(f);
    int64_t before = store_news_last(f->store);
    assert_int_equal(clear(f, 2), 3);
    expect_cleared(f, before, 2);
    assert_counts(f, 2, 0);
    assert_counts(f, 0, 6);
    assert_int_equal(clear(f, 2), 0);
    assert_int_equal(clear(f, 77), 0);
    expect_cleared(f, before, 2); /* nothing was there: no news */
    before = store_news_last(f->store);
    assert_int_equal(clear(f, 0), 6);
    expect_cleared(f, before, 0);
    assert_counts(f, 0, 0);
    fixture_until(f, is_swept);
    assert_int_equal(fixture_number(f, "SELECT (SELECT count(*) FROM message) + "
                                       "(SELECT count(*) FROM chunk)"),
                     0);
    assert_counts(f, 0, 0);
}

static void one_message_is_gone(struct fixture *f, int64_t id)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_message m;
    struct source raw;
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_message_get(r, id, &arena, &m), -ENOENT);
    assert_int_equal(store_message_raw(r, id, &arena, &raw), -ENOENT);
    store_reader_return(r);
    struct store_flags read = { .set_read = true, .read = true };
    assert_int_equal(store_message_mark(f->store, id, &read), -ENOENT);
    assert_int_equal(store_message_delete(f->store, id), -ENOENT);
}

static void what_is_cleared_is_gone_before_it_is_swept(void **state)
{
    struct fixture *f = *state;
    fill(f);
    hold_sweep(f);
    clear(f, 2);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 9);
    int64_t before = store_news_last(f->store);
    one_message_is_gone(f, 2);
    one_message_is_gone(f, 8);
    assert_int_equal(store_news_last(f->store), before);
    assert_counts(f, 2, 0);
    assert_counts(f, 0, 6);
    assert_int_equal(clear(f, 2), 0);

    deliver_to(f, 2, "later");
    assert_counts(f, 2, 1);
    assert_int_equal(clear(f, 0), 7);
    assert_counts(f, 0, 0);
    one_message_is_gone(f, 10);
}

/* Also whoever marks and deletes by the shell. */
static void counts_only_what_is_there(void **state)
{
    struct fixture *f = *state;
    fill(f);
    hold_sweep(f);
    clear(f, 2);
    deliver_to(f, 2, "later");
    fixture_sql(f, "UPDATE message SET is_read = 1 WHERE id < 9 AND inbox_id = 2");
    assert_counts(f, 2, 1);
    release_sweep(f);
    fixture_until(f, is_swept);
    assert_counts(f, 2, 1);
    assert_counts(f, 0, 7);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 7);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chunk"), 7);
}

/* ---- lists ---- */

static void assert_list(struct fixture *f, const struct store_list *list, const char *expected,
                        int64_t total, bool has_more)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf ids AUTO(buf_done) = { 0 };
    struct store_page page;
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_messages_list(r, list, &arena, &page), 0);
    store_reader_return(r);
    for (size_t m = 0; m < page.count; m++)
        buf_printf(&ids, "%d ", (int)page.items[m].id);
    assert_string_equal(buf_text(&ids), expected);
    assert_int_equal(page.total, total);
    assert_int_equal(page.has_more, has_more);
}

/* Of the inbox 2, 2 5 8 are cleared and 11 is there; 3 6 9 of inbox 3 are cleared. */
static void lists_what_is_there(void **state)
{
    struct fixture *f = *state;
    static const struct {
        struct store_list list;
        const char *ids;
        int64_t total;
        bool has_more;
    } cases[] = {
        { { .limit = 10 }, "11 10 7 4 1 ", 5, false },
        { { .limit = 5 }, "11 10 7 4 1 ", 5, false },
        { { .limit = 4 }, "11 10 7 4 ", 5, true },
        { { .limit = 1 }, "11 ", 5, true },
        { { .limit = 2, .before = 10 }, "7 4 ", 5, true },
        { { .limit = 10, .before = 10, .after = 1 }, "7 4 ", 5, false },
        { { .limit = 2, .oldest_first = true }, "1 4 ", 5, true },
        { { .limit = 2, .after = 4, .oldest_first = true }, "7 10 ", 5, true },
        { { .limit = 10, .after = 7, .oldest_first = true }, "10 11 ", 5, false },
        { { .limit = 10, .after = 11, .oldest_first = true }, "", 5, false },
        { { .limit = 10, .inbox_id = 1 }, "10 7 4 1 ", 4, false },
        { { .limit = 10, .inbox_id = 2 }, "11 ", 1, false },
        { { .limit = 10, .inbox_id = 2, .after = 2 }, "11 ", 1, false },
        { { .limit = 10, .inbox_id = 2, .before = 9 }, "", 1, false },
        { { .limit = 10, .inbox_id = 2, .oldest_first = true }, "11 ", 1, false },
        { { .limit = 10, .inbox_id = 2, .after = 11 }, "", 1, false },
        { { .limit = 10, .inbox_id = 3 }, "", 0, false },
        { { .limit = 10, .inbox_id = 3, .oldest_first = true }, "", 0, false },
        { { .limit = 10, .inbox_id = 4 }, "", 0, false },
    };
    fill(f);
    hold_sweep(f);
    clear(f, 3);
    clear(f, 2);
    deliver_to(f, 1, "m");
    deliver_to(f, 2, "m");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_list(f, &cases[i].list, cases[i].ids, cases[i].total, cases[i].has_more);
    release_sweep(f);
    fixture_until(f, is_swept);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_list(f, &cases[i].list, cases[i].ids, cases[i].total, cases[i].has_more);
}

/* ---- many ---- */

enum { MANY = 2000 };

static void fill_many(struct fixture *f)
{
    for (int i = 0; i < MANY; i++)
        store_deliver(f->store, fixture_delivery(f, "m", SPAN("octets")));
    fixture_settle(f, MANY, 0);
}

static void assert_found(struct fixture *f, int64_t inbox_id, const char *query, const char *ids)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_fault fault;
    struct store_list list = {
        .inbox_id = inbox_id,
        .limit = 10,
        .query = store_query_parse(span_of(query), 0, &arena, &fault),
    };
    assert_non_null(list.query);
    assert_list(f, &list, ids, (int64_t)strlen(ids) / 5, false);
}

static bool is_indexed(struct fixture *f)
{
    return fixture_number(f, "SELECT indexed_to FROM indexing") >= MANY / 2;
}

/* Some of them are found by the index, some by their words, some by neither. */
static void finds_what_is_there(void **state)
{
    static const char *const queries[] = { "subject:m", "~m", "is:unread", "-is:pinned",
                                           "m larger:1" };
    struct fixture *f = *state;
    assert_int_equal(fixture_add_inbox(f, "two"), 2);
    fill_many(f);
    fixture_until(f, is_indexed);
    hold_sweep(f);
    clear(f, 1);
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        assert_found(f, 0, queries[i], "");
        assert_found(f, 1, queries[i], "");
    }
    deliver_to(f, 1, "m");
    deliver_to(f, 2, "m");
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        assert_found(f, 0, queries[i], "2002 2001 ");
        assert_found(f, 1, queries[i], "2001 ");
        assert_found(f, 2, queries[i], "2002 ");
    }
    release_sweep(f);
    fixture_until(f, is_swept);
    for (size_t i = 0; i < ARRAY_LEN(queries); i++)
        assert_found(f, 0, queries[i], "2002 2001 ");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM words"), 2);
}

static void takes_mail_while_it_sweeps(void **state)
{
    struct fixture *f = *state;
    fill_many(f);
    assert_int_equal(clear(f, 0), MANY);
    int stored = 0;
    for (; !is_swept(f); stored++)
        fixture_store(f, "meanwhile", SPAN("octets"));
    assert_true(stored > 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), stored);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chunk"), stored);
    assert_counts(f, 0, stored);
}

static void goes_on_after_a_restart(void **state)
{
    struct fixture *f = *state;
    fill_many(f);
    hold_sweep(f);
    clear(f, 1);
    int64_t kept = fixture_store(f, "kept", SPAN("octets"));
    fixture_close(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), MANY + 1);
    fixture_open(f);
    assert_counts(f, 1, 1);
    one_message_is_gone(f, 1);
    release_sweep(f);
    fixture_until(f, is_swept);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 1);
    fixture_assert_raw(f, kept, SPAN("octets"));
    assert_counts(f, 1, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(clears_one_inbox_or_all),   TEST(what_is_cleared_is_gone_before_it_is_swept),
        TEST(counts_only_what_is_there), TEST(lists_what_is_there),
        TEST(finds_what_is_there),       TEST(takes_mail_while_it_sweeps),
        TEST(goes_on_after_a_restart),
    };
    return RUN_TESTS(tests);
}

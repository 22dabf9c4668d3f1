#include "fixture.h"

#include "core/clock.h"

#include <errno.h>
#include <stdio.h>

enum { MANY = 200 };

static void open_limited(struct fixture *f, struct store_limits limits, int64_t max_bytes)
{
    fixture_close(f);
    fixture_open_with(f, (struct store_config){ .limits = limits, .max_bytes = max_bytes });
}

static void deliver_to(struct fixture *f, int64_t inbox_id, struct span raw)
{
    struct store_delivery *d = fixture_delivery(f, "m", raw);
    d->message.inbox_id = inbox_id;
    store_deliver(f->store, d);
}

static void fill(struct fixture *f, int64_t inbox_id, int count)
{
    for (int i = 0; i < count; i++)
        deliver_to(f, inbox_id, SPAN("ten octets"));
    fixture_settle(f, (size_t)count, 0);
}

static void pin(struct fixture *f, int64_t id)
{
    const struct store_flags pinned = { .set_pinned = true, .pinned = true };
    assert_int_equal(store_message_mark(f->store, id, &pinned), 0);
}

static void pin_all(struct fixture *f, bool pinned)
{
    const struct store_flags flags = { .set_pinned = true, .pinned = pinned };
    int64_t changed;
    assert_int_equal(
        store_messages_mark(f->store, &(struct store_choice){ .query = NULL }, &flags, &changed),
        0);
}

static int64_t limited_inbox(struct fixture *f, struct store_limits limits)
{
    int64_t id;
    const struct store_inbox_wish wish = { .name = "limited", .limits = limits };
    assert_int_equal(store_inbox_create(f->store, &wish, &id), 0);
    return id;
}

static bool has_five(struct fixture *f)
{
    return fixture_number(f, "SELECT sum(message_count) FROM inbox") == 5;
}

static bool has_all_but_two(struct fixture *f)
{
    return fixture_number(f, "SELECT message_count FROM inbox") == 49998;
}

static bool has_one(struct fixture *f)
{
    return fixture_number(f, "SELECT sum(message_count) FROM inbox") == 1;
}

static bool has_none(struct fixture *f)
{
    return fixture_number(f, "SELECT sum(message_count) FROM inbox") == 0;
}

/* The rows of those that went are gone, and nobody else's. */
static void assert_pruned(struct fixture *f, int64_t count)
{
    struct store_totals totals;
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_totals(r, &totals), 0);
    store_reader_return(r);
    assert_int_equal(totals.pruned, count);
    assert_int_equal(totals.messages, fixture_number(f, "SELECT count(*) FROM message"));
    assert_int_equal(totals.messages, fixture_number(f, "SELECT count(*) FROM chunk"));
    assert_int_equal(totals.size_bytes, fixture_number(f, "SELECT coalesce(sum(size), 0) "
                                                          "FROM message"));
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
    struct fixture *f = *state;
    open_limited(f, (struct store_limits){ .max_messages = 5 }, 0);
    fill(f, STORE_DEFAULT_INBOX, 100);
    fixture_until(f, has_five);
    assert_int_equal(fixture_number(f, "SELECT min(id) FROM message"), 96);
    assert_pruned(f, 95);
}

static void pinned_ones_stay(void **state)
{
    struct fixture *f = *state;
    fill(f, STORE_DEFAULT_INBOX, 20);
    pin(f, 1);
    pin(f, 7);
    open_limited(f, (struct store_limits){ .max_messages = 5 }, 0);
    fixture_until(f, has_five);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE id IN "
                                       "(1, 7, 18, 19, 20)"),
                     5);
    assert_pruned(f, 15);
}

static bool has_those_pinned(struct fixture *f)
{
    return fixture_number(f, "SELECT sum(message_count) FROM inbox") == MANY + 1;
}

/* More of them than are looked at together lie before those that may go. */
static void many_pinned_ones_stay(void **state)
{
    struct fixture *f = *state;
    int64_t other = fixture_add_inbox(f, "other");
    fill(f, STORE_DEFAULT_INBOX, MANY);
    pin_all(f, true);
    fill(f, other, MANY);
    open_limited(f, (struct store_limits){ .max_messages = 5 }, 10);
    fill(f, STORE_DEFAULT_INBOX, 10);
    fixture_until(f, has_those_pinned);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE is_pinned"), MANY);
    assert_int_equal(fixture_number(f, "SELECT max(id) FROM message"), 2 * MANY + 10);
    assert_pruned(f, MANY + 9);
}

static void what_is_no_longer_pinned_goes(void **state)
{
    struct fixture *f = *state;
    fill(f, STORE_DEFAULT_INBOX, MANY);
    pin_all(f, true);
    open_limited(f, (struct store_limits){ .max_messages = 5 }, 0);
    pin_all(f, false);
    fixture_until(f, has_five);
    assert_pruned(f, MANY - 5);
}

/* What a round has passed already is unpinned while it goes on: it looks once more. */
static void what_is_unpinned_behind_it_goes(void **state)
{
    struct fixture *f = *state;
    const struct store_flags unpinned = { .set_pinned = true };
    fill(f, STORE_DEFAULT_INBOX, 1);
    fixture_close(f);
    fixture_sql(f,
                "UPDATE message SET is_pinned = 1;"
                "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
                "INSERT INTO message (id, inbox_id, received_at, size, is_pinned, "
                "envelope_from, recipients, smtputf8, client_ip, client_helo, subject, "
                "message_id, preview, addresses, parts) "
                "SELECT i, 1, received_at, size, 1, envelope_from, recipients, smtputf8, "
                "client_ip, client_helo, subject, message_id, preview, addresses, parts "
                "FROM message, n WHERE id = 1");
    fixture_open_with(f, (struct store_config){ .limits.max_messages = 5 });
    assert_int_equal(store_message_mark(f->store, 1, &unpinned), 0);
    while (fixture_number(f, "SELECT message_count FROM inbox") == 50000)
        (void)store_message_delete(f->store, INT64_MAX);
    assert_int_equal(store_message_mark(f->store, 2, &unpinned), 0);
    fixture_until(f, has_all_but_two);
}

/* By the shell, before anything could be swept. */
static void what_was_cleared_is_not_pruned(void **state)
{
    struct fixture *f = *state;
    int64_t other = fixture_add_inbox(f, "other");
    fill(f, STORE_DEFAULT_INBOX, MANY);
    fill(f, other, 15);
    fixture_close(f);
    fixture_sql(f, "UPDATE inbox SET message_count = 0, unread_count = 0, size_bytes = 0, "
                   "cleared_to = 200 WHERE id = 1");
    fixture_open_with(f, (struct store_config){ .max_bytes = 50 });
    fixture_until(f, has_five);
    while (fixture_number(f, "SELECT count(*) FROM message") > 5)
        (void)store_message_delete(f->store, INT64_MAX);
    assert_pruned(f, 10);
}

static void an_inbox_may_have_limits_of_its_own(void **state)
{
    struct fixture *f = *state;
    fill(f, STORE_DEFAULT_INBOX, 3);
    int64_t id = limited_inbox(f, (struct store_limits){ .max_messages = 2 });
    fill(f, id, 10);
    fixture_until(f, has_five);
    assert_pruned(f, 8);
    const struct store_inbox_change change = { .sets_max_bytes = true, .limits.max_bytes = 10 };
    assert_int_equal(store_inbox_change(f->store, id, &change), 0);
    while (fixture_number(f, "SELECT count(*) FROM message") > 4)
        (void)store_message_delete(f->store, INT64_MAX);
    assert_pruned(f, 9);
}

static void the_newest_stays_however_large(void **state)
{
    struct fixture *f = *state;
    int64_t id = limited_inbox(f, (struct store_limits){ .max_bytes = 5 });
    fill(f, id, 10);
    fixture_until(f, has_one);
    assert_pruned(f, 9);
}

static void of_all_inboxes_together_the_oldest_go(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_add_inbox(f, "other");
    for (int i = 0; i < 10; i++)
        fill(f, i % 2 ? id : STORE_DEFAULT_INBOX, 1);
    open_limited(f, (struct store_limits){ 0 }, 55);
    fixture_until(f, has_five);
    assert_int_equal(fixture_number(f, "SELECT min(id) FROM message"), 6);
    assert_pruned(f, 5);
    struct store_news news[8];
    int count = store_news_read(f->store, store_news_last(f->store) - 5, news, 8);
    int64_t told = 0;
    for (int i = 0; i < count; i++)
        told += news[i].type == STORE_MESSAGES_PRUNED ? news[i].count : 0;
    assert_int_equal(told, 5);
}

static void what_is_larger_than_all_is_refused(void **state)
{
    struct fixture *f = *state;
    open_limited(f, (struct store_limits){ 0 }, 9);
    store_deliver(f->store, fixture_delivery(f, "m", SPAN("ten octets")));
    fixture_settle(f, 1, -EMSGSIZE);
    deliver_to(f, STORE_DEFAULT_INBOX, SPAN("nine oct."));
    fixture_settle(f, 1, 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 1);
}

/* Age alone takes the newest along. */
static void the_old_go_all_of_them(void **state)
{
    struct fixture *f = *state;
    fill(f, STORE_DEFAULT_INBOX, 70);
    fixture_close(f);
    fixture_sql(f, "UPDATE message SET received_at = received_at - 3600000");
    fixture_open(f);
    open_limited(f, (struct store_limits){ .max_age_seconds = 1800 }, 0);
    fixture_until(f, has_none);
    assert_pruned(f, 70);
}

/* Nothing but time passes. */
static void it_is_noticed_when_time_has_come(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    fixture_open(f);
    open_limited(f, (struct store_limits){ .max_age_seconds = 1 }, 0);
    struct store_delivery *d = fixture_delivery(f, "m", SPAN("ten octets"));
    d->message.received_at_ms = clock_now_ms();
    store_deliver(f->store, d);
    fixture_settle(f, 1, 0);
    fixture_until(f, has_none);
    assert_pruned(f, 1);
}

static void many_inboxes_are_looked_at(void **state)
{
    struct fixture *f = *state;
    open_limited(f, (struct store_limits){ .max_messages = 1 }, 0);
    for (int i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof(name), "inbox-%d", i);
        fill(f, fixture_add_inbox(f, name), 3);
    }
    while (fixture_number(f, "SELECT max(message_count) FROM inbox") > 1)
        (void)store_message_delete(f->store, INT64_MAX);
    assert_pruned(f, 100);
    fixture_close(f);
    fixture_verify(f);
    fixture_open(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_oldest_go_when_there_are_too_many),
        TEST(pinned_ones_stay),
        TEST(many_pinned_ones_stay),
        TEST(what_is_no_longer_pinned_goes),
        TEST(what_is_unpinned_behind_it_goes),
        TEST(what_was_cleared_is_not_pruned),
        TEST(an_inbox_may_have_limits_of_its_own),
        TEST(the_newest_stays_however_large),
        TEST(of_all_inboxes_together_the_oldest_go),
        TEST(what_is_larger_than_all_is_refused),
        TEST(the_old_go_all_of_them),
        TEST(it_is_noticed_when_time_has_come),
        TEST(many_inboxes_are_looked_at),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include <errno.h>
#include <stdio.h>

/* The counts of the inboxes are kept as data. Whatever happens in whatever order, they are what
 * counting would give, and every message that was stored is there, was deleted or was pruned. */

enum { ROUNDS = 4000, INBOXES = 4, OCTETS = 100, MOST_MESSAGES = 60, MOST_BYTES = 6000 };

/* ---- what must hold ---- */

static void assert_counts_are_true(struct fixture *f)
{
    assert_int_equal(
        fixture_number(f, "WITH truth AS (SELECT inbox.id, count(message.id) AS messages, "
                          "  count(message.id) FILTER (WHERE NOT is_read) AS unread, "
                          "  coalesce(sum(size), 0) AS bytes "
                          "  FROM inbox LEFT JOIN message ON inbox_id = inbox.id "
                          "  AND message.id > cleared_to GROUP BY inbox.id) "
                          "SELECT count(*) FROM inbox JOIN truth USING (id) WHERE "
                          "message_count <> messages OR unread_count <> unread OR "
                          "size_bytes <> bytes"),
        0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chunk WHERE id / 65536 NOT IN "
                                       "(SELECT id FROM message)"),
                     0);
}

static void assert_totals_are_true(struct fixture *f)
{
    struct store_totals totals;
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_totals(r, &totals), 0);
    store_reader_return(r);
    assert_int_equal(totals.messages, fixture_number(f, "SELECT count(*) FROM message"));
    assert_int_equal(totals.unread,
                     fixture_number(f, "SELECT count(*) FROM message WHERE NOT is_read"));
    assert_int_equal(totals.size_bytes,
                     fixture_number(f, "SELECT coalesce(sum(size), 0) FROM message"));
}

/* ---- what may happen ---- */

struct chance {
    struct fixture *f;
    int64_t newest;
    int64_t inboxes[INBOXES]; /* the first is `default`; the others come and go */
    int64_t stored, deleted;
    int64_t left; /* with the inbox they were in, or pruned from it before */
    uint32_t value;
};

static int64_t some_id(const struct chance *c)
{
    /* Of the last hundreds, for most of the others are gone. */
    int64_t back = c->value % 400;
    return back < c->newest ? c->newest - back : 1;
}

static int64_t some_inbox(const struct chance *c)
{
    return c->inboxes[c->value % INBOXES];
}

static void deliver(struct chance *c)
{
    static const char octets[OCTETS];
    struct store_delivery *d =
        fixture_delivery(c->f, "m", (struct span){ octets, c->value % OCTETS });
    d->message.inbox_id = some_inbox(c);
    d->message.is_read = c->value % 5 == 0;
    d->message.is_pinned = c->value % 53 == 0;
    store_deliver(c->f->store, d);
    fixture_settle(c->f, 1, 0);
    c->newest++;
    c->stored++;
}

static void delete_one(struct chance *c)
{
    int err = store_message_delete(c->f->store, some_id(c));
    assert_true(err == 0 || err == -ENOENT);
    c->deleted += !err;
}

static struct store_flags some_flags(const struct chance *c)
{
    return (struct store_flags){
        .set_read = c->value & 1,
        .read = c->value & 2,
        .set_pinned = c->value & 4,
        .pinned = (c->value & 56) == 56,
    };
}

static void mark(struct chance *c)
{
    const struct store_flags flags = some_flags(c);
    int err = store_message_mark(c->f->store, some_id(c), &flags);
    assert_true(err == 0 || err == -ENOENT);
}

static void mark_many(struct chance *c)
{
    struct store_flags flags = some_flags(c);
    const struct store_choice which = { .inbox_id = some_inbox(c) };
    int64_t changed;
    flags.set_pinned = true;
    assert_int_equal(store_messages_mark(c->f->store, &which, &flags, &changed), 0);
}

static void clear(struct chance *c)
{
    int64_t deleted, inbox_id = c->value % 3 ? some_inbox(c) : 0;
    assert_int_equal(store_messages_clear(c->f->store, inbox_id, &deleted), 0);
    c->deleted += deleted;
}

static void delete_found(struct chance *c)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_fault fault;
    struct span text = c->value & 1 ? SPAN("larger:90") : SPAN("is:read m");
    const struct store_choice which = {
        .inbox_id = some_inbox(c),
        .query = store_query_parse(text, 0, &arena, &fault),
    };
    int64_t deleted;
    assert_int_equal(store_messages_delete(c->f->store, &which, &deleted), 0);
    c->deleted += deleted;
}

static void add_inbox(struct chance *c, size_t i)
{
    char name[16];
    const struct store_inbox_wish wish = {
        .name = name,
        .limits = { .max_messages = 10 + c->value % 20, .max_bytes = 500 + c->value % 1000 },
    };
    snprintf(name, sizeof(name), "inbox-%zu", i);
    assert_int_equal(store_inbox_create(c->f->store, &wish, &c->inboxes[i]), 0);
}

static void replace_inbox(struct chance *c)
{
    char sql[96];
    size_t i = 1 + c->value % (INBOXES - 1);
    snprintf(sql, sizeof(sql), "SELECT message_count + pruned_count FROM inbox WHERE id = %d",
             (int)c->inboxes[i]);
    c->left += fixture_number(c->f, sql);
    assert_int_equal(store_inbox_delete(c->f->store, c->inboxes[i]), 0);
    add_inbox(c, i);
}

static void change_limits(struct chance *c)
{
    const struct store_inbox_change change = {
        .sets_max_messages = true,
        .limits.max_messages = c->value % 30,
    };
    assert_int_equal(store_inbox_change(c->f->store, some_inbox(c), &change), 0);
}

static void open_limited(struct fixture *f)
{
    fixture_open_with(f, (struct store_config){
                             .limits.max_messages = MOST_MESSAGES,
                             .max_bytes = MOST_BYTES,
                         });
}

static void restart(struct chance *c)
{
    fixture_close(c->f);
    open_limited(c->f);
}

static void look(struct chance *c)
{
    assert_counts_are_true(c->f);
    assert_int_equal(fixture_number(c->f, "SELECT sum(message_count + pruned_count) FROM inbox "
                                          "JOIN account ON inbox_id = id"),
                     c->stored - c->deleted - c->left);
}

static const struct {
    uint32_t share; /* of a hundred */
    void (*happens)(struct chance *c);
} events[] = {
    { 60, deliver },     { 10, delete_one },   { 16, mark },         { 2, mark_many }, { 2, clear },
    { 2, delete_found }, { 1, replace_inbox }, { 2, change_limits }, { 1, restart },   { 4, look },
};

static void happen(struct chance *c, uint32_t percent)
{
    size_t i = 0;
    for (; percent >= events[i].share; i++)
        percent -= events[i].share;
    events[i].happens(c);
}

static void happen_often(struct chance *c, int rounds)
{
    static uint32_t dice = 42;
    for (int i = 0; i < rounds; i++) {
        dice = dice * 1664525 + 1013904223;
        c->value = dice >> 16;
        happen(c, (dice >> 8) % 100);
    }
}

static bool is_swept(struct fixture *f)
{
    return fixture_number(f, "SELECT count(*) FROM inbox WHERE swept_to < cleared_to") == 0;
}

static void counts_stay_true(void **state)
{
    struct chance c = { .f = *state, .inboxes = { STORE_DEFAULT_INBOX } };
    open_limited(c.f);
    for (size_t i = 1; i < INBOXES; i++)
        add_inbox(&c, i);
    happen_often(&c, ROUNDS);
    look(&c);
    fixture_until(c.f, is_swept);
    look(&c);
    assert_totals_are_true(c.f);
    assert_true(fixture_number(c.f, "SELECT sum(pruned_count) FROM inbox") > 0);
    assert_true(fixture_number(c.f, "SELECT sum(message_count) FROM inbox") > 0);
    fixture_close(c.f);
    fixture_verify(c.f);
}

/* By the shell, which knows of no background. */
static void counts_stay_true_when_an_inbox_is_removed(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    assert_int_equal(fixture_add_inbox(f, "two"), 2);
    struct store_delivery *d = fixture_delivery(f, "m", SPAN("octets"));
    d->message.inbox_id = 2;
    store_deliver(f->store, d);
    fixture_settle(f, 1, 0);
    fixture_sql(f, "PRAGMA foreign_keys = ON; DELETE FROM inbox WHERE id = 2");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE inbox_id = 2"), 0);
    assert_counts_are_true(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_closed, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_stay_true),
        TEST(counts_stay_true_when_an_inbox_is_removed),
    };
    return RUN_TESTS(tests);
}

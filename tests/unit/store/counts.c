#include "fixture.h"

/* The counts of the inboxes are kept as data. Whatever happens in whatever order, they are what
 * counting would give. */

enum { ROUNDS = 1500, INBOXES = 3, OCTETS = 100 };

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

/* ---- what may happen ---- */

struct chance {
    struct fixture *f;
    int64_t newest;
    uint32_t value;
};

static int64_t some_id(const struct chance *c)
{
    return 1 + c->value % (c->newest + 1);
}

static void deliver(struct chance *c)
{
    static const char octets[OCTETS];
    struct store_delivery *d =
        fixture_delivery(c->f, "m", (struct span){ octets, c->value % OCTETS });
    d->message.inbox_id = 1 + c->value % INBOXES;
    d->message.is_read = c->value % 5 == 0;
    d->message.is_pinned = c->value % 7 == 0;
    store_deliver(c->f->store, d);
    fixture_settle(c->f, 1, 0);
    c->newest++;
}

static void delete_one(struct chance *c)
{
    (void)store_message_delete(c->f->store, some_id(c));
}

static void mark(struct chance *c)
{
    const struct store_flags flags = {
        .set_read = c->value & 1,
        .read = c->value & 2,
        .set_pinned = c->value & 4,
        .pinned = c->value & 8,
    };
    (void)store_message_mark(c->f->store, some_id(c), &flags);
}

static void clear(struct chance *c)
{
    int64_t deleted;
    assert_int_equal(store_messages_clear(c->f->store, c->value % (INBOXES + 1), &deleted), 0);
}

static void restart(struct chance *c)
{
    fixture_close(c->f);
    fixture_open(c->f);
}

static void look(struct chance *c)
{
    assert_counts_are_true(c->f);
}

static const struct {
    uint32_t share; /* of a hundred */
    void (*happens)(struct chance *c);
} events[] = {
    { 60, deliver }, { 15, delete_one }, { 20, mark }, { 2, clear }, { 1, restart }, { 2, look },
};

static void happen(struct chance *c, uint32_t percent)
{
    size_t i = 0;
    for (; percent >= events[i].share; i++)
        percent -= events[i].share;
    events[i].happens(c);
}

static void counts_stay_true(void **state)
{
    struct chance c = { .f = *state };
    uint32_t dice = 42;
    assert_int_equal(fixture_add_inbox(c.f, "two"), 2);
    assert_int_equal(fixture_add_inbox(c.f, "three"), 3);
    for (int i = 0; i < ROUNDS; i++) {
        dice = dice * 1664525 + 1013904223;
        c.value = dice >> 16;
        happen(&c, (dice >> 8) % 100);
    }
    assert_counts_are_true(c.f);
    assert_true(fixture_number(c.f, "SELECT min(message_count) FROM inbox") > 0);
    fixture_sql(c.f, "PRAGMA foreign_keys = ON; DELETE FROM inbox WHERE id = 2");
    assert_int_equal(fixture_number(c.f, "SELECT count(*) FROM message WHERE inbox_id = 2"), 0);
    assert_counts_are_true(c.f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_stay_true),
    };
    return RUN_TESTS(tests);
}

#include "fixture.h"

#include "core/clock.h"
#include "core/mem.h"
#include "store/chunk.h"

#include <errno.h>
#include <stdio.h>

static int64_t add(struct fixture *f, const char *pattern, int64_t expires_at_ms)
{
    int64_t id;
    const struct store_inbox_wish wish = { .recipients = { &pattern, pattern != NULL },
                                           .expires_at_ms = expires_at_ms };
    assert_int_equal(store_inbox_create(f->store, &wish, &id), 0);
    return id;
}

/* To whomever its recipients lead. */
static struct store_delivery *delivery(struct fixture *f, const char *to, struct span raw)
{
    struct store_delivery *d = fixture_delivery(f, "x", raw);
    d->message.inbox_id = 0;
    d->message.envelope.recipients = arena_alloc(&d->arena, sizeof(struct store_recipient));
    d->message.envelope.recipients[0].address = arena_strdup(&d->arena, to);
    d->message.received_at_ms = clock_now_ms();
    return d;
}

/* Returns the id, 0 if it was refused with `result`. */
static int64_t deliver(struct fixture *f, struct store_delivery *d, int result)
{
    store_deliver(f->store, d);
    assert_ptr_equal(mailbox_wait(&f->settled), &d->letter);
    assert_int_equal(d->result, result);
    int64_t id = result ? 0 : d->message.id;
    store_delivery_free(d);
    return id;
}

static int64_t send(struct fixture *f, const char *to)
{
    return deliver(f, delivery(f, to, SPAN("hello")), 0);
}

static int64_t count_in(struct fixture *f, int64_t inbox_id)
{
    char id[24];
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox = { 0 };
    struct store_reader *r = store_reader_lease(f->store);
    snprintf(id, sizeof(id), "%d", (int)inbox_id);
    (void)store_inbox_find(r, span_of(id), &arena, &inbox);
    store_reader_return(r);
    return inbox.message_count;
}

static void each_matching_inbox_gets_a_copy(void **state)
{
    struct fixture *f = *state;
    struct store_news news[8];
    int64_t shop = add(f, "*@shop.test", 0);
    int64_t ann = add(f, "ann@*", 0);
    add(f, NULL, 0);
    int64_t start = store_news_last(f->store);
    int64_t first = send(f, "ANN@shop.test");
    assert_int_equal(count_in(f, shop), 1);
    assert_int_equal(count_in(f, ann), 1);
    assert_int_equal(count_in(f, STORE_DEFAULT_INBOX), 0);
    assert_int_equal(store_news_read(f->store, start, news, 8), 2);
    assert_int_equal(news[0].message_id, first);
    assert_int_equal(news[0].inbox_id, shop);
    assert_int_equal(news[1].inbox_id, ann);
    fixture_assert_raw(f, news[0].message_id, SPAN("hello"));
    fixture_assert_raw(f, news[1].message_id, SPAN("hello"));
    send(f, "bob@b.test");
    assert_int_equal(count_in(f, STORE_DEFAULT_INBOX), 1);
}

static void a_chosen_inbox_gets_it_alone(void **state)
{
    struct fixture *f = *state;
    int64_t all = add(f, "*", 0);
    int64_t chosen = add(f, NULL, 0);
    struct store_delivery *d = delivery(f, "ann@b.test", SPAN("hello"));
    d->message.inbox_id = chosen;
    deliver(f, d, 0);
    assert_int_equal(count_in(f, chosen), 1);
    assert_int_equal(count_in(f, all), 0);
}

/* Too long to be held in memory, so that its chunks are packed anew for each copy. */
static void long_messages_are_copied_whole(void **state)
{
    struct fixture *f = *state;
    struct buf raw AUTO(buf_done) = { 0 };
    char *octets = buf_reserve(&raw, (size_t)3 * CHUNK_SIZE / 2);
    raw.len = (size_t)3 * CHUNK_SIZE / 2;
    fill_random(octets, raw.len, 1);
    add(f, "*", 0);
    add(f, "*", 0);
    int64_t id = deliver(f, delivery(f, "ann@b.test", buf_span(&raw)), 0);
    fixture_assert_raw(f, id, buf_span(&raw));
    fixture_assert_raw(f, id + 1, buf_span(&raw));
}

static void patterns_follow_changes(void **state)
{
    struct fixture *f = *state;
    const char *pattern = "*@b.test";
    int64_t id = add(f, "*@a.test", 0);
    struct store_inbox_change c = { .sets_recipients = true, .recipients = { &pattern, 1 } };
    assert_int_equal(store_inbox_change(f->store, id, &c), 0);
    send(f, "x@a.test");
    send(f, "x@b.test");
    assert_int_equal(count_in(f, id), 1);
    c.recipients.count = 0;
    assert_int_equal(store_inbox_change(f->store, id, &c), 0);
    send(f, "x@b.test");
    assert_int_equal(count_in(f, id), 1);
    assert_int_equal(count_in(f, STORE_DEFAULT_INBOX), 2);
}

static void patterns_survive_a_restart(void **state)
{
    struct fixture *f = *state;
    int64_t id = add(f, "*@a.test", 0);
    fixture_close(f);
    fixture_open(f);
    send(f, "x@a.test");
    assert_int_equal(count_in(f, id), 1);
}

static void what_has_expired_gets_nothing(void **state)
{
    struct fixture *f = *state;
    add(f, "*", clock_now_ms());
    send(f, "x@a.test");
    assert_int_equal(count_in(f, STORE_DEFAULT_INBOX), 1);
}

static void more_copies_than_allowed_are_none(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < STORE_COPIES_MAX; i++)
        add(f, "*", 0);
    send(f, "x@a.test");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), STORE_COPIES_MAX);
    add(f, "*", 0);
    deliver(f, delivery(f, "x@a.test", SPAN("hello")), -E2BIG);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), STORE_COPIES_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_matching_inbox_gets_a_copy),   TEST(a_chosen_inbox_gets_it_alone),
        TEST(long_messages_are_copied_whole),    TEST(patterns_follow_changes),
        TEST(patterns_survive_a_restart),        TEST(what_has_expired_gets_nothing),
        TEST(more_copies_than_allowed_are_none),
    };
    return RUN_TESTS(tests);
}

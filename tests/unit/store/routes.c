#include "../test.h"

#include "core/mem.h"
#include "store/routes.h"

enum { NOW = 1000, ROOM = 4 };

static void put(struct routes *r, int64_t inbox_id, int64_t expires_at_ms, const char *a,
                const char *b)
{
    struct route route = { .inbox_id = inbox_id, .expires_at_ms = expires_at_ms };
    route.patterns.items = arena_alloc(&route.arena, 2 * sizeof(*route.patterns.items));
    if (a)
        route.patterns.items[route.patterns.count++] = arena_strdup(&route.arena, a);
    if (b)
        route.patterns.items[route.patterns.count++] = arena_strdup(&route.arena, b);
    routes_put(r, &route);
}

/* The inboxes as digits, "13"; behind them "+" if there are more than fit. */
static const char *find(struct routes *r, const char *a, const char *b)
{
    static char text[ROOM + 2];
    int64_t found[ROOM];
    struct store_recipient recipients[] = { { .address = a }, { .address = b } };
    const struct store_envelope e = { .recipients = recipients, .recipient_count = b ? 2 : 1 };
    size_t count = routes_match(r, &e, NOW, found, ROOM);
    size_t len = 0;
    for (; len < count && len < ROOM; len++)
        text[len] = (char)('0' + found[len]);
    if (count > ROOM)
        text[len++] = '+';
    text[len] = '\0';
    return text;
}

static void each_inbox_is_found_once(void **state)
{
    struct routes r;
    (void)state;
    routes_init(&r);
    assert_string_equal(find(&r, "ann@b.test", NULL), "");
    put(&r, 3, 0, "*@B.test", "ann@*");
    put(&r, 2, 0, "*@c.test", NULL);
    put(&r, 5, 0, "*", NULL);
    assert_string_equal(find(&r, "Ann@b.test", NULL), "35");
    assert_string_equal(find(&r, "bob@d.test", NULL), "5");
    assert_string_equal(find(&r, "bob@d.test", "x@c.test"), "25");
    assert_string_equal(find(&r, "ann@c.test", "x@b.test"), "235");
    routes_done(&r);
}

static void what_is_put_replaces(void **state)
{
    struct routes r;
    (void)state;
    routes_init(&r);
    put(&r, 1, 0, "*", NULL);
    put(&r, 2, 0, "*", NULL);
    put(&r, 1, 0, "*@b.test", NULL);
    assert_string_equal(find(&r, "x@c.test", NULL), "2");
    put(&r, 2, 0, NULL, NULL);
    assert_string_equal(find(&r, "x@c.test", NULL), "");
    routes_drop(&r, 1);
    routes_drop(&r, 1);
    routes_drop(&r, 9);
    assert_string_equal(find(&r, "x@b.test", NULL), "");
    assert_int_equal(r.count, 0);
    routes_done(&r);
}

static void what_has_expired_is_not_found(void **state)
{
    struct routes r;
    (void)state;
    routes_init(&r);
    put(&r, 1, NOW, "*", NULL);
    put(&r, 2, NOW + 1, "*", NULL);
    assert_string_equal(find(&r, "x@b.test", NULL), "2");
    routes_done(&r);
}

static void many_are_kept_in_order_and_counted(void **state)
{
    enum { MANY = 100 };
    struct routes r;
    int64_t found[MANY];
    struct store_recipient recipient = { .address = "x@b.test" };
    const struct store_envelope e = { .recipients = &recipient, .recipient_count = 1 };
    (void)state;
    routes_init(&r);
    for (int64_t i = 0; i < MANY; i++)
        put(&r, 1 + i * 37 % MANY, 0, "*", NULL);
    assert_string_equal(find(&r, "x@b.test", NULL), "1234+");
    assert_int_equal(routes_match(&r, &e, NOW, found, MANY), MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(found[i], i + 1);
    routes_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_inbox_is_found_once),
        cmocka_unit_test(what_is_put_replaces),
        cmocka_unit_test(what_has_expired_is_not_found),
        cmocka_unit_test(many_are_kept_in_order_and_counted),
    };
    return RUN_TESTS(tests);
}

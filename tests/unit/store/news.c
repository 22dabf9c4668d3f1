#include "../test.h"

#include "core/mem.h"
#include "store/news.h"

#include <errno.h>

static struct news *news_new(int64_t now_ms)
{
    struct news *n = xcalloc(1, sizeof(*n));
    news_init(n, now_ms);
    return n;
}

static void news_free(struct news *n)
{
    news_done(n);
    free(n);
}

static void publish(struct news *n, int64_t message_id)
{
    struct store_news item = { .type = STORE_MESSAGE_CREATED, .message_id = message_id };
    news_publish(n, &item, 1);
}

static void gives_news_in_order(void **state)
{
    (void)state;
    struct news *n = news_new(1000);
    int64_t before = news_last(n);
    struct store_news items[] = {
        { .type = STORE_MESSAGE_CREATED, .inbox_id = 1, .message_id = 7 },
        { .type = STORE_MESSAGES_CLEARED, .inbox_id = 2 },
    };
    news_publish(n, items, 2);
    publish(n, 8);

    struct store_news out[4];
    assert_int_equal(news_read(n, before, out, 4), 3);
    assert_int_equal(out[0].type, STORE_MESSAGE_CREATED);
    assert_int_equal(out[0].message_id, 7);
    assert_int_equal(out[1].type, STORE_MESSAGES_CLEARED);
    assert_int_equal(out[1].inbox_id, 2);
    assert_int_equal(out[2].message_id, 8);
    assert_true(before < out[0].id && out[0].id < out[1].id && out[1].id < out[2].id);
    assert_int_equal(out[2].id, news_last(n));

    assert_int_equal(news_read(n, out[0].id, out, 1), 1);
    assert_int_equal(out[0].type, STORE_MESSAGES_CLEARED);
    assert_int_equal(news_read(n, news_last(n), out, 4), 0);
    news_free(n);
}

static void says_when_news_is_lost(void **state)
{
    (void)state;
    struct news *n = news_new(1000);
    int64_t first = news_last(n);
    struct store_news out[NEWS_KEPT];
    for (int i = 0; i < NEWS_KEPT; i++)
        publish(n, i);
    assert_int_equal(news_read(n, first, out, NEWS_KEPT), NEWS_KEPT);
    for (int i = 0; i < NEWS_KEPT; i++)
        assert_int_equal(out[i].message_id, i);
    publish(n, NEWS_KEPT);
    assert_int_equal(news_read(n, first, out, NEWS_KEPT), -ESTALE);
    assert_int_equal(news_read(n, first + 1, out, NEWS_KEPT), NEWS_KEPT);
    assert_int_equal(out[NEWS_KEPT - 1].message_id, NEWS_KEPT);
    news_free(n);
}

static void refuses_ids_never_given_out(void **state)
{
    (void)state;
    struct news *n = news_new(1000);
    struct store_news out;
    assert_int_equal(news_read(n, news_last(n) - 1, &out, 1), -ESTALE);
    publish(n, 1);
    assert_int_equal(news_read(n, 0, &out, 1), -ESTALE);
    assert_int_equal(news_read(n, -1, &out, 1), -ESTALE);
    assert_int_equal(news_read(n, news_last(n) + 1, &out, 1), -ESTALE);
    assert_int_equal(news_read(n, INT64_MAX, &out, 1), -ESTALE);
    news_free(n);
}

static void ids_grow_over_restarts(void **state)
{
    (void)state;
    struct news *n = news_new(1764000000000);
    for (int i = 0; i < 900; i++)
        publish(n, i);
    int64_t last = news_last(n);
    news_free(n);
    n = news_new(1764000000001);
    assert_true(news_last(n) > last);
    assert_true(news_last(n) < INT64_C(1) << 53);
    news_free(n);
}

static void count(void *arg)
{
    (*(int *)arg)++;
}

static void tells_the_listener(void **state)
{
    (void)state;
    struct news *n = news_new(1000);
    int told = 0;
    publish(n, 1);
    news_listen(n, count, &told);
    assert_int_equal(told, 0);
    struct store_news items[3] = { 0 };
    news_publish(n, items, 3);
    assert_int_equal(told, 1);
    news_publish(n, items, 0);
    assert_int_equal(told, 1);
    news_listen(n, NULL, NULL);
    publish(n, 2);
    assert_int_equal(told, 1);
    news_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_news_in_order),         cmocka_unit_test(says_when_news_is_lost),
        cmocka_unit_test(refuses_ids_never_given_out), cmocka_unit_test(ids_grow_over_restarts),
        cmocka_unit_test(tells_the_listener),
    };
    return RUN_TESTS(tests);
}

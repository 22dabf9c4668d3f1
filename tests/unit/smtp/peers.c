#include "../test.h"

#include "core/netaddr.h"
#include "smtp/peers.h"

static struct peer *enter(struct peers *p, const char *text, size_t max)
{
    struct sockaddr_storage addr;
    assert_true(netaddr_parse(span_of(text), &addr));
    return peers_enter(p, &addr, max);
}

static void counts_each_address_by_itself(void **state)
{
    (void)state;
    static struct peers p;
    peers_init(&p);
    struct peer *a = enter(&p, "127.0.0.1:1", 2);
    struct peer *b = enter(&p, "127.0.0.1:2", 2);
    struct peer *other = enter(&p, "[::1]:1", 2);
    assert_non_null(a);
    assert_ptr_equal(a, b);
    assert_non_null(other);
    assert_null(enter(&p, "127.0.0.1:3", 2));
    peers_leave(a);
    assert_non_null(enter(&p, "127.0.0.1:4", 2));
    peers_leave(b);
    peers_leave(b);
    peers_leave(other);
    peers_leave(NULL);
    for (size_t i = 0; i < PEERS_BUCKETS; i++)
        assert_true(list_is_empty(&p.buckets[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_each_address_by_itself),
    };
    return RUN_TESTS(tests);
}

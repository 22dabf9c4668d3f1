#include "../test.h"

#include "core/peers.h"

static void counts_each_address_by_itself(void **state)
{
    (void)state;
    static struct peers p;
    peers_init(&p);
    struct peer *a = peers_enter(&p, "127.0.0.1", 2);
    struct peer *b = peers_enter(&p, "127.0.0.1", 2);
    struct peer *other = peers_enter(&p, "::1", 2);
    assert_non_null(a);
    assert_ptr_equal(a, b);
    assert_non_null(other);
    assert_null(peers_enter(&p, "127.0.0.1", 2));
    peers_leave(a);
    assert_non_null(peers_enter(&p, "127.0.0.1", 2));
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

#include "../test.h"

#include "core/spool.h"

#include <errno.h>
#include <string.h>

static struct spools somewhere = { .dir = "/tmp", .max_bytes = UINT64_MAX };

/* Appends `count` pieces whose octets follow a known pattern, then reads all of it back. */
static void fill_and_compare(size_t piece, size_t count)
{
    struct spool s AUTO(spool_done);
    spool_init(&s, &somewhere);
    char *bytes AUTO(free_ptr) = xmalloc(piece);
    for (size_t i = 0; i < count; i++) {
        memset(bytes, (int)('a' + i % 26), piece);
        assert_int_equal(spool_append(&s, (struct span){ bytes, piece }), 0);
    }
    struct source source = spool_source(&s);
    assert_int_equal(source.size, piece * count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(source_read_full(&source, i * piece, bytes, piece), piece);
        for (size_t at = 0; at < piece; at++)
            assert_int_equal(bytes[at], 'a' + i % 26);
    }
    assert_int_equal(source_read_full(&source, piece * count, bytes, piece), 0);
}

static void keeps_a_small_body_in_memory(void **state)
{
    (void)state;
    fill_and_compare(1000, 10);
}

static void keeps_a_large_body_in_a_file(void **state)
{
    (void)state;
    fill_and_compare(100000, 7);
}

static void moves_to_the_file_at_the_limit(void **state)
{
    (void)state;
    struct spool s AUTO(spool_done);
    spool_init(&s, &somewhere);
    char *bytes AUTO(free_ptr) = xcalloc(1, SPOOL_MEMORY);
    assert_int_equal(spool_append(&s, (struct span){ bytes, SPOOL_MEMORY }), 0);
    assert_int_equal(s.fd, -1);
    assert_int_equal(spool_append(&s, SPAN("x")), 0);
    assert_true(s.fd >= 0);
    assert_null(s.memory.ptr);
}

static void says_when_there_is_no_place(void **state)
{
    (void)state;
    struct spool s AUTO(spool_done);
    struct spools nowhere = { .dir = "/nowhere/at/all", .max_bytes = UINT64_MAX };
    spool_init(&s, &nowhere);
    char *bytes AUTO(free_ptr) = xcalloc(1, SPOOL_MEMORY + 1);
    assert_int_equal(spool_append(&s, (struct span){ bytes, SPOOL_MEMORY + 1 }), -ENOENT);
}

static void append(struct spool *s, size_t len, int result)
{
    char *bytes AUTO(free_ptr) = xcalloc(1, len);
    assert_int_equal(spool_append(s, (struct span){ bytes, len }), result);
}

/* Whether what they hold is in memory or in files, and however it ends. */
static void together_they_hold_no_more_than_they_may(void **state)
{
    (void)state;
    enum { MAX = 3 * SPOOL_MEMORY };
    struct spools few = { .dir = "/tmp", .max_bytes = MAX };
    struct spool a, b AUTO(spool_done);
    spool_init(&a, &few);
    spool_init(&b, &few);
    append(&a, (size_t)2 * SPOOL_MEMORY, 0);
    append(&b, SPOOL_MEMORY - 1, 0);
    assert_true(spools_have_room(&few, 1));
    assert_false(spools_have_room(&few, 2));
    assert_false(spools_have_room(&few, UINT64_MAX));
    append(&b, 2, -ENOBUFS);
    append(&b, 1, 0);
    append(&a, 1, -ENOBUFS);
    assert_int_equal(spools_held(&few), MAX);
    spool_done(&a);
    assert_int_equal(spools_held(&few), SPOOL_MEMORY);
    append(&b, (size_t)2 * SPOOL_MEMORY, 0);
    spool_done(&b);
    spool_done(&b);
    assert_int_equal(spools_held(&few), 0);
}

static void what_fails_is_given_back_too(void **state)
{
    (void)state;
    struct spools nowhere = { .dir = "/nowhere", .max_bytes = UINT64_MAX };
    struct spool s;
    spool_init(&s, &nowhere);
    append(&s, 1000, 0);
    append(&s, SPOOL_MEMORY, -ENOENT);
    spool_done(&s);
    assert_int_equal(spools_held(&nowhere), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_small_body_in_memory),
        cmocka_unit_test(keeps_a_large_body_in_a_file),
        cmocka_unit_test(moves_to_the_file_at_the_limit),
        cmocka_unit_test(says_when_there_is_no_place),
        cmocka_unit_test(together_they_hold_no_more_than_they_may),
        cmocka_unit_test(what_fails_is_given_back_too),
    };
    return RUN_TESTS(tests);
}

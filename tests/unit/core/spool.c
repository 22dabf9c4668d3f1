#include "../test.h"

#include "core/spool.h"

#include <errno.h>
#include <string.h>

/* Appends `count` pieces whose octets follow a known pattern, then reads all of it back. */
static void fill_and_compare(size_t piece, size_t count)
{
    struct spool s AUTO(spool_done);
    spool_init(&s, "/tmp");
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
    spool_init(&s, "/tmp");
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
    spool_init(&s, "/nowhere/at/all");
    char *bytes AUTO(free_ptr) = xcalloc(1, SPOOL_MEMORY + 1);
    assert_int_equal(spool_append(&s, (struct span){ bytes, SPOOL_MEMORY + 1 }), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_small_body_in_memory),
        cmocka_unit_test(keeps_a_large_body_in_a_file),
        cmocka_unit_test(moves_to_the_file_at_the_limit),
        cmocka_unit_test(says_when_there_is_no_place),
    };
    return RUN_TESTS(tests);
}

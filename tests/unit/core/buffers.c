#include "../test.h"

#include "core/arena.h"
#include "core/buf.h"
#include "core/source.h"

#include <string.h>

static void buf_grows_and_keeps_order(void **state)
{
    (void)state;
    struct buf b AUTO(buf_done) = { 0 };
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%d,", i);
    buf_consume(&b, strlen("0,1,"));
    assert_memory_equal(b.ptr, "2,3,4,", 6);
    assert_string_equal(buf_text(&b) + b.len - 4, "999,");
    buf_consume(&b, b.len);
    assert_int_equal(b.len, 0);
}

static void numbers_and_text_fit_whatever_room_there_is(void **state)
{
    (void)state;
    for (size_t before = 0; before < 200; before++) {
        struct buf b AUTO(buf_done) = { 0 };
        while (b.len < before)
            buf_putc(&b, 'x');
        buf_printf(&b, "%s", "<text>");
        buf_put_u64(&b, 0);
        buf_put_u64(&b, UINT64_MAX);
        assert_string_equal(buf_text(&b) + before, "<text>018446744073709551615");
    }
}

static void taking_leaves_an_empty_buffer(void **state)
{
    (void)state;
    struct buf b = { 0 };
    buf_append(&b, SPAN("abc"));
    char *text AUTO(free_ptr) = buf_take(&b);
    assert_string_equal(text, "abc");
    assert_null(b.ptr);
}

static void arena_memory_is_zero_aligned_and_apart(void **state)
{
    (void)state;
    struct arena a AUTO(arena_done) = { 0 };
    char *first = arena_copy(&a, SPAN("first"));
    for (size_t size = 1; size < 5000; size += 7) {
        unsigned char *p = arena_alloc(&a, size);
        assert_int_equal((uintptr_t)p % sizeof(void *), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xFF, size);
    }
    assert_string_equal(first, "first");
    assert_string_equal(arena_printf(&a, "%s-%d", "x", 3), "x-3");
    assert_null(arena_strdup(&a, NULL));
}

static void a_source_reads_from_anywhere(void **state)
{
    (void)state;
    struct span bytes = SPAN("0123456789");
    struct source s = source_of_span(&bytes);
    char out[16];
    assert_int_equal(source_read_full(&s, 3, out, 4), 4);
    assert_memory_equal(out, "3456", 4);
    assert_int_equal(source_read_full(&s, 8, out, 16), 2);
    assert_int_equal(source_read_full(&s, 10, out, 16), 0);
    assert_int_equal(source_read_full(&s, UINT64_MAX, out, 16), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_grows_and_keeps_order),
        cmocka_unit_test(numbers_and_text_fit_whatever_room_there_is),
        cmocka_unit_test(taking_leaves_an_empty_buffer),
        cmocka_unit_test(arena_memory_is_zero_aligned_and_apart),
        cmocka_unit_test(a_source_reads_from_anywhere),
    };
    return RUN_TESTS(tests);
}

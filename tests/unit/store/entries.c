#include "../test.h"

#include "core/mem.h"
#include "store/entries.h"

#include <errno.h>
#include <string.h>

/* As SPAN(), for what is static. */
#define OCTETS(literal)                                                                            \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

static const struct store_entry samples[] = {
    { .kind = STORE_ENTRY_SERVER, .at = 0, .text = OCTETS("220 mx.test ESMTP") },
    { .kind = STORE_ENTRY_CLIENT, .at = 4, .text = OCTETS("") },
    { .kind = STORE_ENTRY_CLIENT, .at = 127, .text = OCTETS("NUL \0 and \xff") },
    { .kind = STORE_ENTRY_NOTE, .at = 128, .text = OCTETS("The client went away") },
    { .kind = STORE_ENTRY_DATA, .at = 36000000, .octets = 50 * 1024 * 1024 },
    { .kind = STORE_ENTRY_DATA, .at = (uint64_t)1 << 50, .octets = INT64_MAX },
    { .kind = STORE_ENTRY_DATA, .at = 0, .octets = 0 },
};

static void assert_entry(const struct store_entry *got, const struct store_entry *expected)
{
    assert_int_equal(got->kind, expected->kind);
    assert_int_equal(got->at, expected->at);
    assert_int_equal(got->octets, expected->octets);
    assert_int_equal(got->message_id, 0);
    assert_true(span_eq(got->text, expected->text));
}

static void put_samples(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        entries_put(out, &samples[i]);
}

static void assert_samples(struct span entries, size_t times)
{
    struct store_entry got;
    for (size_t i = 0; i < times * ARRAY_LEN(samples); i++) {
        assert_true(entries_next(&entries, &got));
        assert_entry(&got, &samples[i % ARRAY_LEN(samples)]);
    }
    assert_int_equal(entries.len, 0);
    assert_false(entries_next(&entries, &got));
}

static void gives_back_what_was_put(void **state)
{
    (void)state;
    struct buf entries AUTO(buf_done) = { 0 };
    put_samples(&entries);
    assert_samples(buf_span(&entries), 1);
}

static void is_short(void **state)
{
    (void)state;
    struct buf entries AUTO(buf_done) = { 0 };
    entries_put(&entries, &samples[0]);
    assert_int_equal(entries.len, samples[0].text.len + 2);
}

/* Wherever a sequence ends too early, what is whole is read and no more. */
static void reads_no_further_than_it_goes(void **state)
{
    (void)state;
    struct buf entries AUTO(buf_done) = { 0 };
    put_samples(&entries);
    for (size_t len = 0; len < entries.len; len++) {
        char *cut AUTO(free_ptr) = xmalloc(len + 1); /* so that ASan sees what is read behind */
        memcpy(cut, entries.ptr, len);
        struct span rest = { cut, len };
        struct store_entry got;
        size_t count = 0;
        while (entries_next(&rest, &got))
            assert_entry(&got, &samples[count++]);
        assert_true(count < ARRAY_LEN(samples));
    }
}

static void refuses_what_is_none_of_ours(void **state)
{
    (void)state;
    static const struct span bad[] = {
        OCTETS("\x05\x01x"),                                            /* a kind that is not */
        OCTETS("\x07\x01x"),                                            /* where packing begins */
        OCTETS("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"), /* a number without end */
        OCTETS("\x00\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),             /* a text without end */
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct span in = bad[i];
        struct store_entry got;
        assert_false(entries_next(&in, &got));
        assert_int_equal(in.len, bad[i].len);
    }
}

static void assert_unpacked(struct span packed, size_t times)
{
    struct buf plain AUTO(buf_done) = { 0 };
    buf_append(&plain, SPAN("before"));
    assert_int_equal(entries_unpack(packed, &plain), 0);
    assert_samples(span_slice(buf_span(&plain), 6, plain.len), times);
}

static void packs_what_is_long(void **state)
{
    (void)state;
    struct buf entries AUTO(buf_done) = { 0 }, room AUTO(buf_done) = { 0 };
    assert_null(entries_pack(buf_span(&entries), &room).ptr);
    put_samples(&entries);
    assert_ptr_equal(entries_pack(buf_span(&entries), &room).ptr, entries.ptr);
    assert_unpacked(entries_pack(buf_span(&entries), &room), 1);
    for (int i = 1; i < 1000; i++)
        put_samples(&entries);
    struct span packed = entries_pack(buf_span(&entries), &room);
    assert_true(packed.len < entries.len / 10);
    assert_unpacked(packed, 1000);
    assert_unpacked(entries_pack(buf_span(&entries), &room), 1000); /* the room is used again */
}

static void says_what_is_damaged(void **state)
{
    (void)state;
    static const struct span damaged[] = {
        OCTETS("\x07"),                 /* no size */
        OCTETS("\x07\x05hello"),        /* no zstd */
        OCTETS("\x07\xff\xff\xff\x7f"), /* larger than a piece can be */
    };
    struct buf plain AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(damaged); i++)
        assert_int_equal(entries_unpack(damaged[i], &plain), -EBADMSG);
    assert_int_equal(plain.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_put),
        cmocka_unit_test(is_short),
        cmocka_unit_test(reads_no_further_than_it_goes),
        cmocka_unit_test(refuses_what_is_none_of_ours),
        cmocka_unit_test(packs_what_is_long),
        cmocka_unit_test(says_what_is_damaged),
    };
    return RUN_TESTS(tests);
}

#include "../test.h"

#include "random.h"
#include "store/chunk.h"

#include <errno.h>
#include <string.h>

static char plain[CHUNK_SIZE], unpacked[CHUNK_SIZE];

static enum chunk_codec pack_and_unpack(enum chunk_codec codec, size_t len)
{
    struct buf room AUTO(buf_done) = { 0 };
    struct chunk c = chunk_pack((struct span){ plain, len }, codec, &room);
    memset(unpacked, 'x', sizeof(unpacked));
    assert_int_equal(chunk_unpack(c, unpacked, len), 0);
    assert_memory_equal(unpacked, plain, len);
    return c.codec;
}

static void compresses_what_repeats(void **state)
{
    (void)state;
    memset(plain, 'a', sizeof(plain));
    assert_int_equal(pack_and_unpack(CHUNK_ZSTD, CHUNK_SIZE), CHUNK_ZSTD);
    assert_int_equal(pack_and_unpack(CHUNK_ZSTD, CHUNK_PACKED_MIN), CHUNK_ZSTD);
}

static void leaves_what_does_not_pay(void **state)
{
    (void)state;
    fill_random(plain, sizeof(plain), 1);
    assert_int_equal(pack_and_unpack(CHUNK_ZSTD, CHUNK_SIZE), CHUNK_PLAIN);
    assert_int_equal(pack_and_unpack(CHUNK_ZSTD, CHUNK_PACKED_MIN), CHUNK_PLAIN);
}

static void leaves_small_chunks(void **state)
{
    (void)state;
    memset(plain, 'a', sizeof(plain));
    assert_int_equal(pack_and_unpack(CHUNK_ZSTD, CHUNK_PACKED_MIN - 1), CHUNK_PLAIN);
    assert_int_equal(pack_and_unpack(CHUNK_ZSTD, 0), CHUNK_PLAIN);
}

static void leaves_all_when_told_so(void **state)
{
    (void)state;
    memset(plain, 'a', sizeof(plain));
    assert_int_equal(pack_and_unpack(CHUNK_PLAIN, CHUNK_SIZE), CHUNK_PLAIN);
    assert_int_equal(pack_and_unpack(CHUNK_PLAIN, 1000), CHUNK_PLAIN);
}

static void refuses_what_is_damaged(void **state)
{
    (void)state;
    struct buf room AUTO(buf_done) = { 0 };
    memset(plain, 'a', sizeof(plain));
    struct chunk c = chunk_pack((struct span){ plain, 10000 }, CHUNK_ZSTD, &room);
    assert_int_equal(chunk_unpack(c, unpacked, 9999), -EIO);
    assert_int_equal(chunk_unpack(c, unpacked, 10001), -EIO);
    struct chunk cut = { c.codec, span_slice(c.bytes, 0, c.bytes.len - 1) };
    assert_int_equal(chunk_unpack(cut, unpacked, 10000), -EIO);
    struct chunk strange = { (enum chunk_codec)7, c.bytes };
    assert_int_equal(chunk_unpack(strange, unpacked, 10000), -EIO);
    struct chunk short_one = { CHUNK_PLAIN, SPAN("abc") };
    assert_int_equal(chunk_unpack(short_one, unpacked, 4), -EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compresses_what_repeats), cmocka_unit_test(leaves_what_does_not_pay),
        cmocka_unit_test(leaves_small_chunks),     cmocka_unit_test(leaves_all_when_told_so),
        cmocka_unit_test(refuses_what_is_damaged),
    };
    return RUN_TESTS(tests);
}

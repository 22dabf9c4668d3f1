#include "../test.h"

#include "core/mem.h"
#include "secret/secret.h"

#include <string.h>

static void secrets_are_readable_and_differ(void **state)
{
    char a[SECRET_SIZE], b[SECRET_SIZE];
    (void)state;
    secret_make(a);
    secret_make(b);
    assert_int_equal(strlen(a), SECRET_LEN);
    assert_int_equal(strspn(a, "0123456789abcdefghjkmnpqrstvwxyz"), SECRET_LEN);
    assert_string_not_equal(a, b);
}

/* Each of the 32 characters comes about as often: 32 * 1000 of them stray by 6 deviations at most
 * in one run of a hundred million. */
static void characters_are_evenly_spread(void **state)
{
    enum { COUNT = 32000, MEAN = 1000, STRAY = 190 };
    size_t seen[256] = { 0 };
    char text[COUNT + 1];
    (void)state;
    secret_fill(text, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        seen[(unsigned char)text[i]]++;
    for (const char *c = "0123456789abcdefghjkmnpqrstvwxyz"; *c; c++)
        assert_in_range(seen[(unsigned char)*c], MEAN - STRAY, MEAN + STRAY);
}

static void equal_is_equal(void **state)
{
    (void)state;
    assert_true(secret_equal(SPAN("abc"), SPAN("abc")));
    assert_false(secret_equal(SPAN("abc"), SPAN("abd")));
    assert_false(secret_equal(SPAN("abc"), SPAN("ab")));
    assert_false(secret_equal(SPAN("abc"), SPAN("ABC")));
    assert_true(secret_equal((struct span){ 0 }, SPAN("")));
}

/* FIPS 180-2, B.1. */
static void digests_are_sha_256(void **state)
{
    static const unsigned char start[] = { 0xba, 0x78, 0x16, 0xbf };
    (void)state;
    struct secret_digest d = secret_digest(SPAN("abc"));
    assert_memory_equal(d.bytes, start, sizeof(start));
}

/* RFC 4231 section 4.3. */
static void macs_are_hmac_sha_256(void **state)
{
    static const unsigned char start[] = { 0x5b, 0xdc, 0xc1, 0x46 };
    (void)state;
    struct secret_digest d = secret_mac(SPAN("Jefe"), SPAN("what do ya want for nothing?"));
    assert_memory_equal(d.bytes, start, sizeof(start));
}

/* RFC 2195 section 2, and RFC 2202. */
static void answers_are_those_of_cram_md5(void **state)
{
    static const struct {
        const char *password, *challenge, *answer;
    } cases[] = {
        { "tanstaaftanstaaf", "<1896.697170952@postoffice.reston.mci.net>",
          "b913a602c7eda7a495b4e6e7334d3890" },
        { "Jefe", "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738" },
        { "", "", "74e6f7298a9c2d168935f58c001bad88" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char answer[SECRET_CRAM_SIZE];
        secret_cram_md5(span_of(cases[i].password), span_of(cases[i].challenge), answer);
        assert_string_equal(answer, cases[i].answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_readable_and_differ),
        cmocka_unit_test(characters_are_evenly_spread),
        cmocka_unit_test(equal_is_equal),
        cmocka_unit_test(digests_are_sha_256),
        cmocka_unit_test(macs_are_hmac_sha_256),
        cmocka_unit_test(answers_are_those_of_cram_md5),
    };
    return RUN_TESTS(tests);
}

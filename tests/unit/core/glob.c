#include "../test.h"

#include "core/glob.h"
#include "core/mem.h"

#include <string.h>

static void stars_stand_for_anything(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        { "ann@b.test", "ann@b.test", true },
        { "ann@b.test", "Ann@B.TEST", true },
        { "ann@b.test", "ann@b.tes", false },
        { "ann@b.test", "ann@b.test.", false },
        { "*", "", true },
        { "*", "ann@b.test", true },
        { "", "", true },
        { "", "a", false },
        { "**", "", true },
        { "*@b.test", "ann@b.test", true },
        { "*@b.test", "@b.test", true },
        { "*@b.test", "ann@bb.test", false },
        { "*@b.test", "ann@b.test.evil", false },
        { "ann*", "ann", true },
        { "ann*", "an", false },
        { "ann+*@b.test", "ann+signup@b.test", true },
        { "ann+*@b.test", "ann@b.test", false },
        { "a*b*c", "abc", true },
        { "a*b*c", "a-b-b-c", true },
        { "a*b*c", "a-c-b", false },
        { "ab*ba", "aba", false },
        { "*ab", "aab", true },
        { "*aab*", "aaab", true },
        { "*a*a*a*", "aa", false },
        { "a?b", "a?b", true },
        { "a?b", "axb", false },
        { "[a]", "a", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool matches = glob_matches(span_of(cases[i].pattern), span_of(cases[i].text));
        if (matches != cases[i].matches)
            fail_msg("%s %s", cases[i].pattern, cases[i].text);
    }
}

/* What takes other matchers exponential time. */
static void many_stars_are_no_trouble(void **state)
{
    char pattern[320], text[320];
    (void)state;
    for (size_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = i % 2 ? 'a' : '*';
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = 'b';
    assert_false(glob_matches((struct span){ pattern, sizeof(pattern) },
                              (struct span){ text, sizeof(text) }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stars_stand_for_anything),
        cmocka_unit_test(many_stars_are_no_trouble),
    };
    return RUN_TESTS(tests);
}

#include "../../test.h"

#include "print.h"

#include <string.h>

#define A "[ftcbrpv]" /* the addresses, */
#define O "[sxn]"     /* and what else a free word looks in */

enum { NOW = 1000000 }; /* seconds since 1970 */

/* clang-format off */
static const struct {
    const char *text, *tree;
} good[] = {
    /* words */
    { "reset", A"' reset '|"O"' reset '" },
    { "  Reset\tyour ", "(all "A"' reset '|"O"' reset ' "A"' your '|"O"' your ')" },
    { "\"Reset your\"", A"' reset your '|"O"' reset your '" },
    { "reset-your", A"' reset your '|"O"' reset your '" },
    { "pass*", A"' pass'|"O"' pass'" },
    { "re-pass*", A"' re pass'|"O"' re pass'" },
    { "~ass", A"'ass'|"O"'ass'" },
    { "~\"your pass\"", A"'your pass'|"O"'your pass'" },
    { "12:30", A"' 12 30 '|"O"' 12 30 '" },
    { "Größe", A"' grosse '|"O"' grosse '" },
    { "東京", A"' 東 京 '|"O"' 東 京 '" },
    { "\"say \\\"hi\\\" \\\\\"", A"' say hi '|"O"' say hi '" },
    { "app@shop.test", A"' app@shop.test '|"O"' app shop test '" },
    { "@shop.test", A"' @shop.test '|"O"' shop test '" },
    { "~@sho", A"'@sho'|"O"'sho'" },
    { "a\"b\"", "(all "A"' a '|"O"' a ' "A"' b '|"O"' b ')" },
    { "or and not", "(all "A"' or '|"O"' or ' "A"' and '|"O"' and ' "A"' not '|"O"' not ')" },

    /* logic */
    { "subject:a AND subject:b", "(all [s]' a ' [s]' b ')" },
    { "subject:a OR subject:b subject:c", "(any [s]' a ' (all [s]' b ' [s]' c '))" },
    { "(subject:a OR subject:b) subject:c", "(all (any [s]' a ' [s]' b ') [s]' c ')" },
    { "subject:a OR subject:b OR subject:c", "(any [s]' a ' [s]' b ' [s]' c ')" },
    { "-subject:a !subject:b", "(all (not [s]' a ') (not [s]' b '))" },
    { "-(subject:a subject:b)", "(not (all [s]' a ' [s]' b '))" },
    { "--subject:a", "(not (not [s]' a '))" },
    { "-\"a b\"", "(not "A"' a b '|"O"' a b ')" },
    { "((subject:a))", "[s]' a '" },
    { "(subject:a)(subject:b)", "(all [s]' a ' [s]' b ')" },

    /* fields */
    { "from:Ann", "[f]' ann '" },
    { "from:\"Ann Lee\"", "[f]' ann lee '" },
    { "from:ann@b.test", "[f]' ann@b.test '" },
    { "from:<ann@b.test>", "[f]' ann@b.test '" },
    { "from:ann@*", "[f]' ann@'" },
    { "from:~nn@", "[f]'nn@'" },
    { "FROM:b.test", "[f]' b test '" },
    { "to:a", "[t]' a '" },
    { "cc:a", "[c]' a '" },
    { "bcc:a", "[b]' a '" },
    { "reply-to:a", "[r]' a '" },
    { "addressed:a", "[tcbp]' a '" },
    { "rcpt:a", "[p]' a '" },
    { "envelope-from:a", "[v]' a '" },
    { "subject:\"Reset your password\"", "[s]' reset your password '" },
    { "text:code*", "[x]' code'" },
    { "filename:invoice.pdf", "[n]' invoice pdf '" },
    { "message-id:<1.2@Shop.test>", "[m]' 1.2@shop.test '" },
    { "helo:App.Local", "[l]' app.local '" },
    { "ip:127.0.*", "[a]' 127.0.'" },
    { "session:17", "[z]' 17 '" },
    { "warning:bare-lf", "[w]' bare-lf '" },

    /* header fields */
    { "header:X-Tenant=42", "{x-tenant}' 42 '" },
    { "header:x-tenant", "{x-tenant}''" },
    { "header:X-Tenant=\"a b\"", "{x-tenant}' a b '" },
    { "header:X-Tenant=~a", "{x-tenant}'a'" },
    { "header:X-Tenant=a=b", "{x-tenant}' a b '" },
    { "header:Subject=a", "[s]' a '" },
    { "header:Subject", "{subject}''" },
    { "header:From=ann@b.test", "[f]' ann@b.test '" },
    { "header:Message-ID=<1@b>", "[m]' 1@b '" },

    /* what is not a word */
    { "is:read is:UNREAD is:pinned", "(all read (not read) pinned)" },
    { "has:attachment", "[k]' attachment '" },
    { "has:inline", "[k]' inline '" },
    { "has:html", "[k]' html '" },
    { "-has:warning", "(not [k]' warning ')" },
    { "tag:Important", "tag=Important" },
    { "tag:\"two words\"", "tag=two words" },
    { "inbox:signup-42", "inbox=signup-42" },
    { "larger:500", "larger=500" },
    { "larger:10k smaller:5M smaller:1G", "(all larger=10240 smaller=5242880 smaller=1073741824)" },
    { "after:2026-11-23", "after=1795392000000" },
    { "after:2024-02-29", "after=1709164800000" },
    { "before:1969-12-31", "before=-86400000" },
    { "before:0001-01-01", "before=-62135596800000" },
    { "before:2026-11-23T12:04:31Z", "before=1795435471000" },
    { "before:2026-11-23t12:04:31.25z", "before=1795435471250" },
    { "before:2026-11-23T12:04:31.2509+01:00", "before=1795431871250" },
    { "before:2026-11-23T12:04:31-00:30", "before=1795437271000" },
    { "after:2d", "after=827200000" },
    { "after:10s after:2m after:3h after:1w", "(all after=999990000 after=999880000 "
                                               "after=989200000 after=395200000)" },
};

static const struct {
    const char *text;
    size_t position;
    const char *says;
} bad[] = {
    { "", 0, "expected something to look for" },
    { "   ", 3, "expected something to look for" },
    { "...", 0, "there is no letter or digit" },
    { "a \"--\"", 2, "there is no letter or digit" },
    { "subject:~\"\"", 8, "there is no letter or digit" },
    { "*", 0, "* may only stand at the end" },
    { "ö a*b", 3, "* may only stand at the end" },
    { "*ab", 0, "* may only stand at the end" },
    { "a**", 1, "* may only stand at the end" },
    { "\"ab", 0, "quotation mark is not closed" },
    { "a \"b\\\"", 2, "quotation mark is not closed" },
    { "\"b\\", 0, "quotation mark is not closed" },
    { "(a", 0, "parenthesis is not closed" },
    { "a (b (c)", 2, "parenthesis is not closed" },
    { "a)", 1, "parenthesis closes nothing" },
    { "()", 1, "expected something to look for" },
    { "OR a", 0, "expected something to look for" },
    { "a OR", 4, "expected something to look for" },
    { "a OR OR b", 5, "expected something to look for" },
    { "AND a", 3, "on either side of AND" },
    { "a AND", 5, "on either side of AND" },
    { "a AND OR b", 6, "on either side of AND" },
    { "- a", 1, "expected a term directly behind -" },
    { "a !", 3, "expected a term directly behind !" },
    { "subjct:foo", 0, "there is no \"subjct:\"" },
    { "ä http://x", 2, "there is no \"http:\"" },
    { "subject:", 8, "expected a word, \"a phrase\", word* or ~word behind subject:" },
    { "subject: a", 8, "expected a word" },
    { "from:(a b)", 5, "expected a word" },
    { "subject:~", 9, "expected a word" },
    { "header:", 7, "expected the name of a header field" },
    { "header:=a", 7, "expected the name of a header field" },
    { "header:\"a\"", 7, "expected the name of a header field" },
    { "header:ä=a", 7, "expected the name of a header field" },
    { "header:a:b", 7, "expected the name of a header field" },
    { "header:X=", 9, "expected a word" },
    { "header:X=-", 9, "there is no letter or digit" },
    { "is:", 3, "expected read, unread or pinned behind is:" },
    { "is:new", 3, "expected read, unread or pinned behind is:" },
    { "has:~html", 4, "expected attachment, inline, html or warning behind has:, without" },
    { "larger:big", 7, "expected a size such as 500, 10k or 5M behind larger:" },
    { "larger:10kb", 7, "expected a size" },
    { "larger:", 7, "expected a size" },
    { "larger:-1", 7, "expected a size" },
    { "larger:9223372036854775808", 7, "expected a size" },
    { "larger:9007199254740992k", 7, "expected a size" },
    { "after:yesterday", 6, "expected a date such as 2026-11-23" },
    { "after:2026-02-29", 6, "expected a date" },
    { "after:2026-13-01", 6, "expected a date" },
    { "after:2026-11-23T12:04Z", 6, "expected a date" },
    { "after:2026-11-23T25:00:00Z", 6, "expected a date" },
    { "after:2026-11-23T12:04:31", 6, "expected a date" },
    { "after:2026-11-23T12:04:31.Z", 6, "expected a date" },
    { "after:2026-11-23T12:04:31Z1", 6, "expected a date" },
    { "after:2y", 6, "expected a date" },
    { "after:d", 6, "expected a date" },
    { "after:99999999999999999w", 6, "expected a date" },
    { "tag:", 4, "expected a name behind tag:" },
    { "tag:a*", 4, "expected a name behind tag:, without ~ or *" },
};
/* clang-format on */

static const struct store_query *parse(const char *text, struct arena *arena,
                                       struct store_query_fault *fault)
{
    *fault = (struct store_query_fault){ 0 };
    return store_query_parse(span_of(text), NOW * (int64_t)1000, arena, fault);
}

static void good_queries_become_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct buf tree AUTO(buf_done) = { 0 };
        struct store_query_fault fault;
        const struct store_query *query = parse(good[i].text, &arena, &fault);
        if (!query)
            fail_msg("%s: %s at %zu", good[i].text, fault.detail, fault.position);
        print_query(&tree, query);
        if (strcmp(buf_text(&tree), good[i].tree) != 0)
            fail_msg("%s:\n is %s\nnot %s", good[i].text, buf_text(&tree), good[i].tree);
    }
}

static void bad_queries_say_where_and_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_query_fault fault;
        if (parse(bad[i].text, &arena, &fault))
            fail_msg("%s is taken for a query", bad[i].text);
        if (fault.position != bad[i].position || !strstr(fault.detail, bad[i].says))
            fail_msg("%s: \"%s\" at %zu, not \"%s\" at %zu", bad[i].text, fault.detail,
                     fault.position, bad[i].says, bad[i].position);
    }
}

static void repeat(struct buf *out, const char *piece, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_append(out, span_of(piece));
}

/* Each of the texts is at its limit; with one piece more it is beyond. */
static void queries_are_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *piece;
        size_t count;
        const char *rest, *says;
    } limits[] = {
        { "x", STORE_QUERY_MAX_OCTETS, "", "may have 2048 octets" },
        { "a ", QUERY_MAX_TERMS, "", "may have 64 terms" },
        { "(", QUERY_MAX_DEPTH - 1, "a", "may be nested 12 times" },
        { "-", QUERY_MAX_DEPTH - 1, "a", "may be nested 12 times" },
    };
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        for (size_t more = 0; more < 2; more++) {
            struct arena arena AUTO(arena_done) = { 0 };
            struct buf text AUTO(buf_done) = { 0 };
            struct store_query_fault fault = { 0 };
            repeat(&text, limits[i].piece, limits[i].count + more);
            repeat(&text, limits[i].rest, 1);
            repeat(&text, ")", *limits[i].piece == '(' ? limits[i].count + more : 0);
            assert_int_equal(!parse(buf_text(&text), &arena, &fault), more);
            assert_true(!more || strstr(fault.detail, limits[i].says));
        }
}

static void terms_are_told_as_they_were_written(void **state)
{
    static const struct {
        const char *text, *terms; /* with | between them */
    } cases[] = {
        { "reset", "reset" },
        { " subject:\"Reset your\"  -from:ann ", "subject:\"Reset your\"|-from:ann" },
        { "a AND (b OR c)", "a|(b OR c)" },
        { " a OR b ", "a OR b" },
        { "(a b)", "a|b" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct buf found AUTO(buf_done) = { 0 };
        struct store_query_fault fault;
        struct store_query_term *terms;
        const struct store_query *q =
            store_query_parse(span_of(cases[i].text), NOW * INT64_C(1000), &arena, &fault);
        size_t count = store_query_terms(q, &arena, &terms);
        for (size_t n = 0; n < count; n++) {
            buf_printf(&found, "%s%s", n ? "|" : "", terms[n].text);
            assert_null(terms[n].query->root->next);
        }
        assert_string_equal(buf_text(&found), cases[i].terms);
    }
}

static void knows_what_can_change(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_lasting;
    } cases[] = {
        { "subject:a larger:1k after:2d -warning:x (b OR inbox:c)", true },
        { "is:read", false },
        { "is:unread", false },
        { "is:pinned", false },
        { "tag:a", false },
        { "a -(b OR tag:c)", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_query_fault fault;
        const struct store_query *q = store_query_parse(span_of(cases[i].text), 0, &arena, &fault);
        assert_non_null(q);
        assert_int_equal(store_query_is_lasting(q), cases[i].is_lasting);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_queries_become_trees),
        cmocka_unit_test(bad_queries_say_where_and_why),
        cmocka_unit_test(queries_are_bounded),
        cmocka_unit_test(terms_are_told_as_they_were_written),
        cmocka_unit_test(knows_what_can_change),
    };
    return RUN_TESTS(tests);
}

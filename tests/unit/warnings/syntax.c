#include "../test.h"

#include "core/mem.h"
#include "warnings/syntax.h"

#include <string.h>

/* ---- dates ---- */

static const struct {
    const char *value;
    const char *says; /* NULL: it is a date */
} dates[] = {
    { "Thu, 26 Nov 2026 08:30:27 +0000", NULL },
    { "thu, 26 nov 2026 08:30:27 -0330", NULL },
    { "26 Nov 2026 08:30 +0000", NULL },
    { "1 Jan 2026 00:00:00 +0000", NULL },
    { "Thu, 26 Nov 2026 08:30:27 +0000 (UTC)", NULL },
    { "Thu, 26 Nov 2026 08:30:27 GMT", NULL },
    { "Wed, 31 Dec 2008 23:59:60 +0000", NULL },
    { "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n"
      "               -0330 (Newfoundland Time)",
      NULL },
    { "Tue, 29 Feb 2028 12:00:00 +0000", NULL },
    { "Sat, 29 Feb 2020 12:00:00 +0000", NULL },
    { "Mon, 1 Mar 1900 12:00:00 +0000", "another day" },
    { "Thu, 1 Mar 1900 12:00:00 +0000", NULL },
    { "Tue, 29 Feb 2000 12:00:00 +0000", NULL },

    { "", "no date" },
    { "soon", "no date" },
    { "1764000000", "no date" },
    { "2026-11-26T08:30:27Z", "no date" },
    { "11/26/2026", "no date" },
    { "Thu Nov 26 08:30:27 2026", "no date" },
    { "Thursday, 26 Nov 2026 08:30:27 +0000", "no date" },
    { "Thu, 26 November 2026 08:30:27 +0000", "no date" },
    { "Thu 26 Nov 2026 08:30:27 +0000", "no date" },
    { "Thu, 26Nov2026 08:30:27 +0000", "no date" },
    { "Thu, 26 Nov 26 08:30:27 +0000", "no date" },
    { "Thu, 126 Nov 2026 08:30:27 +0000", "no date" },
    { "Thu, 26 Nov 2026 8:30:27 +0000", "no date" },
    { "Thu, 26 Nov 2026 08:30:27 AM +0000", "no date" },
    { "Thu, 26 Nov 2026 08:30:27", "no date" },
    { "Thu, 26 Nov 2026 08:30:27 +00:00", "no date" },
    { "Thu, 26 Nov 2026 08:30:27 +0060", "no date" },
    { "Thu, 26 Nov 2026 08:30:27 CET", "no date" },
    { "Thu, 26 Nov 2026 08:30:27 +0000 x", "no date" },
    { "Thu, 26 Nov 2026 08:30:27 +0000 (UTC", "no date" },

    { "Tue, 31 Nov 2026 08:30:27 +0000", "on a day" },
    { "0 Nov 2026 08:30:27 +0000", "on a day" },
    { "29 Feb 2100 08:30:27 +0000", "on a day" },
    { "1 Jan 1899 08:30:27 +0000", "on a day" },
    { "26 Nov 2026 24:00:00 +0000", "at a time" },
    { "26 Nov 2026 08:60:00 +0000", "at a time" },
    { "26 Nov 2026 08:00:61 +0000", "at a time" },
    { "Wed, 26 Nov 2026 08:30:27 +0000", "another day" },
};

static void dates_by_the_letter(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
        const char *fault = syntax_date(span_of(dates[i].value));
        if (!fault != !dates[i].says || (fault && !strstr(fault, dates[i].says)))
            fail_msg("\"%s\": %s", dates[i].value, fault ? fault : "is one");
    }
}

/* ---- addresses ---- */

static const struct {
    const char *value;
    const char *entry; /* NULL: all is well */
    const char *rest;
} lists[] = {
    { "a@b.test", NULL, NULL },
    { "<a@b.test>", NULL, NULL },
    { "Ann <a@b.test>, \"Smith, John\" <c@d.test>,\r\n e@f.test", NULL, NULL },
    { "John Q. Public <j@b.test>", NULL, NULL },
    { "=?utf-8?q?J=C3=B6rg?= <j@b.test>", NULL, NULL },
    { "J\xC3\xB6rg <j\xC3\xB6@b.test>", NULL, NULL },
    { "a@b.test (Ann (the first) \\) )", NULL, NULL },
    { "\"a b\\\"c\"@d.test", NULL, NULL },
    { "a@[192.0.2.1], b@[IPv6:2001:db8::1]", NULL, NULL },
    { "a@localhost", NULL, NULL },
    /* RFC 5322, appendix A.1.3 and A.5 */
    { "A Group:Ed Jones <joe@where.test>,John <jdoe@one.test>;", NULL, NULL },
    { "Undisclosed recipients:;", NULL, NULL },
    { "(Empty list)(start)Undisclosed recipients  :(nobody(that I know))  ;", NULL, NULL },
    { "Pete(A wonderful \\) chap) <pete(his account)@silly.test(his host)>", NULL, NULL },
    { "Chris Jones <c@(Chris's host.)public.example>,\r\n joe@example.org", NULL, NULL },

    { "", "", "" },
    { "a@b.test,", "", "" },
    { ", a@b.test", "", "" },
    { "a@b.test,,c@d.test", "", "" },
    { "nobody", "nobody", "" },
    { "a@", "a@", "" },
    { "Smith, John <a@b.test>", "Smith", "" },
    { "<a@b.test", "<a@b.test", "" },
    { "a@b.test, mailto:c@d.test", "mailto:c@d.test", "" },
    { "Group: a@b.test, c@d.test", "Group: a@b.test, c@d.test", "" },
    { "@b.test", "@b.test", "@b.test" },
    { ".a@b.test, c@d.test", ".a@b.test", ".a@b.test" },
    { "<>", "<>", ">" },
    { "a@b.test>", "a@b.test>", ">" },
    { "a@b@c.test", "a@b@c.test", "@c.test" },
    { "a@b..test", "a@b..test", ".test" },
    { "a..b@c.test", "a..b@c.test", ".b@c.test" },
    { "a@b.test ; c@d.test", "a@b.test ; c@d.test", "; c@d.test" },
    { "a@b.test c@d.test \t, x@y.test", "a@b.test c@d.test", "c@d.test" },
    { "a@b.test <a@b.test>", "a@b.test <a@b.test>", "<a@b.test>" },
    { "Ann a@b.test", "Ann a@b.test", "@b.test" },
    { "<a@b.test> Ann", "<a@b.test> Ann", "Ann" },
    { "\"Ann <a@b.test>", "\"Ann <a@b.test>", "\"Ann <a@b.test>" },
    { "a@b.test (Ann", "a@b.test (Ann", "(Ann" },
    { "a@[b", "a@[b", "" },
    { "<@x.test:a@b.test>", "<@x.test:a@b.test>", "@x.test:a@b.test>" },
};

static void lists_by_the_letter(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct syntax_fault fault = { 0 };
        bool is_good = syntax_is_list(span_of(lists[i].value), &fault);
        if (is_good != !lists[i].entry)
            fail_msg("\"%s\": %s", lists[i].value, is_good ? "is one" : "is none");
        if (!is_good && (!span_eq(fault.entry, span_of(lists[i].entry)) ||
                         !span_eq(fault.rest, span_of(lists[i].rest))))
            fail_msg("\"%s\": \"%.*s\" at \"%.*s\"", lists[i].value, SPAN_ARG(fault.entry),
                     SPAN_ARG(fault.rest));
    }
}

/* ---- identifiers ---- */

static const struct {
    const char *value;
    size_t most;
    bool are;
} ids[] = {
    { "<1@b.test>", 1, true },
    { " <1.a@b> (x)", 1, true },
    { "<1@[192.0.2.1]>", 1, true },
    { "<1@b.test>\r\n <2@b.test> <3@b.test>", SIZE_MAX, true },
    { "<1@b.test> <2@b.test>", 1, false },
    { "", 1, false },
    { "17", 1, false },
    { "1@b.test", 1, false },
    { "<17>", 1, false },
    { "<@b.test>", 1, false },
    { "<1@>", 1, false },
    { "<1@b@c>", 1, false },
    { "<1 2@b>", 1, false },
    { "<<1@b>>", 1, false },
    { "<1@b.test>, <2@b.test>", SIZE_MAX, false },
};

static void ids_by_the_letter(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        if (syntax_are_ids(span_of(ids[i].value), ids[i].most) != ids[i].are)
            fail_msg("\"%s\"", ids[i].value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_by_the_letter),
        cmocka_unit_test(lists_by_the_letter),
        cmocka_unit_test(ids_by_the_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

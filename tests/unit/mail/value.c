#include "mail_test.h"

#include "mail/value.h"

#include <string.h>
#include <sys/resource.h>

static void values_are_made_flat(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *flat;
    } cases[] = {
        { "", "" },
        { "plain", "plain" },
        { "a\r\n b\n\tc", "a b c" },
        { "a\r\n\r\n b", "a b" },
        { "bare\rCR", "bare CR" },
        { "a\r", "a " },
        { "\x01\x1F\x7F\xE4", "   \xE4" },
        /* encoded words: names of charsets become canonical, or "x" */
        { "=?utf-8?q?a?=", "=?UTF-8?q?a?=" },
        { "=?UTF8?B?YQ==?= =?Latin1?Q?b?=", "=?UTF-8?B?YQ==?= =?WINDOWS-1252?Q?b?=" },
        { "=?no-such?q?a?=", "=?x?q?a?=" },
        { "=?utf-8*en?q?a?=", "=?UTF-8?q?a?=" },
        { "=??q?a?=", "=?x?q?a?=" },
        { "=?a b c?q?d?=", "=?x?q?d?=" },
        { "x=?sjis?q?a?=", "x=?CP932?q?a?=" },
        { "=?=?u-t-f-8?q?a?=", "=?=?UTF-8?q?a?=" },
        /* and what only looks like one */
        { "=?utf8?x?a?=", "=?utf8?x?a?=" },
        { "=?utf8?q", "=?utf8?q" },
        { "=?utf8", "=?utf8" },
        { "is 1 =? 2", "is 1 =? 2" },
        { "=", "=" },
        { "a=b=?", "a=b=?" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *flat AUTO(free_ptr) = value_flat(span_of(cases[i].raw));
        assert_string_equal(flat, cases[i].flat);
    }
}

static void parameters_name_known_charsets(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *flat;
    } cases[] = {
        { "", "" },
        { "a/b; c=d", "a/b; c=d" },
        { "a; n*=utf8'en'b", "a; n*=UTF-8'en'b" },
        { "a; n*=no-such''b", "a; n*=x''b" },
        { "a; n*0*=\"no;such''b\"; n*1=it's", "a; n*0*=\"x''b\"; n*1=it's" },
        { "a; n * = no-such''b", "a; n * = x''b" },
        { "a; n*=b; c='d'", "a; n*=b; c='d'" },
        { "a; n*=\"b\"; c='d'", "a; n*=\"b\"; c='d'" },
        { "a; n*=''b", "a; n*=''b" },
        { "a; n=no-such''b", "a; n=no-such''b" },
        { "a; n*=", "a; n*=" },
        { "=", "=" },
        { "*=a''==b''", "*=x''==b''" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *flat AUTO(free_ptr) = value_parameters(span_of(cases[i].raw));
        assert_string_equal(flat, cases[i].flat);
    }
}

/* Address sanitizer keeps what was freed, and it would be counted. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1";
}

static long peak_kb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void read_with_charset(int number)
{
    struct arena arena AUTO(arena_done) = { 0 };
    const char *text = arena_printf(&arena,
                                    "Subject: =?a%d?q?=80?= =?b%d*en?b?gA==?=\n"
                                    "From: =?c%d?q?=80?= <a@b>\n"
                                    "To: =?d%d?q?=80?= <a@b>, \"=?e%d?q?=80?=\" <a@b>\n"
                                    "Content-Type: text/plain; charset=f%d; name*=g%d''%%80;\n"
                                    "  x=\"=?h%d?q?=80?=\"; y*0*=\"i%d''%%80\"\n"
                                    "Content-Disposition: inline; filename * = j%d'en'%%80\n\n\x80",
                                    number, number, number, number, number, number, number, number,
                                    number, number);
    struct span span = span_of(text);
    struct source raw = source_of_span(&span);
    struct mail_header *headers;
    struct mail m;
    mail_read(&raw, &arena, &m);
    mail_headers(&raw, &arena, &headers);
    assert_string_equal(m.subject, "\xE2\x82\xAC\xE2\x82\xAC");
    assert_string_equal(m.preview, "\xE2\x82\xAC");
}

/* GMime remembers every name it is asked for, about a hundred octets each. */
static void unknown_charsets_leave_nothing_behind(void **state)
{
    (void)state;
    read_with_charset(0);
    long before = peak_kb();
    for (int i = 1; i < 20000; i++)
        read_with_charset(i);
    assert_in_range(peak_kb() - before, 0, 4 * 1024);
}

static void many_addresses_keep_their_order(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_addresses list = { 0 };
    for (int i = 0; i < 100; i++)
        value_addresses(&arena, span_of(arena_printf(&arena, "a%d@b, \"c\" <c%d@d>", i, i)), &list);
    assert_int_equal(list.count, 200);
    for (size_t i = 0; i < 100; i++) {
        assert_string_equal(list.items[2 * i].name, "");
        assert_string_equal(list.items[2 * i].address, arena_printf(&arena, "a%zu@b", i));
        assert_string_equal(list.items[2 * i + 1].name, "c");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_made_flat),
        cmocka_unit_test(parameters_name_known_charsets),
        cmocka_unit_test(unknown_charsets_leave_nothing_behind),
        cmocka_unit_test(many_addresses_keep_their_order),
    };
    return RUN_MAIL_TESTS(tests);
}

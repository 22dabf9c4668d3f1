#include "../../test.h"

#include "smtp/proto/address.h"

#include "core/buf.h"
#include "core/mem.h"

#include <string.h>

static void takes_a_path_off_the_front(void **state)
{
    (void)state;
    static const struct {
        const char *in, *path, *rest; /* path NULL: there is none */
    } cases[] = {
        { "<a@b> SIZE=1", "a@b", " SIZE=1" },
        { "<>", "", "" },
        { "<a@b>>", "a@b", ">" },
        { "<\">\"@b>x", "\">\"@b", "x" },
        { "<\"\\\">\"@b>", "\"\\\">\"@b", "" },
        { "<\\>@b>", "\\>@b", "" },
        { "<<a@b>>", "<a@b", ">" },
        { "", NULL, NULL },
        { "a@b", NULL, NULL },
        { " <a@b>", NULL, NULL },
        { "<a@b", NULL, NULL },
        { "<\"a@b>", NULL, NULL },
        { "<a@b\\>", NULL, NULL },
        { "<\\", NULL, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct span in = span_of(cases[i].in);
        struct span path = SPAN("untouched");
        assert_int_equal(smtp_path_take(&in, &path), cases[i].path != NULL);
        assert_span(path, cases[i].path ? cases[i].path : "untouched");
        assert_span(in, cases[i].path ? cases[i].rest : cases[i].in);
    }
}

#define LABEL_OF_50 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
#define LABELS_OF_250 LABEL_OF_50 LABEL_OF_50 LABEL_OF_50 LABEL_OF_50 LABEL_OF_50

static void parses_what_the_grammar_allows(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text; /* text NULL: the same as path */
    } cases[] = {
        { "a@b", NULL },
        { "a.b-c_d@e-f.test", NULL },
        { "!#$%&'*+-/=?^_`{|}~@b.test", NULL },
        { "a@1.2", NULL },
        { "a@my_host", NULL },
        { "\"\"@b", NULL },
        { "\"a b\"@b", NULL },
        { "\"a@b\"@b", NULL },
        { "\"a\\\"\\\\\\ \"@b", NULL },
        { "\"..\"@b", NULL },
        { "a@[127.0.0.1]", NULL },
        { "a@[0.0.0.255]", NULL },
        { "a@[IPv6:::]", NULL },
        { "a@[IPv6:::1]", NULL },
        { "a@[IPv6:1::]", NULL },
        { "a@[IPv6:2001:DB8::1:2]", NULL },
        { "a@[ipv6:1:2:3:4:5:6:7:8]", NULL },
        { "a@[IPv6:1:2:3:4:5:6:7::]", NULL },
        { "a@[IPv6:1:2:3:4:5:6:192.0.2.1]", NULL },
        { "a@[IPv6:::ffff:192.0.2.1]", NULL },
        { "a@[X-new:any!thing]", NULL },
        { "@c.test:a@b", "a@b" },
        { "@c.test,@d.test:a@b", "a@b" },
        { "@c:\"x:y\"@b", "\"x:y\"@b" },
        { "j\xC3\xBCrgen@b", NULL },
        { "\"j\xC3\xBCrgen x\"@b", NULL },
        { "a@m\xC3\xBCller.test", NULL },
        { "a@\xE4\xBE\x8B\xE5\xAD\x90.test", NULL },
        { "\xC2\xA0@b", NULL },
        { "a@" LABELS_OF_250 "aaaaa", NULL },
        { LABELS_OF_250 "aaaaa@b", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct smtp_mailbox mailbox;
        const char *fault = smtp_mailbox_parse(span_of(cases[i].path), &mailbox);
        if (fault)
            fail_msg("%s: %s", cases[i].path, fault);
        assert_span(mailbox.text, cases[i].text ? cases[i].text : cases[i].path);
    }
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const char no_domain[] = "The domain is missing";
    static const char bad_local[] = "Bad character in the local part";
    static const char bad_dot[] = "A dot in the local part needs text on both sides";
    static const char bad_quoted[] = "Bad character in the quoted local part";
    static const char bad_domain[] = "Bad character in the domain";
    static const char bad_label[] = "The domain has an empty label";
    static const char bad_hyphen[] = "A label of the domain begins or ends with a hyphen";
    static const char bad_route[] = "Bad source route";
    static const char bad_ipv4[] = "Bad IPv4 address literal";
    static const char bad_ipv6[] = "Bad IPv6 address literal";
    static const char bad_literal[] = "Bad address literal";
    static const struct {
        const char *path, *fault;
    } cases[] = {
        { "", "The address is empty" },
        { "a", no_domain },
        { "a@", no_domain },
        { "\"a\"", no_domain },
        { "@", bad_route },
        { "@b", bad_route },
        { "@b:", bad_dot },
        { "@b,c:a@d", bad_route },
        { "@b,:a@d", bad_route },
        { "@-b:a@d", bad_route },
        { "@b:@c:a@d", "The local part is empty" },
        { ".a@b", bad_dot },
        { "a.@b", bad_dot },
        { "a..b@c", bad_dot },
        { "a.", bad_dot },
        { "a b@c", bad_local },
        { "a,b@c", bad_local },
        { "a(b)@c", bad_local },
        { "<a@c", bad_local },
        { "a\\b@c", bad_local },
        { "a\"b\"@c", bad_local },
        { "\"a\"b@c", bad_local },
        { "a\x01@b", bad_local },
        { "a\r@b", bad_local },
        { "a\n@b", bad_local },
        { "a\x7F@b", bad_local },
        { "\xFC@b", bad_local },         /* Latin-1 */
        { "\xC0\xAF@b", bad_local },     /* overlong */
        { "\xED\xA0\x80@b", bad_local }, /* a surrogate */
        { "\xC2\x85@b", bad_local },     /* a control character */
        { "\"a", "The quoted local part has no end" },
        { "\"a\\", "The quoted local part has no end" },
        { "\"a\n\"@b", bad_quoted },
        { "\"a\\\n\"@b", bad_quoted },
        { "\"a\\\xC3\xBC\"@b", bad_quoted },
        { "\"\xC2\x85\"@b", bad_quoted },
        { "a@b.", bad_label },
        { "a@.b", bad_label },
        { "a@b..c", bad_label },
        { "a@-b", bad_hyphen },
        { "a@b-.c", bad_hyphen },
        { "a@b c", bad_domain },
        { "a@b@c", bad_domain },
        { "a@!", bad_domain },
        { "a@b\xC2\x85", bad_domain },
        { "a@b\xFC", bad_domain },
        { "a@[127.0.0.1]x", bad_domain },
        { "a@[127.0.0.1", "The address literal has no ]" },
        { "a@[]", bad_ipv4 },
        { "a@[1.2.3]", bad_ipv4 },
        { "a@[1.2.3.]", bad_ipv4 },
        { "a@[1.2.3.4.]", bad_ipv4 },
        { "a@[1.2.3.4.5]", bad_ipv4 },
        { "a@[1.2.3.256]", bad_ipv4 },
        { "a@[1.2.3.0004]", bad_ipv4 },
        { "a@[1.2..4]", bad_ipv4 },
        { "a@[b.test]", bad_ipv4 },
        { "a@[IPv6:]", bad_ipv6 },
        { "a@[IPv6::]", bad_ipv6 },
        { "a@[IPv6:1]", bad_ipv6 },
        { "a@[IPv6:1:]", bad_ipv6 },
        { "a@[IPv6:1::2:]", bad_ipv6 },
        { "a@[IPv6:1:2:3:4:5:6:7:8:]", bad_ipv6 },
        { "a@[IPv6:1:2:3:4:5:6:7]", bad_ipv6 },
        { "a@[IPv6:1:2:3:4:5:6:7:8:9]", bad_ipv6 },
        { "a@[IPv6:1:2:3:4:5:6:7:8::]", bad_ipv6 },
        { "a@[IPv6:1::2::3]", bad_ipv6 },
        { "a@[IPv6::::]", bad_ipv6 },
        { "a@[IPv6:12345::]", bad_ipv6 },
        { "a@[IPv6:g::]", bad_ipv6 },
        { "a@[IPv6:::1.2.3]", bad_ipv6 },
        { "a@[IPv6:1.2.3.4]", bad_ipv6 },
        { "a@[IPv6:1:2:3:4:5:6:7:1.2.3.4]", bad_ipv6 },
        { "a@[IPv6:1.2.3.4::]", bad_ipv6 },
        { "a@[:x]", bad_literal },
        { "a@[tag-:x]", bad_literal },
        { "a@[t_g:x]", bad_literal },
        { "a@[tag:]", bad_literal },
        { "a@[tag:a b]", bad_literal },
        { "a@[tag:a[b]", bad_literal },
        { "a@[tag:a\\b]", bad_literal },
        { "a@[tag:\x7F]", bad_literal },
        { "a@" LABELS_OF_250 "aaaaaa", "The domain is longer than 255 octets" },
        { LABELS_OF_250 "aaaaaa@b", "The local part is longer than 255 octets" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct smtp_mailbox mailbox = { .text = SPAN("untouched") };
        const char *fault = smtp_mailbox_parse(span_of(cases[i].path), &mailbox);
        if (!fault || strcmp(fault, cases[i].fault) != 0)
            fail_msg("%s: %s", cases[i].path, fault ? fault : "accepted");
        assert_span(mailbox.text, "untouched");
    }
}

static void names_the_parts(void **state)
{
    (void)state;
    struct smtp_mailbox mailbox;
    assert_null(smtp_mailbox_parse(SPAN("@c:\"a b\"@d.test"), &mailbox));
    assert_span(mailbox.local_part, "\"a b\"");
    assert_true(mailbox.is_ascii);
    assert_null(smtp_mailbox_parse(SPAN("a@m\xC3\xBCller.test"), &mailbox));
    assert_false(mailbox.is_ascii);
}

/* Security: whatever an address is, it has no octet that could end a line or a string elsewhere. */
static void no_control_octet_passes_anywhere(void **state)
{
    (void)state;
    static const char *const paths[] = { "ab@cd",        "\"ab\"@cd", "\"a\\b\"@cd",
                                         "ab@[1.2.3.4]", "ab@[x:yz]", "ab@[IPv6:::1]",
                                         "@ef:ab@cd" };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        for (size_t at = 0; at <= strlen(paths[i]); at++)
            for (int c = 0; c <= 0x7F; c = c == 0x1F ? 0x7F : c + 1) {
                struct buf path AUTO(buf_done) = { 0 };
                struct smtp_mailbox mailbox;
                buf_append(&path, span_slice(span_of(paths[i]), 0, at));
                buf_putc(&path, (char)c);
                buf_append(&path, span_of(paths[i] + at));
                assert_non_null(smtp_mailbox_parse(buf_span(&path), &mailbox));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_path_off_the_front),
        cmocka_unit_test(parses_what_the_grammar_allows),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(names_the_parts),
        cmocka_unit_test(no_control_octet_passes_anywhere),
    };
    return RUN_TESTS(tests);
}

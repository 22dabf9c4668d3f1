#include "../test.h"

#include "core/mem.h"
#include "mail/html.h"

#include <string.h>

static void convert(struct span html, size_t step, struct buf *out)
{
    struct html h = { 0 };
    while (html.len) {
        html_push(&h, span_slice(html, 0, step), out);
        html = span_slice(html, step, html.len);
    }
    html_end(&h, out);
}

static const struct {
    const char *html, *text;
} cases[] = {
    { "", "" },
    { "plain", "plain" },
    { "  two \r\n\t words  ", "two words " },
    { "<b>a</b>b", "ab" },
    { "<p>a<p>b</p>c", "a\nb\nc" },
    { "<P CLASS=x>a<BR/>b<br>c", "a\nb\nc" },
    { "<td>a</td><td>b</td>", "a b " },
    { "<ul><li>a<li>b</ul>", "a\nb\n" },
    { "<div><div><p>a", "a" },
    { "<pre>a</pre>b", "a\nb" },
    { "<prefix>a</prefix>b", "ab" },
    /* attributes */
    { "<a title='>' href=\">\">x</a>", "x" },
    { "<a title=\"'>\">x", "x" },
    { "<a title=a\" b>x", "x" },
    { "<a b = '>' c>x", "x" },
    { "<a b=>x", "x" },
    { "<a b==\">\">x", "\">x" },
    { "<averylongnameofanelementthatisnone x>y", "y" },
    /* what is no tag */
    { "1 < 2 > 0", "1 < 2 > 0" },
    { "a<3", "a<3" },
    { "<", "<" },
    { "a<b", "a" },
    { "</>x", "x" },
    /* comments and declarations */
    { "<!DOCTYPE html>x", "x" },
    { "a<!-- b -->c", "ac" },
    { "a<!-- > -- > --->b", "ab" },
    { "a<!-->b", "ab" },
    { "a<!--->b", "ab" },
    { "a<!---->b", "ab" },
    { "a<!- b>c", "ac" },
    { "a<!>b", "ab" },
    { "a<!-- b", "a" },
    { "a<?php b ?>c", "ac" },
    { "<!--[if mso]><p>a</p><![endif]-->b", "b" },
    { "<!--[if !mso]><!--><p>a</p><!--<![endif]-->b", "a\nb" },
    /* content that is hidden */
    { "<style>a</style>b", "b" },
    { "<STYLE type=x>a > b</Style >c", "c" },
    { "<script>if (a < b) '</p>' </scriptx> </script>c", "c" },
    { "<script><!-- </script>c", "c" },
    { "<title>a &amp; b</title>c", "c" },
    { "<style>a<</style>b", "b" },
    { "<style>a", "" },
    { "</style>a", "a" },
    /* character references */
    { "&lt;p&gt; &amp; &quot;&apos;", "<p> & \"&apos;" },
    { "&auml;&Auml;&euro;&zwnj;&thetasym;", "\xC3\xA4\xC3\x84\xE2\x82\xAC\xE2\x80\x8C\xCF\x91" },
    { "&#228;&#xE4;&#XE4;&#128512;", "\xC3\xA4\xC3\xA4\xC3\xA4\xF0\x9F\x98\x80" },
    { "&#150;&#x80;", "\xE2\x80\x93\xE2\x82\xAC" },
    { "&#0;&#xD800;&#x110000;", "&#0;\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "&#99999999999999999999;", "&#99999999999999999999;" },
    { "&copy 1, &copy1, &nosuch; &; & &#; &#x; &am",
      "\xC2\xA9 1, &copy1, &nosuch; &; & &#; &#x; &am" },
    { "AT&T &amp", "AT&T &" },
    { "a&nbsp;&nbsp; b", "a b" },
    { "&lt", "<" },
    { "&amp;lt;", "&lt;" },
    { "&lt<b>&gt", "<>" },
    { "&averylongnameofareference;", "&averylongnameofareference;" },
    { "\xC3\xA4 \xF0\x9F\x98\x80", "\xC3\xA4 \xF0\x9F\x98\x80" },
};

/* Wherever the HTML is cut. */
static void shows_what_a_reader_sees(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step <= strlen(cases[i].html) + 1; step++) {
            struct buf out AUTO(buf_done) = { 0 };
            convert(span_of(cases[i].html), step, &out);
            assert_string_equal(buf_text(&out), cases[i].text);
        }
}

static void knows_the_entities_of_html_4(void **state)
{
    (void)state;
    assert_int_equal(html_entity(SPAN("AElig")), 0xC6);
    assert_int_equal(html_entity(SPAN("zwnj")), 0x200C);
    assert_int_equal(html_entity(SPAN("nbsp")), 0xA0);
    assert_int_equal(html_entity(SPAN("thetasym")), 0x3D1);
    assert_int_equal(html_entity(SPAN("sup")), 0x2283);
    assert_int_equal(html_entity(SPAN("sup1")), 0xB9);
    assert_int_equal(html_entity(SPAN("su")), 0);
    assert_int_equal(html_entity(SPAN("thetasymx")), 0);
    assert_int_equal(html_entity(SPAN("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_a_reader_sees),
        cmocka_unit_test(knows_the_entities_of_html_4),
    };
    return RUN_TESTS(tests);
}

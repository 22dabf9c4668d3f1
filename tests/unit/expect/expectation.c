#include "../test.h"

#include "core/buf.h"
#include "expect/expectation.h"

#include <string.h>

/* ---- one message for all tests ---- */

static struct mail_address from[] = { { "App", "app@shop.test" } };
static struct mail_address to[] = { { "Ann", "Ann@b.test" }, { "", "bob@b.test" } };
static struct mail_part parts[] = {
    { .number = "0", .content_type = "multipart/mixed" },
    { .number = "1", .content_type = "text/plain", .depth = 1 },
    { .number = "2",
      .content_type = "application/pdf",
      .filename = "a.pdf",
      .size = 900,
      .is_attachment = true,
      .depth = 1 },
    { .number = "3",
      .content_type = "image/png",
      .content_id = "logo@x",
      .size = 70,
      .is_attachment = true,
      .depth = 1 },
};
static struct store_recipient recipients[] = { { .address = "ann@b.test" },
                                               { .address = "bob@b.test" },
                                               { .address = "hidden@b.test" } };
static struct store_warning warnings[] = { { "bare-lf", "line 3", "RFC 5321 2.3.8" } };
static const struct store_message message = {
    .id = 42,
    .size = 5120,
    .envelope = { .from = "bounce@shop.test", .recipients = recipients, .recipient_count = 3 },
    .mail = { .from = { from, 1 },
              .to = { to, 2 },
              .subject = "Reset your password",
              .message_id = "1@shop.test",
              .parts = parts,
              .part_count = ARRAY_LEN(parts),
              .text_part = 1,
              .html_part = -1 },
    .warnings = warnings,
    .warning_count = 1,
};
static const struct mail_header headers[] = {
    { "X-Tenant", "42", "42" },
    { "Received", "from a", "from a" },
    { "Received", "from b", "from b" },
    { "X.Dotted", "", "" },
};
static const struct evidence evidence = {
    .message = &message,
    .text = { "Your code: 123456\r\n", 19 },
    .headers = headers,
    .header_count = ARRAY_LEN(headers),
};

static char *with_quotes(const char *text)
{
    char *copy = xstrdup(text);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    return copy;
}

static json_t *parse(const char *text)
{
    char *json AUTO(free_ptr) = with_quotes(text);
    json_error_t error;
    json_t *value = json_loads(json, 0, &error);
    if (!value)
        fail_msg("%s: %s", text, error.text);
    return value;
}

/* The mismatches, as compact JSON with ' for ". */
static char *held_against(const char *match)
{
    struct arena arena AUTO(arena_done) = { 0 };
    json_auto_t *json = parse(match);
    json_t *errors;
    const struct expectation *e = expectation_read(json, &arena, &errors);
    if (!e)
        fail_msg("%s: %s", match, json_dumps(errors, 0));
    json_auto_t *mismatches = expectation_mismatches(e, &evidence);
    char *text = json_dumps(mismatches, JSON_COMPACT);
    for (char *c = text; *c; c++)
        if (*c == '"')
            *c = '\'';
    return text;
}

static void what_holds(void **state)
{
    static const char *const matches[] = {
        "{}",
        "{'subject': 'Reset your password'}",
        "{'subject': {'contains': 'your', 'starts_with': 'Reset', 'ends_with': 'password'}}",
        "{'subject': {'contains': ''}}",
        "{'subject': {'not': 'Welcome'}}",
        "{'subject': {'not': {'not': {'contains': 'Reset'}}}}",
        "{'subject': {'matches': '^Reset'}, 'text': {'matches': 'code: \\\\d{6}'}}",
        "{'html': null, 'cc': null, 'sender': []}",
        "{'from': 'APP@shop.test'}",
        "{'from': ['app@SHOP.test']}",
        "{'from': [{'name': 'App', 'address': {'ends_with': '@shop.test'}}]}",
        "{'to': 'bob@b.test'}",
        "{'to': {'contains': '@b.test'}}",
        "{'to': ['bob@b.test', 'ann@b.test']}",
        "{'to': [{'contains': '@b.test'}, 'ann@b.test']}", /* the first must make room */
        "{'to': ['ann@b.test', {'contains': '@b.test'}]}",
        "{'to': {'contains': ['bob@b.test']}}",
        "{'to': {'not': 'eve@b.test'}}",
        "{'to': {'not': ['ann@b.test']}}",
        "{'envelope_from': 'bounce@shop.test', 'envelope_to': {'contains': ['hidden@b.test']}}",
        "{'headers': {'X-Tenant': '42', 'x-tenant': {'not': '43'}, 'X-None': null}}",
        "{'headers': {'Received': 'from b', 'X.Dotted': ''}}",
        "{'headers': {}}",
        "{'attachments': {'filename': {'ends_with': '.pdf'}}}",
        "{'attachments': {'contains': [{'content_type': 'application/PDF', 'size': 900}]}}",
        "{'attachments': [{'content_id': 'logo@x', 'filename': null}, {'filename': 'a.pdf'}]}",
        "{'size': 5120, 'has_text': true, 'has_html': false, 'read': false, 'pinned': false}",
        "{'size': {'min': 5120}, 'warnings': {'max': 1}, 'message_id': {'contains': '@'}}",
        "{'warnings': 1}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
        char *found AUTO(free_ptr) = held_against(matches[i]);
        if (strcmp(found, "[]") != 0)
            fail_msg("%s: %s", matches[i], found);
    }
}

static void what_does_not_hold_is_told(void **state)
{
    static const struct {
        const char *match, *mismatches;
    } cases[] = {
        { "{'subject': 'Welcome'}",
          "[{'field':'subject','expected':'Welcome','actual':'Reset your password'}]" },
        { "{'text': {'matches': 'code: \\\\d{7}'}}",
          "[{'field':'text','expected':{'matches':'code: \\\\d{7}'},'actual':'Your code: "
          "123456\\r\\n'}]" },
        { "{'html': {'contains': 'x'}}",
          "[{'field':'html','expected':{'contains':'x'},'actual':null}]" },
        { "{'text': null}",
          "[{'field':'text','expected':null,'actual':'Your code: 123456\\r\\n'}]" },
        { "{'to': ['ann@b.test']}", "[{'field':'to','expected':['ann@b.test'],'actual':['Ann "
                                    "<Ann@b.test>','bob@b.test']}]" },
        { "{'from': {'not': 'app@shop.test'}}",
          "[{'field':'from','expected':{'not':'app@shop.test'},'actual':['App "
          "<app@shop.test>']}]" },
        { "{'from': []}", "[{'field':'from','expected':[],'actual':['App <app@shop.test>']}]" },
        { "{'cc': 'x@y'}", "[{'field':'cc','expected':'x@y','actual':[]}]" },
        { "{'to': [{'contains': '@b.test'}, 'eve@b.test']}",
          "[{'field':'to','expected':[{'contains':'@b.test'},'eve@b.test'],'actual':['Ann "
          "<Ann@b.test>','bob@b.test']}]" },
        { "{'envelope_to': 'eve@b.test'}",
          "[{'field':'envelope_to','expected':'eve@b.test','actual':['ann@b.test','bob@b.test',"
          "'hidden@b.test']}]" },
        { "{'headers': {'X-Tenant': '43'}}",
          "[{'field':'headers.X-Tenant','expected':'43','actual':'42'}]" },
        { "{'headers': {'received': 'from c'}}",
          "[{'field':'headers.received','expected':'from c','actual':['from a','from b']}]" },
        { "{'headers': {'X-None': 'x'}}",
          "[{'field':'headers.X-None','expected':'x','actual':[]}]" },
        { "{'headers': {'X-Tenant': null}}",
          "[{'field':'headers.X-Tenant','expected':null,'actual':'42'}]" },
        { "{'attachments': [{'filename': 'a.pdf'}]}",
          "[{'field':'attachments','expected':[{'filename':'a.pdf'}],'actual':[{'filename':"
          "'a.pdf','content_type':'application/pdf','size':900},{'filename':null,'content_type':"
          "'image/png','size':70}]}]" },
        { "{'warnings': {'max': 0}}",
          "[{'field':'warnings','expected':{'max':0},'actual':['bare-lf']}]" },
        { "{'size': {'min': 1, 'max': 2}, 'has_html': true, 'read': true}",
          "[{'field':'has_html','expected':true,'actual':false},{'field':'size','expected':{'min':"
          "1,'max':2},'actual':5120},{'field':'read','expected':true,'actual':false}]" },
        { "{'subject': {'matches': '(x+x+)+y'}}",
          "[{'field':'subject','expected':{'matches':'(x+x+)+y'},'actual':'Reset your "
          "password'}]" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *found AUTO(free_ptr) = held_against(cases[i].match);
        if (strcmp(found, cases[i].mismatches) != 0)
            fail_msg("%s:\n%s\nand not\n%s", cases[i].match, found, cases[i].mismatches);
    }
}

static void nonsense_is_blamed_by_name(void **state)
{
    static const struct {
        const char *match, *field, *says;
    } cases[] = {
        { "{'subjekt': 'x'}", "match.subjekt", "subject" },
        { "{'subject': 5}", "match.subject", "must be a text" },
        { "{'subject': {}}", "match.subject", "says nothing" },
        { "{'subject': {'like': 'x'}}", "match.subject", "there is no \"like\"" },
        { "{'subject': {'contains': 5}}", "match.subject", "takes a text" },
        { "{'subject': {'matches': '(a'}}", "match.subject", "at octet 2" },
        { "{'subject': {'matches': '\\\\C'}}", "match.subject", "no regular expression" },
        { "{'from': [{'address': 'x', 'street': 'y'}]}", "match.from[0].street", "address" },
        { "{'from': 7}", "match.from", "must be a text" },
        { "{'headers': 'x'}", "match.headers", "must be an object" },
        { "{'headers': {'X-Y': 1}}", "match.headers.X-Y", "must be a text" },
        { "{'attachments': ['a.pdf']}", "match.attachments[0]", "must be an object" },
        { "{'attachments': [{}]}", "match.attachments[0]", "must be an object" },
        { "{'size': -1}", "match.size", "must be a number" },
        { "{'size': {'most': 1}}", "match.size", "must be a number" },
        { "{'size': {}}", "match.size", "must be a number" },
        { "{'has_html': 'yes'}", "match.has_html", "true or false" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        json_auto_t *json = parse(cases[i].match);
        json_t *errors = NULL;
        assert_null(expectation_read(json, &arena, &errors));
        const json_t *first = json_array_get(errors, 0);
        assert_string_equal(json_string_value(json_object_get(first, "field")), cases[i].field);
        const char *detail = json_string_value(json_object_get(first, "detail"));
        if (!strstr(detail, cases[i].says))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].match, detail, cases[i].says);
        json_decref(errors);
    }
}

/* A deep `not`, a long pattern, a long list: each has an end. */
static void sizes_are_limited(void **state)
{
    (void)state;
    struct buf deep AUTO(buf_done) = { 0 }, pattern AUTO(buf_done) = { 0 };
    struct buf list AUTO(buf_done) = { 0 };
    buf_printf(&deep, "{'subject': ");
    for (int i = 0; i < 20; i++)
        buf_printf(&deep, "{'not': ");
    buf_printf(&deep, "'x'");
    for (int i = 0; i < 21; i++)
        buf_putc(&deep, '}');
    buf_printf(&pattern, "{'subject': {'matches': '%02000d'}}", 1);
    buf_printf(&list, "{'to': ['x'");
    for (int i = 0; i < 100; i++)
        buf_printf(&list, ", 'x'");
    buf_printf(&list, "]}");
    struct buf *all[] = { &deep, &pattern, &list };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        json_auto_t *json = parse(buf_text(all[i]));
        json_t *errors = NULL;
        assert_null(expectation_read(json, &arena, &errors));
        json_decref(errors);
    }
}

/* Whether a pattern that would take for ever matches is not known, and so is what `not` makes of
 * it. */
static void hopeless_patterns_are_given_up(void **state)
{
    static const char *const cases[] = {
        "{'text': {'matches': '^(a+)+[bc]'}}",         /* many ways from one start */
        "{'text': {'matches': 'a{0,60000}[bc]'}}",     /* a long way from each of many */
        "{'text': {'matches': 'a{60000}'}}",           /* not one of its items is passed */
        "{'text': {'matches': '(?:a|b)*[cd]'}}",       /* more to remember than there is room for */
        "{'text': {'not': {'matches': '(a+)+[bc]'}}}", /* what is not known is not the contrary */
    };
    struct buf text AUTO(buf_done) = { 0 };
    (void)state;
    for (int i = 0; i < 800000; i++)
        buf_putc(&text, i % 50000 == 49999 ? ' ' : 'a');
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        json_auto_t *json = parse(cases[i]);
        json_t *errors;
        const struct expectation *e = expectation_read(json, &arena, &errors);
        assert_non_null(e);
        struct evidence long_text = evidence;
        long_text.text = buf_span(&text);
        assert_null(expectation_given_up(e));
        json_decref(expectation_mismatches(e, &long_text));
        if (!expectation_given_up(e))
            fail_msg("%s is not given up", cases[i]);
        assert_string_equal(expectation_given_up(e), "match.text");
    }
}

/* A text that was cut may end in the middle of a character. */
static void half_a_character_is_no_obstacle(void **state)
{
    struct arena arena AUTO(arena_done) = { 0 };
    json_auto_t *json = parse("{'text': {'matches': 'ü.*1'}}");
    json_t *errors;
    (void)state;
    const struct expectation *e = expectation_read(json, &arena, &errors);
    struct evidence cut = evidence;
    cut.text = SPAN("Für 1 \xC3");
    json_auto_t *mismatches = expectation_mismatches(e, &cut);
    assert_int_equal(json_array_size(mismatches), 0);
}

/* Small patterns can be large ones for who compiles them. */
static void patterns_have_little_room_together(void **state)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf match AUTO(buf_done) = { 0 };
    json_t *errors = NULL;
    (void)state;
    buf_printf(&match, "{'to': [");
    for (int i = 0; i < 90; i++)
        buf_printf(&match, "%s{'matches': '((a{9}){99}){5}'}", i ? "," : "");
    buf_printf(&match, "]}");
    json_auto_t *json = parse(buf_text(&match));
    assert_null(expectation_read(json, &arena, &errors));
    const json_t *last = json_array_get(errors, json_array_size(errors) - 1);
    assert_string_equal(json_string_value(json_object_get(last, "field")), "match.to[89]");
    assert_non_null(strstr(json_string_value(json_object_get(last, "detail")), "too large"));
    json_decref(errors);
}

static void it_is_said_what_must_be_read(void **state)
{
    static const struct {
        const char *match;
        unsigned needs;
    } cases[] = {
        { "{'subject': 'x', 'warnings': 0}", 0 },
        { "{'text': 'x'}", EXPECTATION_TEXT },
        { "{'html': 'x', 'headers': {'X': 'y'}}", EXPECTATION_HTML | EXPECTATION_HEADERS },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        json_auto_t *json = parse(cases[i].match);
        json_t *errors;
        assert_int_equal(expectation_needs(expectation_read(json, &arena, &errors)),
                         cases[i].needs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds),
        cmocka_unit_test(what_does_not_hold_is_told),
        cmocka_unit_test(nonsense_is_blamed_by_name),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(hopeless_patterns_are_given_up),
        cmocka_unit_test(half_a_character_is_no_obstacle),
        cmocka_unit_test(patterns_have_little_room_together),
        cmocka_unit_test(it_is_said_what_must_be_read),
    };
    return RUN_TESTS(tests);
}

#include "../test.h"

#include "core/mem.h"
#include "faults/board.h"
#include "smtp/proto/engine.h"

#include <stdio.h>
#include <string.h>

/* Plans are written with ' for ". */
static json_t *json_of(const char *text)
{
    char *copy = xstrdup(text);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_error_t error;
    json_t *json = json_loads(copy, JSON_DECODE_ANY, &error);
    if (!json)
        fail_msg("%s: %s", text, error.text);
    free(copy);
    return json;
}

static struct fault_plan *read_plan(const char *text, bool is_of_inbox, struct fault_error *error)
{
    json_t *json = json_of(text);
    struct fault_plan *p = fault_plan_read(json, is_of_inbox, error);
    json_decref(json);
    return p;
}

static struct fault_plan *plan_of(const char *text)
{
    struct fault_error error = { 0 };
    struct fault_plan *p = read_plan(text, false, &error);
    if (!p)
        fail_msg("%s: %s %s", text, error.field, error.detail);
    return p;
}

static struct fault_plan *plan_of_rule(const char *rule)
{
    char text[1024];
    snprintf(text, sizeof(text), "{'seed': 7, 'rules': [%s]}", rule);
    return plan_of(text);
}

/* ---- what is no plan ---- */

/* clang-format off */
static const struct {
    const char *plan, *field, *detail; /* the latter is a part */
} bad_plans[] = {
    { "[]", "", "object" },
    { "{}", "rules", "either" },
    { "{'rules': [], 'preset': 'slow'}", "preset", "either" },
    { "{'preset': 'slwo'}", "preset", "greylisting, rate-limit" },
    { "{'preset': 1}", "preset", "one of" },
    { "{'rules': {}}", "rules", "100" },
    { "{'seed': -1, 'rules': []}", "seed", "0" },
    { "{'seed': 1.5, 'rules': []}", "seed", "whole" },
    { "{'rules': [1]}", "rules[0]", "object" },
    { "{'rules': [{'drop': true}]}", "rules[0].stage", "connect, helo, starttls" },
    { "{'rules': [{'stage': 'rctp', 'drop': true}]}", "rules[0].stage", "data_end" },
    { "{'rules': [{'stage': 'quit', 'drop': true}, {'stage': 'rcpt'}]}", "rules[1]", "does nothing" },
    { "{'rules': [{'stage': 'rcpt', 'dorp': true}]}", "rules[0].dorp", "not known" },
    { "{'rules': [{'stage': 'rcpt', 'drop': false}]}", "rules[0].drop", "true" },
    { "{'rules': [{'stage': 'rcpt', 'stall': 1}]}", "rules[0].stall", "true" },
    { "{'rules': [{'stage': 'rcpt', 'drop': true, 'stall': true}]}", "rules[0].stall", "contradicts drop" },
    { "{'rules': [{'stage': 'rcpt', 'full': 452, 'reply': {'code': 450}}]}", "rules[0].reply", "contradicts full" },
    { "{'rules': [{'stage': 'rcpt', 'reply': 450}]}", "rules[0].reply", "object" },
    { "{'rules': [{'stage': 'rcpt', 'reply': {}}]}", "rules[0].reply.code", "400 to 459" },
    { "{'rules': [{'stage': 'rcpt', 'reply': {'code': 250}}]}", "rules[0].reply.code", "251" },
    { "{'rules': [{'stage': 'rcpt', 'reply': {'code': 354}}]}", "rules[0].reply.code", "refusal" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 251}}]}", "rules[0].reply.code", "500 to 559" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 460}}]}", "rules[0].reply.code", "459" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 600}}]}", "rules[0].reply.code", "559" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': '450'}}]}", "rules[0].reply.code", "400" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 450, 'text': 'a\\nb'}}]}", "rules[0].reply.text", "list" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 450, 'text': []}}]}", "rules[0].reply.text", "1 to 20" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 450, 'txt': 'a'}}]}", "rules[0].reply.txt", "not known" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 450, 'enhanced': '5.1.1'}}]}", "rules[0].reply.enhanced", "4.2.1" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 550, 'enhanced': '5.1'}}]}", "rules[0].reply.enhanced", "5.2.1" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 550, 'enhanced': '5.1234.1'}}]}", "rules[0].reply.enhanced", "5.2.1" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 550, 'enhanced': '5.01.1'}}]}", "rules[0].reply.enhanced", "5.2.1" },
    { "{'rules': [{'stage': 'mail', 'reply': {'code': 550, 'enhanced': '5.1.'}}]}", "rules[0].reply.enhanced", "5.2.1" },
    { "{'rules': [{'stage': 'mail', 'delay_ms': 600001}]}", "rules[0].delay_ms", "1 to 600000" },
    { "{'rules': [{'stage': 'mail', 'delay_ms': 0}]}", "rules[0].delay_ms", "1 to" },
    { "{'rules': [{'stage': 'mail', 'drop': true, 'times': 0}]}", "rules[0].times", "1 to" },
    { "{'rules': [{'stage': 'mail', 'drop': true, 'every': 0}]}", "rules[0].every", "1 to" },
    { "{'rules': [{'stage': 'mail', 'drop': true, 'after': -1}]}", "rules[0].after", "0 to" },
    { "{'rules': [{'stage': 'mail', 'drop': true, 'probability': 0}]}", "rules[0].probability", "up to 1" },
    { "{'rules': [{'stage': 'mail', 'drop': true, 'probability': 1.1}]}", "rules[0].probability", "up to 1" },
    { "{'rules': [{'stage': 'mail', 'drop': true, 'sender': ''}]}", "rules[0].sender", "320" },
    { "{'rules': [{'stage': 'mail', 'drop': true, 'sender': 'a b'}]}", "rules[0].sender", "blanks" },
    { "{'rules': [{'stage': 'mail', 'drop': true, 'address': '*@b.test'}]}", "rules[0].address", "rcpt, data, data_end" },
    { "{'rules': [{'stage': 'session', 'drop': true}]}", "rules[0].drop", "belongs to connect" },
    { "{'rules': [{'stage': 'mail', 'bytes': 10, 'drop': true}]}", "rules[0].bytes", "belongs to data" },
    { "{'rules': [{'stage': 'data', 'bytes': 10, 'reply': {'code': 450}}]}", "rules[0].reply", "while a message comes" },
    { "{'rules': [{'stage': 'mail', 'when': 'after-reply', 'drop': true}]}", "rules[0].when", "data_end" },
    { "{'rules': [{'stage': 'data_end', 'when': 'later', 'drop': true}]}", "rules[0].when", "before-storing, before-reply, after-reply" },
    { "{'rules': [{'stage': 'data_end', 'when': 'after-reply', 'stall': true}]}", "rules[0].when", "give drop" },
    { "{'rules': [{'stage': 'mail', 'fail': 'handshake'}]}", "rules[0].fail", "starttls" },
    { "{'rules': [{'stage': 'starttls', 'fail': 'x'}]}", "rules[0].fail", "withheld, handshake, expired-certificate" },
    { "{'rules': [{'stage': 'helo', 'hide': 'FROB'}]}", "rules[0].hide", "PIPELINING, SIZE" },
    { "{'rules': [{'stage': 'helo', 'hide': []}]}", "rules[0].hide", "1 to 15" },
    { "{'rules': [{'stage': 'rcpt', 'full': 450}]}", "rules[0].full", "552" },
    { "{'rules': [{'stage': 'rcpt', 'greylist': 5}]}", "rules[0].greylist", "seconds" },
    { "{'rules': [{'stage': 'rcpt', 'greylist': {}}]}", "rules[0].greylist.seconds", "whole" },
    { "{'rules': [{'stage': 'rcpt', 'greylist': {'seconds': 1, 'x': 1}}]}", "rules[0].greylist.x", "not known" },
    { "{'rules': [{'stage': 'mail', 'rate_limit': {'count': 0, 'window_seconds': 1}}]}", "rules[0].rate_limit.count", "1 to" },
    { "{'rules': [{'stage': 'mail', 'rate_limit': {'count': 1}}]}", "rules[0].rate_limit.window_seconds", "1 to" },
    { "{'rules': [{'stage': 'session', 'throttle_bytes_per_second': 0}]}", "rules[0].throttle_bytes_per_second", "1 to" },
    { "{'rules': [{'stage': 'session', 'direction': 'up', 'throttle_bytes_per_second': 9}]}", "rules[0].direction", "both" },
    { "{'rules': [{'stage': 'session', 'direction': 'both'}]}", "rules[0]", "does nothing" },
};
/* clang-format on */

static void test_says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad_plans); i++) {
        struct fault_error error = { 0 };
        if (read_plan(bad_plans[i].plan, false, &error))
            fail_msg("read: %s", bad_plans[i].plan);
        assert_string_equal(error.field, bad_plans[i].field);
        if (!strstr(error.detail, bad_plans[i].detail))
            fail_msg("%s: %s", bad_plans[i].plan, error.detail);
    }
}

static void test_counts_rules(void **state)
{
    (void)state;
    for (size_t count = 100; count <= 101; count++) {
        json_t *rules = json_array();
        struct fault_error error = { 0 };
        for (size_t i = 0; i < count; i++)
            json_array_append_new(rules, json_of("{'stage': 'quit', 'drop': true}"));
        json_t *json = json_pack("{s:o}", "rules", rules);
        struct fault_plan *p = fault_plan_read(json, false, &error);
        assert_int_equal(p != NULL, count == 100);
        assert_string_equal(error.field, p ? "" : "rules");
        fault_plan_free(p);
        json_decref(json);
    }
}

static void test_bounds_their_size(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'x', sizeof(text));
    for (size_t count = 80; count <= 100; count += 20) { /* 33 KiB are 91 of them */
        json_t *rules = json_array();
        struct fault_error error = { 0 };
        for (size_t i = 0; i < count; i++)
            json_array_append_new(rules, json_pack("{s:s, s:s%, s:b}", "stage", "rcpt", "address",
                                                   text, sizeof(text), "drop", 1));
        json_t *json = json_pack("{s:o}", "rules", rules);
        struct fault_plan *p = fault_plan_read(json, false, &error);
        assert_int_equal(p != NULL, count == 80);
        assert_string_equal(error.field, p ? "" : "rules");
        fault_plan_free(p);
        json_decref(json);
    }
}

static void test_knows_what_an_inbox_cannot_have(void **state)
{
    (void)state;
    static const char *const early[] = { "connect", "starttls" };
    for (size_t i = 0; i < ARRAY_LEN(early); i++) {
        char text[128];
        struct fault_error error = { 0 };
        snprintf(text, sizeof(text), "{'rules': [{'stage': '%s', 'drop': true}]}", early[i]);
        assert_null(read_plan(text, true, &error));
        assert_string_equal(error.field, "rules[0].stage");
        fault_plan_free(plan_of(text));
    }
}

static void test_reads_presets(void **state)
{
    (void)state;
    static const char *const names[] = { "greylisting", "rate-limit",   "flaky",  "slow",
                                         "outage",      "mailbox-full", "bounce", "cut-off" };
    for (size_t i = 0; i < 2 * ARRAY_LEN(names); i++) {
        char text[128];
        struct fault_error error = { 0 };
        snprintf(text, sizeof(text), "{'preset': '%s', 'seed': 3}", names[i / 2]);
        struct fault_plan *p = read_plan(text, i % 2, &error);
        if (!p)
            fail_msg("%s: %s %s", text, error.field, error.detail);
        assert_true(fault_plan_count(p) > 0);
        const json_t *json = fault_plan_json(p);
        assert_int_equal(json_integer_value(json_object_get(json, "seed")), 3);
        assert_int_equal(json_array_size(json_object_get(json, "rules")), fault_plan_count(p));
        struct fault_plan *again = fault_plan_read(json, i % 2, &error); /* as it is kept */
        assert_non_null(again);
        fault_plan_free(again);
        fault_plan_free(p);
    }
}

static void test_hides_what_the_protocol_knows(void **state)
{
    (void)state;
    for (size_t i = 0; fault_hidable[i]; i++)
        assert_true(smtp_cap_find(span_of(fault_hidable[i])) != 0);
}

/* ---- what is said of rules ---- */

/* clang-format off */
static const struct {
    const char *rule, *text;
} described[] = {
    { "{'stage': 'rcpt', 'reply': {'code': 450, 'enhanced': '4.2.1', 'text': 'Later'}}", "reply 450 4.2.1 Later" },
    { "{'stage': 'rcpt', 'reply': {'code': 450, 'text': ['One', 'Two']}}", "reply 450 4.2.0 One" },
    { "{'stage': 'rcpt', 'reply': {'code': 559}}", "reply 559 5.0.0 Refused" },
    { "{'stage': 'rcpt', 'full': 552}", "reply 552 5.2.2 Mailbox full" },
    { "{'stage': 'rcpt', 'greylist': {'seconds': 1}}", "reply 450 4.7.1 Greylisted; try again later" },
    { "{'stage': 'mail', 'delay_ms': 20}", "delay of 20 ms" },
    { "{'stage': 'mail', 'delay_ms': 20, 'drop': true}", "delay of 20 ms, then drop" },
    { "{'stage': 'mail', 'stall': true}", "stall" },
    { "{'stage': 'data_end', 'drop': true}", "drop before the message is stored" },
    { "{'stage': 'data_end', 'drop': true, 'when': 'before-reply'}", "drop when the message is stored, before the reply" },
    { "{'stage': 'data_end', 'drop': true, 'when': 'after-reply'}", "drop behind the reply" },
    { "{'stage': 'starttls', 'fail': 'handshake'}", "fail the TLS handshake" },
    { "{'stage': 'starttls', 'fail': 'expired-certificate'}", "show a certificate that has expired" },
    { "{'stage': 'starttls', 'fail': 'wrong-name-certificate'}", "show a certificate of another name" },
    { "{'stage': 'starttls', 'fail': 'withheld'}", "hide STARTTLS" },
    { "{'stage': 'helo', 'hide': ['SIZE', 'DSN']}", "hide SIZE DSN" },
    { "{'stage': 'session', 'throttle_bytes_per_second': 500}", "throttle to 500 octets a second" },
    { "{'stage': 'session', 'throttle_bytes_per_second': 500, 'direction': 'to-client'}", "throttle to 500 octets a second to the client" },
    { "{'stage': 'session', 'throttle_bytes_per_second': 500, 'direction': 'from-client'}", "throttle to 500 octets a second from the client" },
};
/* clang-format on */

static void test_describes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(described); i++) {
        char text[128], cut[6];
        struct fault_plan *p = plan_of_rule(described[i].rule);
        fault_describe(fault_plan_rule(p, 0), text, sizeof(text));
        assert_string_equal(text, described[i].text);
        fault_describe(fault_plan_rule(p, 0), cut, sizeof(cut));
        assert_memory_equal(cut, text, 5);
        fault_plan_free(p);
    }
}

/* ---- decisions ---- */

static const struct span ann[] = { { "ann@b.test", 10 } };
static const struct fault_event rcpt = {
    .stage = FAULT_RCPT,
    .addresses = ann,
    .address_count = 1,
    .sender = { "app@shop.test", 13 },
    .helo = { "app", 3 },
    .ip = { "127.0.0.1", 9 },
};

/* Which of `count` events like `e`, one a second, the plan acts on, as "x" and "." */
static void play(const struct fault_plan *p, struct fault_event e, size_t count, char *out)
{
    struct fault_state *s = fault_state_new(p);
    for (size_t i = 0; i < count; i++) {
        int index = fault_decide(p, s, &e);
        out[i] = index == FAULT_NONE ? '.' : (char)('0' + index);
        e.now_ms += 1000;
    }
    out[count] = '\0';
    fault_state_free(s);
}

/* clang-format off */
static const struct {
    const char *rules, *acts; /* on each of so many recipients */
} decided[] = {
    { "", "...." },
    { "{'stage': 'rcpt', 'drop': true}", "0000" },
    { "{'stage': 'mail', 'drop': true}", "...." },
    { "{'stage': 'mail', 'drop': true}, {'stage': 'rcpt', 'drop': true}", "1111" },
    { "{'stage': 'rcpt', 'times': 2, 'drop': true}", "00.." },
    { "{'stage': 'rcpt', 'after': 2, 'drop': true}", "..00" },
    { "{'stage': 'rcpt', 'every': 2, 'drop': true}", ".0.0.0" },
    { "{'stage': 'rcpt', 'after': 1, 'every': 2, 'times': 2, 'drop': true}", "..0.0..." },
    /* what the first takes does not reach the second */
    { "{'stage': 'rcpt', 'times': 2, 'drop': true}, {'stage': 'rcpt', 'times': 1, 'stall': true}", "001." },
    { "{'stage': 'rcpt', 'address': '*@B.TEST', 'drop': true}", "00" },
    { "{'stage': 'rcpt', 'address': '*@c.test', 'drop': true}", ".." },
    { "{'stage': 'rcpt', 'sender': 'app@*', 'helo': 'a*', 'ip': '127.*', 'drop': true}", "00" },
    { "{'stage': 'rcpt', 'sender': 'app@*', 'helo': 'a*', 'ip': '128.*', 'drop': true}", ".." },
    { "{'stage': 'rcpt', 'greylist': {'seconds': 3}}", "000..." },
    { "{'stage': 'rcpt', 'greylist': {'seconds': 0}}", "0....." },
    { "{'stage': 'rcpt', 'rate_limit': {'count': 2, 'window_seconds': 5}}", "..000..000." },
    { "{'stage': 'rcpt', 'probability': 1, 'drop': true}", "0000" },
};
/* clang-format on */

static void test_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(decided); i++) {
        char acts[32];
        struct fault_plan *p = plan_of_rule(decided[i].rules);
        play(p, rcpt, strlen(decided[i].acts), acts);
        if (strcmp(acts, decided[i].acts) != 0)
            fail_msg("%s: %s", decided[i].rules, acts);
        fault_plan_free(p);
    }
}

static void test_same_seed_same_faults(void **state)
{
    (void)state;
    enum { EVENTS = 1000 };
    char first[EVENTS + 1], again[EVENTS + 1];
    static const char *const rules =
        "{'stage': 'mail', 'drop': true}, {'stage': 'rcpt', 'probability': 0.1, 'drop': true}";
    struct fault_plan *p = plan_of_rule(rules);
    play(p, rcpt, EVENTS, first);
    for (int run = 0; run < 100; run++) {
        play(p, rcpt, EVENTS, again);
        assert_string_equal(again, first);
    }
    fault_plan_free(p);
    size_t hits = 0;
    for (size_t i = 0; i < EVENTS; i++)
        hits += first[i] == '1';
    assert_in_range(hits, 70, 130);
    p = plan_of("{'seed': 8, 'rules': [{'stage': 'mail', 'drop': true}, "
                "{'stage': 'rcpt', 'probability': 0.1, 'drop': true}]}");
    play(p, rcpt, EVENTS, again);
    assert_string_not_equal(again, first);
    fault_plan_free(p);
}

/* What others do meanwhile does not change what a rule draws. */
static void test_draws_by_what_reaches_the_rule(void **state)
{
    (void)state;
    struct fault_event quit = rcpt;
    quit.stage = FAULT_QUIT;
    struct fault_plan *p = plan_of_rule("{'stage': 'rcpt', 'probability': 0.5, 'drop': true},"
                                        "{'stage': 'quit', 'probability': 0.5, 'drop': true}");
    struct fault_state *alone = fault_state_new(p), *mixed = fault_state_new(p);
    for (int i = 0; i < 200; i++) {
        if (i % 3)
            (void)fault_decide(p, mixed, &quit);
        assert_int_equal(fault_decide(p, alone, &rcpt), fault_decide(p, mixed, &rcpt));
    }
    fault_state_free(alone);
    fault_state_free(mixed);
    fault_plan_free(p);
}

static void test_acts_once_while_a_message_comes(void **state)
{
    (void)state;
    struct fault_plan *p = plan_of_rule("{'stage': 'data', 'bytes': 1000, 'drop': true},"
                                        "{'stage': 'data', 'delay_ms': 5}");
    for (uint64_t step = 1; step < 3000; step = 2 * step + 1) {
        struct fault_state *s = fault_state_new(p);
        struct fault_event e = { .stage = FAULT_DATA };
        assert_int_equal(fault_decide(p, s, &e), 1);
        for (; e.bytes_from < 3000; e.bytes_from = e.bytes_to) {
            e.bytes_to = e.bytes_from + step;
            bool is_due = e.bytes_from < 1000 && e.bytes_to >= 1000;
            assert_int_equal(fault_decide(p, s, &e), is_due ? 0 : FAULT_NONE);
        }
        assert_int_equal(fault_state_hits(s, 0), 1);
        assert_int_equal(fault_state_hits(s, 1), 1);
        fault_state_free(s);
    }
    fault_plan_free(p);
}

static void test_replies_only_where_something_can_be_said(void **state)
{
    (void)state;
    struct fault_plan *p =
        plan_of_rule("{'stage': 'starttls', 'times': 1, 'reply': {'code': 454}},"
                     "{'stage': 'starttls', 'rate_limit': {'count': 1, 'window_seconds': 9}},"
                     "{'stage': 'starttls', 'fail': 'handshake'}");
    struct fault_state *s = fault_state_new(p);
    struct fault_event e = { .stage = FAULT_STARTTLS, .is_mute = true };
    for (int i = 0; i < 3; i++)
        assert_int_equal(fault_decide(p, s, &e), 2);
    e.is_mute = false;
    static const int acts[] = { 0, 2, 1 };
    for (size_t i = 0; i < ARRAY_LEN(acts); i++)
        assert_int_equal(fault_decide(p, s, &e), acts[i]);
    fault_state_free(s);
    fault_plan_free(p);
}

static void test_greylists_triples(void **state)
{
    (void)state;
    struct fault_plan *p = plan_of_rule("{'stage': 'rcpt', 'greylist': {'seconds': 0}}");
    struct fault_state *s = fault_state_new(p);
    struct fault_event e = rcpt;
    assert_int_equal(fault_decide(p, s, &e), 0);
    e.sender = SPAN("other@shop.test");
    assert_int_equal(fault_decide(p, s, &e), 0);
    e.ip = SPAN("127.0.0.2");
    assert_int_equal(fault_decide(p, s, &e), 0);
    e.sender = SPAN("OTHER@shop.test");
    assert_int_equal(fault_decide(p, s, &e), FAULT_NONE);
    /* more than are remembered: the oldest are forgotten, the youngest are not */
    char text[32];
    struct span address = { text, 0 };
    e.addresses = &address;
    for (int i = 0; i < 20000; i++) {
        address.len = (size_t)snprintf(text, sizeof(text), "%d@b.test", i);
        e.now_ms++;
        assert_int_equal(fault_decide(p, s, &e), 0);
        assert_int_equal(fault_decide(p, s, &e), FAULT_NONE);
    }
    fault_state_free(s);
    fault_plan_free(p);
}

/* ---- magic ---- */

/* clang-format off */
static const struct {
    const char *address, *text; /* NULL: no magic */
} magic[] = {
    { "bounce@x.test", "reply 550 5.1.1 No such user" },
    { "Bounce+450@x.test", "reply 450 4.2.0 Mailbox not available now; try again later" },
    { "bounce+550+no+such+user@x.test", "reply 550 5.1.1 no such user" },
    { "bounce+550+n\xC3\xBC@x.test", "reply 550 5.1.1 n??" },
    { "bounce+250@x.test", NULL },
    { "bounce+560@x.test", NULL },
    { "bounce+x@x.test", NULL },
    { "delay+3s@x.test", "delay of 3000 ms" },
    { "delay+250ms@x.test", "delay of 250 ms" },
    { "delay+600@x.test", "delay of 600000 ms" },
    { "delay+601@x.test", NULL },
    { "delay+18446744073709551@x.test", NULL },
    { "delay@x.test", NULL },
    { "delay+s@x.test", NULL },
    { "drop@x.test", "drop" },
    { "drop+1@x.test", NULL },
    { "greylist@x.test", "reply 450 4.7.1 Greylisted; try again later" },
    { "greylist+3s@x.test", "reply 450 4.7.1 Greylisted; try again later" },
    { "greylist+x@x.test", NULL },
    { "ann@x.test", NULL },
    { "postmaster", NULL },
    { "", NULL },
};
/* clang-format on */

static void test_reads_magic(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(magic); i++) {
        char text[128];
        struct fault_plan *p = fault_plan_of_magic(span_of(magic[i].address));
        if (p && magic[i].text) {
            fault_describe(fault_plan_rule(p, 0), text, sizeof(text));
            assert_string_equal(text, magic[i].text);
        } else if (p || magic[i].text) {
            fail_msg("%s", magic[i].address);
        }
        fault_plan_free(p);
    }
}

/* ---- the board ---- */

static bool acts(struct fault_board *b, int64_t inbox_id, bool is_own)
{
    struct fault_found f;
    fault_board_ask(b, inbox_id, is_own, &rcpt, &f);
    bool has_rule = f.rule != NULL;
    fault_found_release(&f);
    return has_rule;
}

static json_int_t hits(struct fault_board *b, int64_t inbox_id)
{
    json_t *shown = fault_board_show(b, inbox_id);
    const json_t *rule = json_array_get(json_object_get(shown, "rules"), 0);
    json_int_t n = json_integer_value(json_object_get(rule, "hits"));
    json_decref(shown);
    return n;
}

static void test_board_chooses_the_plan(void **state)
{
    (void)state;
    struct fault_board *b = fault_board_new();
    assert_false(fault_board_has_plans(b));
    assert_false(acts(b, 7, false));
    fault_board_put(b, FAULT_OF_ALL, plan_of_rule("{'stage': 'rcpt', 'drop': true}"));
    assert_true(fault_board_has_plans(b));
    assert_true(acts(b, 7, false));
    assert_false(acts(b, 7, true));
    fault_board_put(b, 7, plan_of("{'rules': []}"));
    assert_false(acts(b, 7, false));
    assert_true(acts(b, 6, false));
    fault_board_put(b, 6, plan_of_rule("{'stage': 'rcpt', 'drop': true}"));
    assert_true(acts(b, 6, true));
    assert_int_equal(hits(b, FAULT_OF_ALL), 2);
    assert_int_equal(hits(b, 6), 1);
    fault_board_put(b, 6, plan_of_rule("{'stage': 'rcpt', 'drop': true}"));
    assert_int_equal(hits(b, 6), 0);
    fault_board_put(b, 7, NULL);
    assert_true(acts(b, 7, false));
    fault_board_put(b, 7, NULL);
    fault_board_free(b);
}

static void test_board_reads_what_is_kept(void **state)
{
    (void)state;
    struct fault_error error = { 0 };
    struct fault_board *b = fault_board_new();
    static const char *const text =
        "{\"seed\": 1, \"rules\": [{\"stage\": \"rcpt\", \"drop\": true}]}";
    assert_true(fault_board_post(b, 7, text, &error));
    assert_true(acts(b, 7, false));
    assert_false(fault_board_post(b, 7, "{\"rules\": 1}", &error));
    assert_string_equal(error.field, "rules");
    assert_false(acts(b, 7, false));
    assert_false(fault_board_post(b, 7, "{", &error));
    assert_true(fault_board_post(b, 7, text, &error));
    assert_true(fault_board_post(b, 7, NULL, &error));
    assert_false(fault_board_has_plans(b));
    fault_board_free(b);
}

static void test_board_keeps_what_is_carried_out(void **state)
{
    (void)state;
    struct fault_found f;
    struct fault_board *b = fault_board_new();
    fault_board_put(b, 7, plan_of_rule("{'stage': 'rcpt', 'reply': {'code': 450, 'text': 'Hi'}}"));
    fault_board_ask(b, 7, false, &rcpt, &f);
    fault_board_put(b, 7, NULL);
    assert_string_equal(f.rule->reply.text, "Hi");
    fault_found_release(&f);
    fault_board_free(b);
}

static void test_board_remembers_magic(void **state)
{
    (void)state;
    struct fault_found f;
    struct fault_board *b = fault_board_new();
    for (int i = 0; i < 2; i++) {
        fault_board_ask_once(b, fault_plan_of_magic(SPAN("greylist@b.test")), &rcpt, &f);
        assert_int_equal(f.rule != NULL, i == 0);
        assert_int_equal(f.is_magic, i == 0);
        fault_found_release(&f);
    }
    fault_board_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_what_is_wrong),
        cmocka_unit_test(test_counts_rules),
        cmocka_unit_test(test_bounds_their_size),
        cmocka_unit_test(test_knows_what_an_inbox_cannot_have),
        cmocka_unit_test(test_reads_presets),
        cmocka_unit_test(test_hides_what_the_protocol_knows),
        cmocka_unit_test(test_describes),
        cmocka_unit_test(test_decides),
        cmocka_unit_test(test_same_seed_same_faults),
        cmocka_unit_test(test_draws_by_what_reaches_the_rule),
        cmocka_unit_test(test_acts_once_while_a_message_comes),
        cmocka_unit_test(test_replies_only_where_something_can_be_said),
        cmocka_unit_test(test_greylists_triples),
        cmocka_unit_test(test_reads_magic),
        cmocka_unit_test(test_board_chooses_the_plan),
        cmocka_unit_test(test_board_reads_what_is_kept),
        cmocka_unit_test(test_board_keeps_what_is_carried_out),
        cmocka_unit_test(test_board_remembers_magic),
    };
    return RUN_TESTS(tests);
}

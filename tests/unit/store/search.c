#include "fixture.h"

#include "core/mem.h"
#include "mail/mail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NOON = 1795435200 }; /* 2026-11-23T12:00:00Z */

/* ---- messages ---- */

struct sample {
    const char *raw;
    int64_t after_noon_s;
    const char *from, *to; /* of the envelope */
    const char *helo, *ip;
    int64_t session_id;
    bool is_pinned;
    const char *tag, *warning;
};

/* clang-format off */
static const struct sample samples[] = {
    { .raw = "From: Ann Lee <ann@b.test>\r\nTo: You <you@example.test>\r\nX-Tenant: 42\r\n"
             "Subject: Reset your password\r\nMessage-ID: <1.a@shop.test>\r\n\r\n"
             "Click here to reset it. Code: 123456\r\n",
      .from = "bounce@shop.test", .to = "you@example.test", .helo = "app.local", .ip = "127.0.0.1" },
    { .raw = "From: \"App\" <app@shop.test>\r\nTo: you@example.test\r\nSubject: Your =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n"
             "Content-Type: text/html\r\n\r\n<style>p{}</style><p>Your <b>password</b> is safe, "
             "Caf&eacute;<p>\xE6\x9D\xB1\xE4\xBA\xAC\r\n",
      .after_noon_s = 60, .from = "bounce@shop.test", .to = "you@example.test",
      .helo = "mail.shop.test", .ip = "192.0.2.7", .session_id = 17, .warning = "missing-date" },
    { .raw = "From: app@shop.test.evil\r\nCc: bob@c.test\r\nReply-To: help@shop.test\r\nSubject: Invoice\r\n"
             "X-Tenant: 421\r\nX-Empty:\r\nMIME-Version: 1.0\r\n"
             "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
             "--b\r\n\r\nSee the attachment\r\n"
             "--b\r\nContent-Type: application/pdf; name=Invoice-7.pdf\r\n"
             "Content-Disposition: attachment\r\n\r\n%PDF\r\n--b--\r\n",
      .after_noon_s = -60, .from = "app@shop.test", .to = "hidden@d.test", .helo = "app.local",
      .ip = "127.0.0.1", .is_pinned = true, .tag = "Important" },
    { .raw = "From: Ann <ann@b.test>, App <app@shop.test>\r\nBcc: eve@e.test\r\nSubject: password your reset\r\n"
             "Content-Type: multipart/related; boundary=b\r\n\r\n"
             "--b\r\nContent-Type: text/html\r\n\r\n<img src=cid:a>\r\n"
             "--b\r\nContent-Type: image/png\r\nContent-ID: <a>\r\n\r\nPNG\r\n--b--\r\n",
      .after_noon_s = -2 * 86400, .from = "", .to = "eve@e.test", .helo = "", .ip = "::1" },
};
/* clang-format on */

/* What is not to be found stands before the samples, behind them, and in another inbox. */
enum { FILLERS = 600, OTHER_INBOX = 2 };

static void describe(struct store_delivery *d, const struct sample *s)
{
    static struct store_recipient recipient;
    static struct store_warning warning = { "", "", "" };
    static const char *tag;
    struct store_message *m = &d->message;
    recipient.address = s->to;
    warning.code = s->warning;
    tag = s->tag;
    m->received_at_ms = (NOON + s->after_noon_s) * 1000;
    m->envelope.from = s->from;
    m->envelope.recipients = &recipient;
    m->client = (struct store_client){ .ip = s->ip, .helo = s->helo };
    m->session_id = s->session_id;
    m->is_pinned = s->is_pinned;
    m->tags = &tag;
    m->tag_count = s->tag != NULL;
    m->warnings = &warning;
    m->warning_count = s->warning != NULL;
}

static void store_sample(struct fixture *f, const struct sample *s)
{
    struct store_delivery *d = fixture_delivery(f, "", span_of(s->raw));
    struct source raw = spool_source(&d->raw);
    struct mail_content content;
    mail_read(&raw, &d->arena, &d->message.mail);
    mail_read_content(&raw, &d->message.mail, &d->arena, &content);
    d->content = &content;
    describe(d, s);
    store_deliver(f->store, d);
    fixture_settle(f, 1, 0);
}

static void store_fillers(struct fixture *f, int64_t inbox_id)
{
    for (int i = 0; i < FILLERS; i++) {
        struct store_delivery *d = fixture_delivery(f, "filler", SPAN("Subject: filler\r\n\r\n"));
        d->message.inbox_id = inbox_id;
        store_deliver(f->store, d);
    }
    fixture_settle(f, FILLERS, 0);
}

/* ---- asking ---- */

static const struct store_query *parse(const char *text, struct arena *arena)
{
    struct store_query_fault fault;
    const struct store_query *query =
        store_query_parse(span_of(text), NOON * (int64_t)1000, arena, &fault);
    if (!query)
        fail_msg("%s: %s at %zu", text, fault.detail, fault.position);
    return query;
}

/* The ids of what is found, "3 2 1 ", after checking that the total agrees. */
static void ask(struct fixture *f, const char *text, struct store_list list, struct buf *out)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    list.query = parse(text, &arena);
    list.limit = list.limit ? list.limit : 1000;
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_messages_list(r, &list, &arena, &page), 0);
    store_reader_return(r);
    for (size_t i = 0; i < page.count; i++)
        buf_printf(out, "%" PRId64 " ", page.items[i].id);
    if (!list.before && !list.after && !page.has_more)
        assert_int_equal(page.total, page.count);
}

static void finds(struct fixture *f, const char *text, const char *ids)
{
    struct buf found AUTO(buf_done) = { 0 };
    ask(f, text, (struct store_list){ .inbox_id = STORE_DEFAULT_INBOX }, &found);
    if (strcmp(buf_text(&found), ids) != 0)
        fail_msg("%s finds %s, not %s", text, buf_text(&found), ids);
}

/* clang-format off */
static const struct {
    const char *query, *ids;
} cases[] = {
    /* words */
    { "password", "4 2 1 " },
    { "PASSWORD", "4 2 1 " },
    { "passwor", "" },
    { "passwor*", "4 2 1 " },
    { "~asswor", "4 2 1 " },
    { "~\"r passw\"", "2 1 " },
    { "\"your password\"", "2 1 " },
    { "\"reset your password\"", "1 " },
    { "\"password your reset\"", "4 " },
    { "\"your pass\"", "" },
    { "your-pass*", "2 1 " },
    { "\"password click\"", "" },
    { "grosse", "2 " },
    { "GRÖSSE", "2 " },
    { "cafe", "2 " },
    { "京", "2 " },
    { "東京", "2 " },
    { "京東", "" },
    { "style", "" },
    { "nothing", "" },

    /* fields */
    { "subject:reset", "4 1 " },
    { "text:reset", "1 " },
    { "text:password", "2 " },
    { "from:ann", "4 1 " },
    { "from:\"ann lee\"", "1 " },
    { "from:ann@b.test", "4 1 " },
    { "from:app@shop.test", "4 2 " },
    { "from:@shop.test", "4 2 " },
    { "from:shop.test", "4 3 2 " },
    { "from:app@*", "4 3 2 " },
    { "from:~@shop", "4 3 2 " },
    { "to:you@example.test", "2 1 " },
    { "to:bob", "" },
    { "cc:bob@c.test", "3 " },
    { "bcc:eve@e.test", "4 " },
    { "bcc:hidden@d.test", "3 " },
    { "bcc:you", "" },
    { "reply-to:help@shop.test", "3 " },
    { "rcpt:hidden@d.test", "3 " },
    { "addressed:hidden@d.test", "3 " },
    { "addressed:you", "2 1 " },
    { "envelope-from:bounce@shop.test", "2 1 " },
    { "bounce", "2 1 " },
    { "filename:invoice-7.pdf", "3 " },
    { "filename:pdf", "3 " },
    { "message-id:<1.A@shop.test>", "1 " },
    { "message-id:1.a@*", "1 " },
    { "message-id:shop", "" },
    { "header:X-Tenant", "3 1 " },
    { "header:x-tenant=42", "1 " },
    { "header:X-Tenant=42*", "3 1 " },
    { "header:X-Empty", "3 " },
    { "header:Content-Type=\"multipart related\"", "4 " },
    { "header:Subject=invoice", "3 " },
    { "header:Bcc", "4 " },
    { "helo:app.local", "3 1 " },
    { "helo:~shop", "2 " },
    { "ip:127.0.0.1", "3 1 " },
    { "ip:::1", "4 " },
    { "ip:192.*", "2 " },
    { "session:17", "2 " },
    { "session:1", "" },
    { "warning:missing-date", "2 " },

    /* facts */
    { "is:read", "" },
    { "is:unread", "4 3 2 1 " },
    { "is:pinned", "3 " },
    { "has:attachment", "3 " },
    { "has:inline", "4 " },
    { "has:html", "4 2 " },
    { "has:warning", "2 " },
    { "tag:important", "3 " },
    { "tag:import", "" },
    { "inbox:default", "4 3 2 1 " },
    { "inbox:1", "4 3 2 1 " },
    { "inbox:other", "" },
    { "inbox:nobody", "" },
    { "inbox:DEFAULT reset", "4 1 " },
    { "larger:300", "3 " },
    { "smaller:200", "2 1 " },
    { "larger:1G", "" },
    { "after:2026-11-23", "3 2 1 " },
    { "before:2026-11-23", "4 " },
    { "after:2026-11-23T12:00:00Z", "2 1 " },
    { "before:2026-11-23T12:00:00Z", "4 3 " },
    { "after:60s", "3 2 1 " },
    { "after:1d before:1s", "3 " },

    /* logic */
    { "reset from:ann", "4 1 " },
    { "reset -text:reset", "4 " },
    { "-reset", "3 2 " },
    { "!reset !invoice", "2 " },
    { "reset OR invoice", "4 3 1 " },
    { "(reset OR invoice) is:pinned", "3 " },
    { "-(reset OR invoice)", "2 " },
    { "-\"your password\"", "4 3 " },
    { "reset -\"your password\"", "4 " },
    { "\"your password\" OR \"see the\"", "3 2 1 " },
    { "is:pinned OR subject:reset", "4 3 1 " },
    { "is:pinned OR \"your password\"", "3 2 1 " },
    { "-(is:pinned OR \"your password\")", "4 " },
    { "-(-reset -invoice)", "4 3 1 " },
    { "-(-reset OR is:pinned)", "4 1 " },
    { "(subject:reset -from:lee) OR (inbox:1 ~nvoic)", "4 3 " },
    { "from:ann -from:lee is:unread larger:10", "4 " },
};
/* clang-format on */

static void answers_all(struct fixture *f)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        finds(f, cases[i].query, cases[i].ids);
}

/* ---- the fixture ---- */

static int setup(void **state)
{
    fixture_setup_closed(state);
    struct fixture *f = *state;
    fixture_open(f);
    fixture_add_inbox(f, "other");
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        store_sample(f, &samples[i]);
    return 0;
}

static int64_t indexed_to(struct fixture *f)
{
    return fixture_number(f, "SELECT indexed_to FROM indexing");
}

/* The writer indexes between other things; to ask it something gives it the opportunity. */
static void wait_until_indexed(struct fixture *f)
{
    store_fillers(f, OTHER_INBOX);
    while (indexed_to(f) < (int64_t)ARRAY_LEN(samples))
        assert_int_equal(store_message_mark(f->store, 1, &(struct store_flags){ 0 }), 0);
}

/* ---- tests ---- */

static void finds_what_is_new(void **state)
{
    answers_all(*state);
    assert_int_equal(indexed_to(*state), 0);
}

static void finds_what_is_indexed(void **state)
{
    wait_until_indexed(*state);
    answers_all(*state);
}

static void finds_the_same_after_a_restart(void **state)
{
    struct fixture *f = *state;
    wait_until_indexed(f);
    fixture_close(f);
    fixture_open(f);
    answers_all(f);
}

static void lists_within_bounds(void **state)
{
    struct fixture *f = *state;
    static const struct {
        struct store_list list;
        const char *ids;
    } bounds[] = {
        { { .limit = 2 }, "4 2 " },
        { { .before = 4 }, "2 1 " },
        { { .before = 4, .limit = 1 }, "2 " },
        { { .after = 1, .oldest_first = true }, "2 4 " },
        { { .after = 0, .oldest_first = true, .limit = 2 }, "1 2 " },
        { { .after = 1, .before = 4 }, "2 " },
        { { .after = 4, .oldest_first = true }, "" },
        { { .inbox_id = OTHER_INBOX }, "" },
        { { .has_no_total = true, .limit = 1 }, "4 " },
    };
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
            struct buf found AUTO(buf_done) = { 0 };
            ask(f, "password", bounds[i].list, &found);
            assert_string_equal(buf_text(&found), bounds[i].ids);
        }
        wait_until_indexed(f);
    }
}

/* A list across both, each message once. */
static void pages_join_what_is_new_and_what_is_indexed(void **state)
{
    struct fixture *f = *state;
    wait_until_indexed(f);
    int64_t newest = fixture_number(f, "SELECT max(id) FROM message");
    assert_true(indexed_to(f) < newest);
    for (int oldest_first = 0; oldest_first < 2; oldest_first++) {
        int64_t seen = 0, cursor = 0;
        bool has_more = true;
        while (has_more) {
            struct arena arena AUTO(arena_done) = { 0 };
            struct store_page page;
            struct store_list list = {
                .query = parse("-nothing subject:filler", &arena),
                .before = oldest_first ? 0 : cursor,
                .after = oldest_first ? cursor : 0,
                .oldest_first = oldest_first,
                .limit = 7,
            };
            struct store_reader *r = store_reader_lease(f->store);
            assert_int_equal(store_messages_list(r, &list, &arena, &page), 0);
            store_reader_return(r);
            assert_int_equal(page.total, FILLERS);
            for (size_t i = 0; i < page.count; i++, seen++) {
                int64_t id = page.items[i].id;
                assert_true(oldest_first ? id > cursor : !cursor || id < cursor);
                cursor = id;
            }
            has_more = page.has_more;
        }
        assert_int_equal(seen, FILLERS);
    }
}

static int64_t term_count(struct fixture *f)
{
    fixture_sql(f, "INSERT INTO search (search) VALUES ('integrity-check');"
                   "INSERT INTO search (search) VALUES ('optimize');"
                   "DROP TABLE IF EXISTS terms;"
                   "CREATE VIRTUAL TABLE terms USING fts5vocab (search, row);");
    return fixture_number(f, "SELECT count(*) FROM terms");
}

static void deleting_leaves_nothing_behind(void **state)
{
    struct fixture *f = *state;
    int64_t deleted;
    wait_until_indexed(f);
    assert_int_equal(store_message_delete(f->store, 1), 0);
    finds(f, "password", "4 2 ");
    finds(f, "\"reset your password\"", "");
    assert_int_equal(store_messages_clear(f->store, STORE_DEFAULT_INBOX, &deleted), 0);
    finds(f, "password", "");
    finds(f, "-nothing", "");
    assert_int_equal(store_messages_clear(f->store, 0, &deleted), 0);
    while (fixture_number(f, "SELECT count(*) FROM message"))
        assert_int_equal(store_check(f->store), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM words"), 0);
    assert_int_equal(term_count(f), 0);
}

static void what_changes_is_found_as_it_is(void **state)
{
    struct fixture *f = *state;
    wait_until_indexed(f);
    const struct store_flags read = { .set_read = true, .read = true };
    assert_int_equal(store_message_mark(f->store, 2, &read), 0);
    finds(f, "is:read", "2 ");
    finds(f, "password is:read", "2 ");
    finds(f, "password is:unread", "4 1 ");
}

static void queries_that_look_into_too_much_are_refused(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    wait_until_indexed(f);
    /* As if a hundred thousand messages had been indexed. */
    fixture_sql(f, "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
                   "WHERE i < 100001) INSERT INTO search (rowid, terms) "
                   "SELECT 1000000 + i, 'k:message s:some s:thing' FROM n");
    static const char *const broad[] = { "~ilter", "\"some thing\"", "-\"some thing\"" };
    for (size_t i = 0; i < ARRAY_LEN(broad); i++) {
        struct store_list list = { .query = parse(broad[i], &arena), .limit = 1 };
        struct store_reader *r = store_reader_lease(f->store);
        assert_int_equal(store_messages_list(r, &list, &arena, &page), -E2BIG);
        list.inbox_id = STORE_DEFAULT_INBOX; /* narrows it */
        assert_int_equal(store_messages_list(r, &list, &arena, &page), 0);
        store_reader_return(r);
    }
}

/* As if there were many more messages than there are. */
static void searches_that_take_too_long_are_given_up(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    struct store_list list = { .query = parse("message*", &arena), .limit = 1 };
    wait_until_indexed(f);
    fixture_sql(f, "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
                   "WHERE i < 100000) INSERT INTO search (rowid, terms) "
                   "SELECT 1000000 + i, 's:message' || i FROM n");
    fixture_close(f);
    fixture_open_with(f, (struct store_config){ .search_ms = 1 });
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_messages_list(r, &list, &arena, &page), -ETIMEDOUT);
    list.query = NULL; /* what is no search has its time */
    assert_int_equal(store_messages_list(r, &list, &arena, &page), 0);
    store_reader_return(r);
    r = store_reader_lease(f->store);
    list.query = parse("is:pinned", &arena); /* and so has the next one */
    assert_int_equal(store_messages_list(r, &list, &arena, &page), 0);
    store_reader_return(r);
    fixture_close(f);
    fixture_open(f);
    r = store_reader_lease(f->store);
    list.query = parse("message*", &arena);
    list.before = 1000000; /* where messages are */
    assert_int_equal(store_messages_list(r, &list, &arena, &page), 0);
    store_reader_return(r);
}

/* Whatever is around it: of so few the index is not asked. */
static void a_message_alone_is_looked_into(void **state)
{
    struct fixture *f = *state;
    struct buf found AUTO(buf_done) = { 0 };
    wait_until_indexed(f);
    fixture_sql(f, "INSERT INTO search (search) VALUES ('delete-all')");
    for (int64_t id = 1; id <= 4; id++)
        ask(f, "password",
            (struct store_list){ .after = id - 1, .before = id + 1, .has_no_total = true }, &found);
    assert_string_equal(buf_text(&found), "1 2 4 ");
}

static void damaged_words_are_found_by_nothing(void **state)
{
    struct fixture *f = *state;
    fixture_sql(f, "UPDATE words SET bytes = x'00' WHERE id = 1; UPDATE words SET size = -1 WHERE "
                   "id = 2; UPDATE words SET size = 1 << 40 WHERE id = 3");
    finds(f, "password", "4 ");
    wait_until_indexed(f);
    finds(f, "password", "4 ");
    assert_int_equal(store_message_delete(f->store, 1), 0);
}

/* A query that needs as much of everything as a query may have. */
static void the_largest_queries_are_answered(void **state)
{
    struct fixture *f = *state;
    wait_until_indexed(f);
    static const char *const pieces[] = { "a ",       "\"a b\" ",  "-a ", "a OR ",  "~a ",
                                          "inbox:1 ", "larger:1 ", "a* ", "tag:a ", "(a OR b) " };
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct buf text AUTO(buf_done) = { 0 };
        struct buf found AUTO(buf_done) = { 0 };
        for (int k = 0; k < (strchr(pieces[i], '(') ? 31 : 63); k++)
            buf_append(&text, span_of(pieces[i]));
        buf_append(&text, SPAN("is:unread"));
        ask(f, buf_text(&text), (struct store_list){ 0 }, &found);
    }
    /* One term that is all of the text. */
    struct buf text AUTO(buf_done) = { 0 };
    struct buf found AUTO(buf_done) = { 0 };
    buf_putc(&text, '"');
    while (text.len < 2046)
        buf_append(&text, SPAN("x "));
    buf_putc(&text, '"');
    ask(f, buf_text(&text), (struct store_list){ 0 }, &found);
}

/* SQLite's parsers take a hundred symbols that are not complete. */
static void the_deepest_queries_are_answered(void **state)
{
    struct fixture *f = *state;
    wait_until_indexed(f);
    static const char *const levels[] = { "(",
                                          "-(",
                                          "(a OR b ",
                                          "-(a OR b -",
                                          "(a OR b OR -",
                                          "-(larger:1 OR b -",
                                          "(\"a b\" OR b is:read ",
                                          "(a -b OR a -" };
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_query_fault fault;
        struct buf text AUTO(buf_done) = { 0 };
        struct buf found AUTO(buf_done) = { 0 };
        size_t depth = 0;
        do { /* until it is too deep */
            buf_clear(&text);
            for (size_t k = 0; k < depth; k++)
                buf_append(&text, span_of(levels[i]));
            buf_putc(&text, 'c');
            for (size_t k = 0; k < depth; k++)
                buf_putc(&text, ')');
            if (store_query_parse(buf_span(&text), 0, &arena, &fault))
                ask(f, buf_text(&text), (struct store_list){ 0 }, &found);
        } while (++depth < 20);
    }
}

static int begin(void **state)
{
    (void)state;
    mail_init();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mail_done();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_what_is_new),
        TEST(finds_what_is_indexed),
        TEST(finds_the_same_after_a_restart),
        TEST(lists_within_bounds),
        TEST(pages_join_what_is_new_and_what_is_indexed),
        TEST(deleting_leaves_nothing_behind),
        TEST(what_changes_is_found_as_it_is),
        TEST(queries_that_look_into_too_much_are_refused),
        TEST(searches_that_take_too_long_are_given_up),
        TEST(a_message_alone_is_looked_into),
        TEST(damaged_words_are_found_by_nothing),
        TEST(the_largest_queries_are_answered),
        TEST(the_deepest_queries_are_answered),
    };
    return cmocka_run_group_tests(tests, begin, end);
}

#include "fixture.h"

#include "core/mem.h"
#include "store/chunk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- raw ---- */

static void keeps_every_octet(void **state)
{
    static const size_t sizes[] = {
        0,
        1,
        2,
        4096,
        SPOOL_MEMORY - 1,
        SPOOL_MEMORY,
        SPOOL_MEMORY + 1,
        CHUNK_SIZE - 1,
        CHUNK_SIZE,
        CHUNK_SIZE + 1,
        (size_t)2 * CHUNK_SIZE,
        (size_t)5 * CHUNK_SIZE + 17,
    };
    char *bytes AUTO(free_ptr) = xcalloc(1, sizes[ARRAY_LEN(sizes) - 1]);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct span raw = { bytes, sizes[i] };
        memset(bytes, 0, raw.len);
        fixture_assert_raw(*state, fixture_store(*state, "zero", raw), raw);
        fill_random(bytes, raw.len, (uint32_t)i);
        fixture_assert_raw(*state, fixture_store(*state, "random", raw), raw);
        memset(bytes, 'a', raw.len / 2);
        fixture_assert_raw(*state, fixture_store(*state, "half of each", raw), raw);
    }
}

static void reading_what_was_deleted_says_so(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    char *bytes AUTO(free_ptr) = xcalloc(2, CHUNK_SIZE);
    int64_t id = fixture_store(f, "large", (struct span){ bytes, (size_t)2 * CHUNK_SIZE });
    struct store_reader *r = store_reader_lease(f->store);
    struct source raw;
    char byte;
    assert_int_equal(store_message_raw(r, id, &arena, &raw), 0);
    assert_int_equal(raw.read(raw.arg, 0, &byte, 1), 1);
    assert_int_equal(store_message_delete(f->store, id), 0);
    assert_int_equal(raw.read(raw.arg, CHUNK_SIZE, &byte, 1), -ENOENT);
    assert_int_equal(store_message_raw(r, id, &arena, &raw), -ENOENT);
    store_reader_return(r);
}

static void reading_what_is_damaged_says_so(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    int64_t id = fixture_store(f, "damaged", SPAN("hello hello hello hello hello hello hello"));
    fixture_sql(f, "UPDATE chunk SET bytes = x'00'");
    struct store_reader *r = store_reader_lease(f->store);
    struct source raw;
    char byte;
    assert_int_equal(store_message_raw(r, id, &arena, &raw), 0);
    assert_int_equal(raw.read(raw.arg, 0, &byte, 1), -EIO);
    store_reader_return(r);
}

/* A client that takes an hour to download must not make the log grow for an hour. */
static void a_slow_reader_holds_nothing_up(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    char *bytes AUTO(free_ptr) = xcalloc(2, CHUNK_SIZE);
    int64_t id = fixture_store(f, "large", (struct span){ bytes, (size_t)2 * CHUNK_SIZE });
    struct store_reader *r = store_reader_lease(f->store);
    struct source raw;
    char byte;
    assert_int_equal(store_message_raw(r, id, &arena, &raw), 0);
    assert_int_equal(raw.read(raw.arg, 0, &byte, 1), 1);
    fixture_store(f, "meanwhile", SPAN("x"));
    assert_int_equal(fixture_number(f, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
    assert_int_equal(raw.read(raw.arg, CHUNK_SIZE, &byte, 1), 1);
    store_reader_return(r);
}

/* ---- one message ---- */

static void gives_back_what_it_was_given(void **state)
{
    struct fixture *f = *state;
    struct store_delivery *d = fixture_delivery(f, "Grüße", SPAN("0123456789"));
    static struct mail_part parts[] = {
        { .number = "0", .content_type = "multipart/alternative" },
        { .number = "1", .content_type = "text/plain", .depth = 1, .size = 3 },
        { .number = "2", .content_type = "text/html", .depth = 1, .size = 4 },
    };
    static const char *tags[] = { "one" };
    static struct store_warning warnings[] = { { "code", "detail", "reference" } };
    d->message.received_at_ms = 1764000000123;
    d->message.envelope.smtputf8 = true;
    d->message.envelope.body = "8BITMIME";
    d->message.envelope.ret = "FULL";
    d->message.envelope.envid = "e1";
    d->message.client.tls = "TLS1.3";
    d->message.client.cipher = "AES";
    d->message.client.username = "ann";
    d->message.session_id = 17;
    d->message.tags = tags;
    d->message.tag_count = ARRAY_LEN(tags);
    d->message.warnings = warnings;
    d->message.warning_count = ARRAY_LEN(warnings);
    d->message.is_read = true;
    d->message.mail.has_date = true;
    d->message.mail.date_ms = -5;
    d->message.mail.parts = parts;
    d->message.mail.part_count = ARRAY_LEN(parts);
    d->message.mail.text_part = 1;
    d->message.mail.html_part = 2;
    store_deliver(f->store, d);
    fixture_settle(f, 1, 0);

    struct arena arena AUTO(arena_done) = { 0 };
    struct store_reader *r = store_reader_lease(f->store);
    struct store_message m;
    assert_int_equal(store_message_get(r, 1, &arena, &m), 0);
    store_reader_return(r);
    assert_int_equal(m.id, 1);
    assert_int_equal(m.inbox_id, STORE_DEFAULT_INBOX);
    assert_string_equal(m.inbox, "default");
    assert_int_equal(m.received_at_ms, 1764000000123);
    assert_int_equal(m.size, 10);
    assert_string_equal(m.envelope.from, "a@example.test");
    assert_int_equal(m.envelope.recipient_count, 1);
    assert_string_equal(m.envelope.recipients[0].address, "b@example.test");
    assert_string_equal(m.envelope.body, "8BITMIME");
    assert_true(m.envelope.smtputf8);
    assert_string_equal(m.client.ip, "127.0.0.1");
    assert_string_equal(m.client.helo, "test");
    assert_string_equal(m.envelope.ret, "FULL");
    assert_string_equal(m.envelope.envid, "e1");
    assert_string_equal(m.client.tls, "TLS1.3");
    assert_string_equal(m.client.cipher, "AES");
    assert_string_equal(m.client.username, "ann");
    assert_int_equal(m.session_id, 17);
    assert_int_equal(m.tag_count, 1);
    assert_string_equal(m.tags[0], "one");
    assert_int_equal(m.warning_count, 1);
    assert_string_equal(m.warnings[0].code, "code");
    assert_string_equal(m.mail.subject, "Grüße");
    assert_true(m.mail.has_date);
    assert_int_equal(m.mail.date_ms, -5);
    assert_int_equal(m.mail.part_count, 3);
    assert_string_equal(m.mail.parts[2].content_type, "text/html");
    assert_int_equal(m.mail.text_part, 1);
    assert_int_equal(m.mail.html_part, 2);
    assert_true(m.is_read);
    assert_false(m.is_pinned);
}

static void gives_back_nothing_where_nothing_was(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, "", SPAN("x"));
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_reader *r = store_reader_lease(f->store);
    struct store_message m;
    assert_int_equal(store_message_get(r, 2, &arena, &m), -ENOENT);
    assert_int_equal(store_message_get(r, 1, &arena, &m), 0);
    store_reader_return(r);
    assert_null(m.envelope.body);
    assert_false(m.envelope.smtputf8);
    assert_string_equal(m.mail.subject, "");
    assert_false(m.mail.has_date);
    assert_int_equal(m.mail.part_count, 0);
    assert_int_equal(m.mail.text_part, -1);
    assert_int_equal(m.mail.html_part, -1);
}

static void an_unknown_inbox_takes_no_message(void **state)
{
    struct fixture *f = *state;
    struct store_delivery *d = fixture_delivery(f, "lost", SPAN("x"));
    d->message.inbox_id = 77;
    store_deliver(f->store, d);
    fixture_settle(f, 1, -ENOENT);
    assert_int_equal(store_check(f->store), 0);
}

/* ---- lists ---- */

/* Messages 1 to 6; 3 and 5 lie in the inbox `other`, which has the id 2. */
static void fill(struct fixture *f)
{
    assert_int_equal(fixture_add_inbox(f, "other"), 2);
    for (int i = 1; i <= 6; i++) {
        struct store_delivery *d = fixture_delivery(f, "m", SPAN("octets"));
        d->message.inbox_id = i == 3 || i == 5 ? 2 : 1;
        store_deliver(f->store, d);
        fixture_settle(f, 1, 0);
    }
}

static void lists_from_either_end_within_bounds(void **state)
{
    struct fixture *f = *state;
    fill(f);
    static const struct {
        struct store_list list;
        const char *ids;
        int64_t total;
        bool has_more;
    } cases[] = {
        { { .limit = 10 }, "6 5 4 3 2 1 ", 6, false },
        { { .limit = 6 }, "6 5 4 3 2 1 ", 6, false },
        { { .limit = 5 }, "6 5 4 3 2 ", 6, true },
        { { .limit = 2, .oldest_first = true }, "1 2 ", 6, true },
        { { .limit = 0 }, "", 6, true },
        { { .limit = 10, .before = 3 }, "2 1 ", 6, false },
        { { .limit = 10, .after = 4 }, "6 5 ", 6, false },
        { { .limit = 10, .after = 4, .oldest_first = true }, "5 6 ", 6, false },
        { { .limit = 10, .after = 2, .before = 5 }, "4 3 ", 6, false },
        { { .limit = 10, .after = 6 }, "", 6, false },
        { { .limit = 10, .before = 1 }, "", 6, false },
        { { .limit = 10, .inbox_id = 1 }, "6 4 2 1 ", 4, false },
        { { .limit = 3, .inbox_id = 1 }, "6 4 2 ", 4, true },
        { { .limit = 2, .inbox_id = 1, .oldest_first = true, .after = 1 }, "2 4 ", 4, true },
        { { .limit = 10, .inbox_id = 2 }, "5 3 ", 2, false },
        { { .limit = 10, .inbox_id = 2, .before = 5, .after = 3 }, "", 2, false },
        { { .limit = 10, .inbox_id = 3 }, "", 0, false },
    };
    struct store_reader *r = store_reader_lease(f->store);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct buf ids AUTO(buf_done) = { 0 };
        struct store_page page;
        assert_int_equal(store_messages_list(r, &cases[i].list, &arena, &page), 0);
        for (size_t m = 0; m < page.count; m++)
            buf_printf(&ids, "%d ", (int)page.items[m].id);
        assert_string_equal(buf_text(&ids), cases[i].ids);
        assert_int_equal(page.total, cases[i].total);
        assert_int_equal(page.has_more, cases[i].has_more);
    }
    store_reader_return(r);
}

/* ---- changes ---- */

static struct store_totals totals_of(struct fixture *f)
{
    struct store_reader *r = store_reader_lease(f->store);
    struct store_totals totals;
    assert_int_equal(store_totals(r, &totals), 0);
    store_reader_return(r);
    return totals;
}

static void expect_news(struct fixture *f, int64_t after, enum store_news_type type,
                        int64_t inbox_id, int64_t message_id)
{
    struct store_news news[2];
    assert_int_equal(store_news_read(f->store, after, news, 2), 1);
    assert_int_equal(news[0].type, type);
    assert_int_equal(news[0].inbox_id, inbox_id);
    assert_int_equal(news[0].message_id, message_id);
}

static void deletes_one_with_its_octets(void **state)
{
    struct fixture *f = *state;
    fill(f);
    int64_t before = store_news_last(f->store);
    assert_int_equal(store_message_delete(f->store, 3), 0);
    expect_news(f, before, STORE_MESSAGE_DELETED, 2, 3);
    assert_int_equal(store_message_delete(f->store, 3), -ENOENT);
    expect_news(f, before, STORE_MESSAGE_DELETED, 2, 3);
    assert_int_equal(totals_of(f).messages, 5);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chunk"), 5);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chunk WHERE id / 65536 = 3"), 0);
}

static void marks_what_is_to_be_set(void **state)
{
    struct fixture *f = *state;
    fill(f);
    int64_t before = store_news_last(f->store);
    struct store_flags read = { .set_read = true, .read = true };
    struct store_flags pinned = { .set_pinned = true, .pinned = true };
    assert_int_equal(store_message_mark(f->store, 5, &read), 0);
    expect_news(f, before, STORE_MESSAGE_CHANGED, 2, 5);
    assert_int_equal(totals_of(f).unread, 5);
    assert_int_equal(store_message_mark(f->store, 5, &read), 0);
    expect_news(f, before, STORE_MESSAGE_CHANGED, 2, 5); /* nothing changed: no news */
    assert_int_equal(store_message_mark(f->store, 5, &pinned), 0);
    assert_int_equal(fixture_number(f, "SELECT is_read * 10 + is_pinned FROM message "
                                       "WHERE id = 5"),
                     11);
    read.read = false;
    assert_int_equal(store_message_mark(f->store, 5, &read), 0);
    assert_int_equal(totals_of(f).unread, 6);
    assert_int_equal(fixture_number(f, "SELECT is_pinned FROM message WHERE id = 5"), 1);
    assert_int_equal(store_message_mark(f->store, 99, &read), -ENOENT);
}

static void ids_never_return(void **state)
{
    struct fixture *f = *state;
    int64_t last = fixture_store(f, "one", SPAN("x"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_message_delete(f->store, last), 0);
        fixture_close(f);
        fixture_open(f);
        int64_t id = fixture_store(f, "next", SPAN("x"));
        assert_true(id > last);
        last = id;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_every_octet),
        TEST(reading_what_was_deleted_says_so),
        TEST(reading_what_is_damaged_says_so),
        TEST(a_slow_reader_holds_nothing_up),
        TEST(gives_back_what_it_was_given),
        TEST(gives_back_nothing_where_nothing_was),
        TEST(an_unknown_inbox_takes_no_message),
        TEST(lists_from_either_end_within_bounds),
        TEST(deletes_one_with_its_octets),
        TEST(marks_what_is_to_be_set),
        TEST(ids_never_return),
    };
    return RUN_TESTS(tests);
}

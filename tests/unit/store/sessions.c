#include "fixture.h"

#include "core/mem.h"
#include "store/entries.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* ---- sessions of a test ---- */

/* Lines are written "C:EHLO x", "S:250 Ok", "N:note"; "D:5" is data. */
static void say(struct buf *out, uint64_t at, const char *line)
{
    struct span text = span_of(line);
    struct store_entry e = { .at = at };
    e.kind = (enum store_entry_kind)span_find(SPAN("CSNDF"), *line);
    e.text = span_slice(text, 2, text.len);
    if (e.kind == STORE_ENTRY_DATA)
        assert_true(parse_u64(e.text, &e.octets));
    entries_put(out, &e);
}

static struct span said(struct arena *arena, uint64_t at, const char *lines)
{
    struct buf out AUTO(buf_done) = { 0 };
    char *copy AUTO(free_ptr) = xstrdup(lines);
    char *rest = copy;
    for (char *line = strtok_r(copy, "|", &rest); line; line = strtok_r(NULL, "|", &rest))
        say(&out, at++, line);
    return (struct span){ arena_copy(arena, buf_span(&out)), out.len };
}

static struct store_session facts(int64_t id)
{
    return (struct store_session){
        .id = id,
        .inbox_id = STORE_DEFAULT_INBOX,
        .started_at_ms = 1764000000000 - 10,
        .client = { .ip = "127.0.0.1", .port = 50001, .helo = "test" },
    };
}

static struct store_delivery *message_of(struct fixture *f, int64_t session_id, uint64_t at,
                                         const char *dialogue)
{
    struct store_delivery *d = fixture_delivery(f, "m", SPAN("octets"));
    d->message.session_id = session_id;
    d->message.client.port = 50001;
    d->dialogue = said(&d->arena, at, dialogue);
    return d;
}

static int64_t deliver(struct fixture *f, struct store_delivery *d)
{
    store_deliver(f->store, d);
    struct letter *l = mailbox_wait(&f->settled);
    assert_ptr_equal(l, &d->letter);
    assert_int_equal(d->result, 0);
    int64_t id = d->message.id;
    store_delivery_free(d);
    return id;
}

static struct store_report *report_open(int64_t id, uint64_t at, const char *opening)
{
    struct store_report *r = store_report_new();
    r->session = facts(id);
    r->opening = said(&r->arena, at, opening);
    return r;
}

static struct store_report *report_end(int64_t id, int64_t messages, const char *closing)
{
    struct store_report *r = store_report_new();
    r->session = facts(id);
    r->session.ended_at_ms = r->session.started_at_ms + 250;
    r->session.outcome = STORE_QUIT;
    r->session.message_count = messages;
    r->closing = said(&r->arena, messages ? 900 : 0, closing);
    return r;
}

/* What was given to the writer before is done. */
static void wait_for_writer(struct fixture *f)
{
    assert_int_equal(store_message_delete(f->store, INT64_MAX), -ENOENT);
}

static void report(struct fixture *f, struct store_report *r)
{
    store_session_report(f->store, r);
    wait_for_writer(f);
}

static int find(struct fixture *f, int64_t id, struct arena *arena, struct store_session *out)
{
    struct store_reader *r = store_reader_lease(f->store);
    int err = store_session_get(r, id, arena, out);
    store_reader_return(r);
    return err;
}

static bool is_there(struct fixture *f, int64_t id)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_session s;
    return find(f, id, &arena, &s) == 0;
}

static struct store_session get(struct fixture *f, int64_t id, struct arena *arena)
{
    struct store_session s = { 0 };
    assert_int_equal(find(f, id, arena, &s), 0);
    return s;
}

typedef int transcript_reader(struct store_reader *r, int64_t id, struct arena *arena,
                              struct store_transcript *out);

static void assert_reads(struct fixture *f, transcript_reader *read, int64_t id,
                         const char *expected)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_transcript t;
    struct buf text AUTO(buf_done) = { 0 };
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(read(r, id, &arena, &t), 0);
    store_reader_return(r);
    for (size_t i = 0; i < t.count; i++) {
        const struct store_entry *e = &t.items[i];
        buf_printf(&text, "%s%c:%.*s", i ? "|" : "", "CSNDF"[e->kind], SPAN_ARG(e->text));
        if (e->kind == STORE_ENTRY_DATA)
            buf_printf(&text, "%d=%d", (int)e->octets, (int)e->message_id);
    }
    assert_string_equal(buf_text(&text), expected);
}

/* ---- what is kept ---- */

/* The greeting and so on up to MAIL are four hundredths of a second before the end of the data. */
static const char first_message[] = "S:220 hello|C:EHLO test|C:MAIL FROM:<a@x>|S:250 Ok|D:6";

static void a_young_one_is_known_by_its_message(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    int64_t id = store_session_id(f->store);
    assert_false(is_there(f, id));
    int64_t message = deliver(f, message_of(f, id, 96, first_message));
    struct store_session s = get(f, id, &arena);
    assert_int_equal(s.outcome, STORE_OPEN);
    assert_int_equal(s.ended_at_ms, 0);
    assert_int_equal(s.started_at_ms, 1764000000000 - 10);
    assert_int_equal(s.client.port, 50001);
    assert_string_equal(s.client.ip, "127.0.0.1");
    assert_string_equal(s.client.helo, "test");
    assert_null(s.client.tls);
    assert_string_equal(s.inbox, "default");
    assert_int_equal(s.message_count, 1);
    assert_int_equal(s.messages_listed, 1);
    assert_int_equal(s.messages[0], message);
    static const char told[] = "S:220 hello|C:EHLO test|C:MAIL FROM:<a@x>|S:250 Ok|D:6=1";
    assert_reads(f, store_session_transcript, id, told);
    assert_reads(f, store_message_transcript, message, told);
}

static void gives_back_what_it_was_given(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    static struct store_warning warnings[] = { { "auth-plaintext", "detail", "RFC 4954 4" } };
    int64_t id = store_session_id(f->store);
    struct store_report *r = report_end(id, 0, "S:220 hello|N:The client went away");
    r->session.client = (struct store_client){
        .ip = "::1",
        .port = 65535,
        .helo = "\xff",
        .tls = "TLS1.3",
        .cipher = "AES",
        .is_tls_implicit = true,
        .username = "ann",
    };
    r->session.outcome = STORE_TLS_FAILED;
    r->session.is_failed = true;
    r->session.refusal = (struct store_refusal){ "MAIL", "530 5.7.0 \xff" };
    r->session.bytes_in = 5300;
    r->session.bytes_out = 410;
    r->session.is_truncated = true;
    r->session.warnings = warnings;
    r->session.warning_count = 1;
    report(f, r);
    struct store_session s = get(f, id, &arena);
    assert_int_equal(s.id, id);
    assert_int_equal(s.inbox_id, STORE_DEFAULT_INBOX);
    assert_int_equal(s.ended_at_ms, s.started_at_ms + 250);
    assert_string_equal(s.client.ip, "::1");
    assert_int_equal(s.client.port, 65535);
    assert_string_equal(s.client.helo, "\xEF\xBF\xBD");
    assert_string_equal(s.client.tls, "TLS1.3");
    assert_string_equal(s.client.cipher, "AES");
    assert_string_equal(s.client.username, "ann");
    assert_true(s.client.is_tls_implicit);
    assert_int_equal(s.outcome, STORE_TLS_FAILED);
    assert_true(s.is_failed);
    assert_string_equal(s.refusal.command, "MAIL");
    assert_string_equal(s.refusal.reply, "530 5.7.0 \xEF\xBF\xBD");
    assert_int_equal(s.bytes_in, 5300);
    assert_int_equal(s.bytes_out, 410);
    assert_true(s.is_truncated);
    assert_int_equal(s.warning_count, 1);
    assert_string_equal(s.warnings[0].code, "auth-plaintext");
    assert_int_equal(s.message_count, 0);
    assert_int_equal(s.messages_listed, 0);
    assert_reads(f, store_session_transcript, id, "S:220 hello|N:The client went away");
}

static void every_outcome_comes_back(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    for (enum store_outcome i = STORE_QUIT; i < STORE_OUTCOME_COUNT; i++) {
        int64_t id = store_session_id(f->store);
        struct store_report *r = report_end(id, 0, "S:220");
        r->session.outcome = i;
        report(f, r);
        assert_int_equal(get(f, id, &arena).outcome, i);
    }
}

static void what_is_known_last_counts(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    int64_t id = store_session_id(f->store);
    report(f, report_open(id, 0, "S:220 hello"));
    assert_int_equal(get(f, id, &arena).outcome, STORE_OPEN);
    assert_reads(f, store_session_transcript, id, "S:220 hello");
    deliver(f, message_of(f, id, 0, first_message));
    assert_int_equal(get(f, id, &arena).message_count, 1);
    struct store_report *r = report_end(id, 1, "S:250 stored");
    r->session.client.helo = "second";
    r->session.client.username = "ann";
    report(f, r);
    struct store_session s = get(f, id, &arena);
    assert_int_equal(s.outcome, STORE_QUIT);
    assert_int_equal(s.message_count, 1);
    assert_string_equal(s.client.helo, "second");
    assert_string_equal(s.client.username, "ann");
    static const char told[] =
        "S:220 hello|C:EHLO test|C:MAIL FROM:<a@x>|S:250 Ok|D:6=1|S:250 stored";
    assert_reads(f, store_session_transcript, id, told);
    assert_reads(f, store_message_transcript, 1, told);
}

/* Reported open, it may have said all of its opening or a part by then. */
static void a_silent_one_is_told_once(void **state)
{
    struct fixture *f = *state;
    int64_t id = store_session_id(f->store);
    report(f, report_open(id, 0, "S:220 hello|C:EHLO x"));
    report(f, report_end(id, 0, "S:220 hello|C:EHLO x|S:250 Ok|N:timeout"));
    assert_reads(f, store_session_transcript, id, "S:220 hello|C:EHLO x|S:250 Ok|N:timeout");
}

/* The reply to a message is kept with what follows it. */
static void a_message_has_its_own_transcript(void **state)
{
    struct fixture *f = *state;
    int64_t id = store_session_id(f->store);
    deliver(f, message_of(f, id, 0, "S:220|C:EHLO|C:MAIL FROM:<no@x>|S:550|C:MAIL FROM:<1@x>|D:1"));
    report(f, report_open(id, 0, "S:220|C:EHLO"));
    deliver(f, message_of(f, id, 100, "S:250 1|C:MAIL FROM:<no@x>|C:RSET|C:MAIL FROM:<2@x>|D:2"));
    deliver(f, message_of(f, id, 200, "S:250 2|C:MAIL FROM:<3@x>|D:3"));
    assert_reads(f, store_message_transcript, 3, "S:220|C:EHLO|C:MAIL FROM:<3@x>|D:3=3");
    report(f, report_end(id, 3, "S:250 3|C:QUIT|S:221"));
    static const char *const expected[] = {
        "S:220|C:EHLO|C:MAIL FROM:<1@x>|D:1=1|S:250 1",
        "S:220|C:EHLO|C:MAIL FROM:<2@x>|D:2=2|S:250 2",
        "S:220|C:EHLO|C:MAIL FROM:<3@x>|D:3=3|S:250 3",
    };
    for (int i = 0; i < 3; i++)
        assert_reads(f, store_message_transcript, i + 1, expected[i]);
    assert_reads(f, store_session_transcript, id,
                 "S:220|C:EHLO|C:MAIL FROM:<no@x>|S:550|C:MAIL FROM:<1@x>|D:1=1|S:250 1|"
                 "C:MAIL FROM:<no@x>|C:RSET|C:MAIL FROM:<2@x>|D:2=2|S:250 2|C:MAIL FROM:<3@x>|"
                 "D:3=3|S:250 3|C:QUIT|S:221");
    assert_int_equal(store_message_delete(f->store, 1), 0);
    assert_reads(f, store_message_transcript, 2, expected[1]);
    assert_reads(f, store_session_transcript, id,
                 "S:220|C:EHLO|S:250 1|C:MAIL FROM:<no@x>|C:RSET|C:MAIL FROM:<2@x>|D:2=2|S:250 2|"
                 "C:MAIL FROM:<3@x>|D:3=3|S:250 3|C:QUIT|S:221");
}

/* One transaction may become a message in each of several inboxes. */
static void copies_share_a_dialogue(void **state)
{
    struct fixture *f = *state;
    int64_t id = store_session_id(f->store);
    deliver(f, message_of(f, id, 0, "S:220|C:MAIL FROM:<1@x>|D:1"));
    deliver(f, message_of(f, id, 0, "S:220|C:MAIL FROM:<1@x>|D:1"));
    report(f, report_end(id, 2, "S:250 stored|C:QUIT"));
    for (int i = 1; i <= 2; i++) {
        char expected[100];
        snprintf(expected, sizeof(expected), "S:220|C:MAIL FROM:<1@x>|D:1=%d|S:250 stored", i);
        assert_reads(f, store_message_transcript, i, expected);
    }
    assert_reads(f, store_session_transcript, id,
                 "S:220|C:MAIL FROM:<1@x>|D:1=1|S:250 stored|C:QUIT");
}

static void what_came_by_no_session_has_no_transcript(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_transcript t;
    struct store_session s;
    int64_t message = fixture_store(f, "by no session", SPAN("octets"));
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_message_transcript(r, message, &arena, &t), -ENOENT);
    assert_int_equal(store_message_transcript(r, 99, &arena, &t), -ENOENT);
    assert_int_equal(store_session_transcript(r, 99, &arena, &t), 0);
    assert_int_equal(t.count, 0);
    assert_int_equal(store_session_get(r, 99, &arena, &s), -ENOENT);
    store_reader_return(r);
}

static void reading_what_is_damaged_says_so(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_transcript t;
    int64_t id = store_session_id(f->store);
    int64_t message = deliver(f, message_of(f, id, 0, "C:MAIL|D:6"));
    fixture_sql(f, "UPDATE message SET dialogue = x'0705aabbcc'");
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_message_transcript(r, message, &arena, &t), -EIO);
    assert_int_equal(store_session_transcript(r, id, &arena, &t), -EIO);
    store_reader_return(r);
}

/* A session may have a million messages. */
static void a_long_session_is_read_in_part(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_transcript t;
    int64_t id = store_session_id(f->store);
    deliver(f, message_of(f, id, 0, "C:MAIL|D:6"));
    fixture_sql(f,
                "WITH RECURSIVE n(i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n LIMIT 19999) "
                "INSERT INTO message (id, inbox_id, received_at, size, envelope_from, recipients, "
                "smtputf8, client_ip, client_helo, subject, message_id, preview, addresses, parts, "
                "session_id, dialogue) SELECT i, 1, 0, 0, '', '[]', 0, '', '', '', '', '', '{}', "
                "'[]', session_id, CAST(char(0, 32) || printf('%032d', i) AS BLOB) "
                "FROM message, n");
    report(f, report_end(id, 20000, "S:250 last|C:QUIT"));
    struct store_session s = get(f, id, &arena);
    assert_int_equal(s.message_count, 20000);
    assert_int_equal(s.messages_listed, STORE_SESSION_MESSAGES);
    assert_int_equal(s.messages[STORE_SESSION_MESSAGES - 1], STORE_SESSION_MESSAGES);
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_session_transcript(r, id, &arena, &t), 0);
    store_reader_return(r);
    assert_true(t.is_cut);
    assert_true(t.count > 10000 && t.count < 20000);
    assert_int_equal(t.items[t.count - 3].kind, STORE_ENTRY_NOTE);
    assert_span(t.items[t.count - 2].text, "250 last");
    assert_span(t.items[t.count - 1].text, "QUIT");
}

/* ---- what goes ---- */

static void goes_with_its_last_message(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    int64_t id = store_session_id(f->store);
    for (uint64_t i = 0; i < 3; i++)
        deliver(f, message_of(f, id, i * 10, "S:220|C:MAIL|D:2"));
    report(f, report_end(id, 3, "S:250 last"));
    assert_int_equal(store_message_delete(f->store, 2), 0);
    assert_int_equal(get(f, id, &arena).messages_listed, 2);
    assert_int_equal(store_message_delete(f->store, 1), 0);
    assert_true(is_there(f, id));
    assert_int_equal(store_message_delete(f->store, 3), 0);
    assert_false(is_there(f, id));
}

static bool has_no_message(struct fixture *f)
{
    return fixture_number(f, "SELECT count(*) FROM message") == 0;
}

/* It is not over, and may bring more. */
static void an_open_one_stays(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    int64_t id = store_session_id(f->store), deleted;
    deliver(f, message_of(f, id, 0, "S:220|C:MAIL|D:6"));
    report(f, report_open(id, 0, "S:220"));
    assert_int_equal(store_messages_clear(f->store, 0, &deleted), 0);
    assert_int_equal(get(f, id, &arena).message_count, 0);
    report(f, report_end(id, 1, "S:250 last"));
    struct store_session s = get(f, id, &arena);
    assert_int_equal(s.message_count, 0);
    assert_int_equal(s.outcome, STORE_QUIT);
    fixture_until(f, has_no_message);
    assert_reads(f, store_session_transcript, id, "S:220|S:250 last");
}

static bool has_none(struct fixture *f)
{
    return fixture_number(f, "SELECT count(*) FROM session") == 0;
}

static void goes_when_all_is_cleared(void **state)
{
    struct fixture *f = *state;
    int64_t with = store_session_id(f->store), deleted;
    deliver(f, message_of(f, with, 0, "C:MAIL|D:6"));
    report(f, report_end(with, 1, "S:250"));
    assert_int_equal(store_messages_clear(f->store, STORE_DEFAULT_INBOX, &deleted), 0);
    fixture_until(f, has_none);
    assert_false(is_there(f, with));
}

static bool is_bounded(struct fixture *f)
{
    return fixture_number(f, "SELECT count(*) FROM session") == 10001;
}

/* 10,000 of them, beside those with messages and those that are open. */
static void silent_ones_are_bounded(void **state)
{
    struct fixture *f = *state;
    int64_t with = store_session_id(f->store);
    deliver(f, message_of(f, with, 0, "C:MAIL|D:6"));
    report(f, report_end(with, 1, "S:250"));
    fixture_sql(f, "WITH RECURSIVE n(i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n LIMIT 11000) "
                   "INSERT INTO session (id, started_at, ended_at, client_ip, client_port, "
                   "client_helo, is_tls_implicit) SELECT i, 0, 0, '::1', 1, '', 0 FROM n");
    report(f, report_end(20000, 0, "S:220"));
    fixture_until(f, is_bounded);
    assert_true(is_there(f, with));
    assert_true(is_there(f, 20000));
    assert_int_equal(fixture_number(f, "SELECT min(id) FROM session WHERE id > 1"), 1003);
}

/* While the database is locked there is no room for what everybody says. */
static void what_waits_is_bounded(void **state)
{
    struct fixture *f = *state;
    enum { SAID = 256 * 1024, REPORTS = 160, FIT = 127 }; /* in 32 MiB */
    static char line[SAID];
    memset(line, 'x', sizeof(line));
    sqlite3 *lock = fixture_lock(f);
    for (int i = 1; i <= REPORTS; i++) {
        struct store_report *r = report_end(i, 0, "");
        r->closing = (struct span){ arena_copy(&r->arena, (struct span){ line, SAID }), SAID };
        store_session_report(f->store, r);
    }
    sqlite3_close(lock);
    wait_for_writer(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM session"), FIT);
    report(f, report_end(REPORTS + 1, 0, "S:220"));
    assert_true(is_there(f, REPORTS + 1));
}

/* ---- ids, restarts ---- */

static void ids_are_never_used_twice(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(store_session_id(f->store), 1);
    int64_t id = store_session_id(f->store), deleted;
    deliver(f, message_of(f, id, 0, "C:MAIL|D:6"));
    report(f, report_end(id, 1, "S:250"));
    assert_int_equal(store_messages_clear(f->store, 0, &deleted), 0);
    fixture_close(f);
    fixture_open(f);
    assert_int_equal(store_session_id(f->store), id + 1);
}

/* Both one that was reported and one that was too young. */
static void what_was_open_at_a_crash_is_over(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    int64_t old = store_session_id(f->store), young = store_session_id(f->store);
    report(f, report_open(old, 0, "S:220"));
    deliver(f, message_of(f, old, 0, "S:220|C:MAIL|D:6"));
    deliver(f, message_of(f, young, 0, first_message));
    deliver(f, message_of(f, young, 10, "S:250 Ok|C:MAIL|D:7"));
    fixture_close(f);
    fixture_open(f);
    for (int64_t id = old; id <= young; id++) {
        struct store_session s = get(f, id, &arena);
        assert_int_equal(s.outcome, STORE_SHUTDOWN);
        assert_true(s.is_failed);
        assert_int_equal(s.ended_at_ms, 1764000000000);
        assert_int_equal(s.client.port, 50001);
        assert_int_equal(s.message_count, id == old ? 1 : 2);
    }
    assert_reads(f, store_session_transcript, young,
                 "S:220 hello|C:EHLO test|C:MAIL FROM:<a@x>|S:250 Ok|D:6=2|S:250 Ok|C:MAIL|D:7=3");
    assert_int_equal(store_session_id(f->store), young + 1);
    assert_int_equal(store_message_delete(f->store, 1), 0);
    assert_false(is_there(f, old));
}

/* Its sessions, save those that may matter to somebody else. */
static void what_an_inbox_that_goes_takes_along(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    assert_int_equal(fixture_add_inbox(f, "two"), 2);
    struct store_report *reports[] = { report_end(1, 0, "S:220"), report_end(2, 0, "S:220"),
                                       report_open(3, 0, "S:220"), report_end(4, 1, "S:250") };
    for (size_t i = 0; i < ARRAY_LEN(reports); i++)
        reports[i]->session.inbox_id = 2;
    report(f, reports[0]);
    report(f, reports[2]);
    deliver(f, message_of(f, 4, 0, "C:MAIL|D:6")); /* its copy is in `default` */
    report(f, reports[3]);
    assert_string_equal(get(f, 1, &arena).inbox, "two");
    fixture_sql(f, "PRAGMA foreign_keys = ON; DELETE FROM inbox WHERE id = 2");
    report(f, reports[1]);
    assert_false(is_there(f, 1));
    for (int64_t late = 2; late <= 4; late++)
        assert_string_equal(get(f, late, &arena).inbox, "default");
}

/* ---- lists and news ---- */

static void assert_page(struct fixture *f, struct store_session_list list, const char *ids,
                        int total, bool has_more)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    struct store_session_page page;
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_sessions_list(r, &list, &arena, &page), 0);
    store_reader_return(r);
    for (size_t i = 0; i < page.count; i++)
        buf_printf(&text, "%d ", (int)page.items[i].id);
    assert_string_equal(buf_text(&text), ids);
    assert_int_equal(page.total, total);
    assert_int_equal(page.has_more, has_more);
}

static void assert_list(struct fixture *f, struct store_list bounds, const char *ids, int total,
                        bool has_more)
{
    assert_page(f, (struct store_session_list){ .bounds = bounds }, ids, total, has_more);
}

static void lists_as_messages_do(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_add_inbox(f, "two"), 2);
    for (int i = 1; i <= 6; i++) {
        struct store_report *r = report_end(i, 0, "S:220");
        r->session.inbox_id = i % 3 ? 1 : 2;
        report(f, r);
    }
    assert_list(f, (struct store_list){ .limit = 2 }, "6 5 ", 6, true);
    assert_list(f, (struct store_list){ .limit = 6 }, "6 5 4 3 2 1 ", 6, false);
    assert_list(f, (struct store_list){ .limit = 9, .before = 3 }, "2 1 ", 6, false);
    assert_list(f, (struct store_list){ .limit = 2, .after = 3, .oldest_first = true }, "4 5 ", 6,
                true);
    assert_list(f, (struct store_list){ .limit = 9, .inbox_id = 2 }, "6 3 ", 2, false);
    assert_list(f,
                (struct store_list){
                    .limit = 1, .inbox_id = 1, .after = 2, .before = 5, .oldest_first = true },
                "4 ", 4, false);
    assert_list(f, (struct store_list){ .limit = 9, .inbox_id = 3 }, "", 0, false);
}

/* ---- what is asked for ---- */

static void assert_found(struct fixture *f, const char *query, const char *ids)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_fault fault = { 0 };
    const struct store_session_list list = {
        .bounds.limit = 9,
        .query = store_session_query_parse(span_of(query), &arena, &fault),
    };
    if (!list.query)
        fail_msg("%s: %s", query, fault.detail);
    assert_page(f, list, ids, 3, false);
}

static void finds_sessions(void **state)
{
    struct fixture *f = *state;
    struct store_report *r = report_end(1, 0, "C:EHLO App|C:MAIL FROM:<ann@x>|C:RCPT TO:<bob@y>");
    r->session.client = (struct store_client){ .ip = "10.0.0.7", .helo = "App" };
    report(f, r);
    r = report_end(2, 0, "C:GET / HTTP/1.1|S:500 Unknown command|N:The client went away");
    r->session.client = (struct store_client){ .ip = "::1", .helo = "" };
    r->session.outcome = STORE_DROPPED;
    r->session.is_failed = true;
    r->session.refusal = (struct store_refusal){ "GET", "500 Unknown command" };
    report(f, r);
    deliver(f, message_of(f, 3, 0, "C:MAIL FROM:<bob@y>|C:RCPT TO:<ann@x>|D:6"));
    r = report_end(3, 1, "S:250 Ok");
    r->session.client = (struct store_client){
        .ip = "10.0.0.8", .helo = "app", .tls = "TLS1.3", .cipher = "AES", .username = "Tester"
    };
    report(f, r);
    static const struct {
        const char *query, *ids;
    } cases[] = {
        { "ip:10.0.0.", "3 1 " },
        { "ip:10.0.0.8", "3 " },
        { "helo:app", "3 1 " },
        { "username:tester", "3 " },
        { "tls:TLS1.3", "3 " },
        { "tls:aes", "3 " },
        { "outcome:dropped", "2 " },
        { "-outcome:quit", "2 " },
        { "!outcome:dropped", "3 1 " },
        { "outcome:open", "" },
        { "is:failed", "2 " },
        { "is:failed ip:10", "" },
        { "-is:failed", "3 1 " },
        { "inbox:default", "3 2 1 " },
        { "inbox:1", "3 2 1 " },
        { "inbox:de", "" },
        { "from:ann@x", "1 " },
        { "rcpt:ann@x", "3 " },
        { "ann@x", "3 1 " },
        { "http/1.1", "2 " },
        { "\"unknown command\"", "2 " },
        { "unknown went", "2 " },
        { "went unknown nothing", "" },
        { "ip:10 from:bob", "3 " },
        { "-rcpt:ann ip:10", "1 " },
        { "-tester", "2 1 " },
        { "dropped", "2 " }, /* facts are looked at for words too */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_found(f, cases[i].query, cases[i].ids);
    const struct store_session_list dropped = { .bounds.limit = 9,
                                                .by_outcome = true,
                                                .outcome = STORE_DROPPED };
    assert_page(f, dropped, "2 ", 3, false);
}

/* However rare it is what is looked for, a page takes little time; the next one goes on. */
static void looks_at_some_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_fault fault;
    static const struct {
        const char *query;
        int looked_at;
    } cases[] = { { "helo:rare", STORE_SESSIONS_LOOKED_AT },
                  { "rare", STORE_TRANSCRIPTS_LOOKED_AT } };
    fixture_sql(f, "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 10500) "
                   "INSERT INTO session (id, started_at, ended_at, client_ip, client_port, "
                   "client_helo, is_tls_implicit, message_count) "
                   "SELECT i, 0, 0, '::1', 1, CASE i WHEN 1 THEN 'rare' ELSE '' END, 0, 1 FROM n");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct store_session_list list = {
            .bounds = { .limit = 9 },
            .query = store_session_query_parse(span_of(cases[i].query), &arena, &fault),
        };
        struct store_session_page page = { .has_more = true, .last_id = 10501 };
        int pages = 0;
        struct store_reader *r = store_reader_lease(f->store);
        for (; page.has_more; pages++) {
            list.bounds.before = page.last_id;
            assert_int_equal(store_sessions_list(r, &list, &arena, &page), 0);
            assert_int_equal(page.count, page.has_more ? 0 : 1);
        }
        store_reader_return(r);
        assert_int_equal(pages, 10500 / cases[i].looked_at + 1);
        assert_int_equal(page.items[0].id, 1);
    }
}

/* However few failed, and however long ago, one page finds them. */
static void finds_failed_ones_at_once(void **state)
{
    struct fixture *f = *state;
    fixture_sql(f, "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 10500) "
                   "INSERT INTO session (id, started_at, ended_at, client_ip, client_port, "
                   "client_helo, is_tls_implicit, message_count, is_failed) "
                   "SELECT i, 0, 0, '::1', 1, '', 0, 1, i IN (1, 7) FROM n");
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_query_fault fault;
    struct store_session_list list = {
        .bounds.limit = 9,
        .query = store_session_query_parse(SPAN("is:failed"), &arena, &fault),
    };
    assert_page(f, list, "7 1 ", 10500, false);
    list.bounds.inbox_id = STORE_DEFAULT_INBOX;
    assert_page(f, list, "7 1 ", 10500, false);
    list.bounds.oldest_first = true;
    assert_page(f, list, "1 7 ", 10500, false);
    list.bounds.inbox_id = 0;
    assert_page(f, list, "1 7 ", 10500, false);
}

static void its_end_is_news(void **state)
{
    struct fixture *f = *state;
    struct store_news news[2];
    int64_t before = store_news_last(f->store);
    report(f, report_end(7, 0, "S:220"));
    assert_int_equal(store_news_read(f->store, before, news, 2), 1);
    assert_int_equal(news[0].type, STORE_SESSION_CLOSED);
    assert_int_equal(news[0].session_id, 7);
    assert_int_equal(news[0].message_id, 0);
    assert_int_equal(news[0].inbox_id, STORE_DEFAULT_INBOX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(a_young_one_is_known_by_its_message),
        TEST(gives_back_what_it_was_given),
        TEST(every_outcome_comes_back),
        TEST(what_is_known_last_counts),
        TEST(a_silent_one_is_told_once),
        TEST(a_message_has_its_own_transcript),
        TEST(copies_share_a_dialogue),
        TEST(what_came_by_no_session_has_no_transcript),
        TEST(reading_what_is_damaged_says_so),
        TEST(a_long_session_is_read_in_part),
        TEST(goes_with_its_last_message),
        TEST(an_open_one_stays),
        TEST(goes_when_all_is_cleared),
        TEST(silent_ones_are_bounded),
        TEST(what_waits_is_bounded),
        TEST(ids_are_never_used_twice),
        TEST(what_was_open_at_a_crash_is_over),
        TEST(what_an_inbox_that_goes_takes_along),
        TEST(lists_as_messages_do),
        TEST(finds_sessions),
        TEST(looks_at_some_at_a_time),
        TEST(finds_failed_ones_at_once),
        TEST(its_end_is_news),
    };
    return RUN_TESTS(tests);
}

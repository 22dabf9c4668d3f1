#include "mail_test.h"

#include "core/utf8.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

static void read_text(const char *text, struct arena *arena, struct mail *out)
{
    struct span span = span_of(text);
    struct source raw = source_of_span(&span);
    mail_read(&raw, arena, out);
}

/* ---- parts by number ---- */

static const char nested[] = "Content-Type: multipart/mixed; boundary=a\n\n"
                             "--a\n\nfirst\n"
                             "--a\nContent-Type: message/rfc822\n\n"
                             "Subject: inner\nContent-Type: multipart/mixed; boundary=b\n\n"
                             "--b\n\ninner first\n--b\n\ninner second\n--b--\n"
                             "--a--\n";

static void finds_parts_by_number(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        const char *type; /* NULL: there is none */
    } cases[] = {
        { "0", "multipart/mixed" },
        { "1", "text/plain" },
        { "2", "message/rfc822" },
        { "2.0", "multipart/mixed" },
        { "2.1", "text/plain" },
        { "2.2", "text/plain" },
        { "2.3", NULL },
        { "3", NULL },
        { "", NULL },
        { "2.", NULL },
        { "02", NULL },
    };
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail m;
    read_text(nested, &arena, &m);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct mail_part *part = mail_find_part(&m, span_of(cases[i].number));
        assert_int_equal(part != NULL, cases[i].type != NULL);
        if (part)
            assert_string_equal(part->content_type, cases[i].type);
    }
}

/* An embedded message can be saved as it was sent, and says the same as if it had come alone. */
static void an_embedded_message_is_a_message(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct span span = SPAN(nested);
    struct source raw = source_of_span(&span);
    struct mail m, inner;
    mail_read(&raw, &arena, &m);
    const struct mail_part *part = mail_find_part(&m, SPAN("2"));
    assert_true(part->is_attachment);
    struct span body = span_slice(span, (size_t)part->start, (size_t)part->end);
    struct source inner_raw = source_of_span(&body);
    mail_read(&inner_raw, &arena, &inner);
    assert_string_equal(inner.subject, "inner");
    assert_string_equal(inner.preview, "inner first");
    assert_int_equal(inner.part_count, 3);
    const struct mail_part *same = mail_find_part(&m, SPAN("2.2"));
    assert_string_equal(inner.parts[2].sha256, same->sha256);
    assert_int_equal(inner.parts[2].start + part->start, same->start);
}

/* ---- the preview ---- */

static void a_preview_is_cut_between_characters(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    struct mail m;
    buf_append(&text, SPAN("Content-Type: text/plain; charset=utf-8\n\n \t"));
    for (int i = 0; i < 150; i++)
        buf_append(&text, SPAN("\xF0\x9F\x98\x80 \r\n\t "));
    read_text(buf_text(&text), &arena, &m);
    assert_true(utf8_is_valid(span_of(m.preview)));
    assert_int_equal(strlen(m.preview), 100 * 4 + 99); /* the 200th is a space */
}

static void a_preview_has_no_markup(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    struct mail m;
    buf_append(&text, SPAN("Content-Type: text/html\n\n<style>"));
    for (int i = 0; i < 1000; i++)
        buf_append(&text, SPAN("p { margin: 0 }\n"));
    buf_append(&text, SPAN("</style><h1>Your&nbsp;order</h1><p>5 &lt; 6"));
    read_text(buf_text(&text), &arena, &m);
    assert_string_equal(m.preview, "Your order 5 < 6");
}

/* ---- text for search ---- */

static void text_stops_where_it_is_told(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    buf_append(&text, SPAN("Content-Type: text/html\n\n<p>"));
    for (int i = 0; i < 10000; i++)
        buf_append(&text, SPAN("<i>word</i> "));
    struct span span = buf_span(&text);
    struct source raw = source_of_span(&span);
    struct mail m;
    mail_read(&raw, &arena, &m);
    struct buf out AUTO(buf_done) = { 0 };
    buf_append(&out, SPAN("kept "));
    assert_int_equal(mail_text(&raw, &m.parts[0], 1000, &out), 0);
    assert_true(span_starts_with(buf_span(&out), SPAN("kept word word ")));
    assert_in_range(out.len, 1005, 3000);
    buf_clear(&out);
    assert_int_equal(mail_text(&raw, &m.parts[0], 1000000, &out), 0);
    assert_int_equal(out.len, 10000 * strlen("word "));
}

static void text_is_not_looked_for_for_ever(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    buf_append(&text, SPAN("Content-Type: text/html\n\n<!--"));
    for (int i = 0; i < 100000; i++)
        buf_append(&text, SPAN("comment "));
    buf_append(&text, SPAN("-->found"));
    struct span span = buf_span(&text);
    struct source raw = source_of_span(&span);
    struct mail m;
    struct buf out AUTO(buf_done) = { 0 };
    mail_read(&raw, &arena, &m);
    assert_int_equal(mail_text(&raw, &m.parts[0], 1000, &out), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(mail_text(&raw, &m.parts[0], 100000, &out), 0);
    assert_span(buf_span(&out), "found");
}

static void text_is_not_cut_in_a_character(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    for (size_t before = 0; before < 4; before++) {
        buf_clear(&text);
        buf_append(&text, SPAN("Content-Type: text/plain; charset=utf-8\n\n"));
        buf_append(&text, span_slice(SPAN("abc"), 0, before));
        for (int i = 0; i < 1000; i++)
            buf_append(&text, SPAN("\xF0\x9F\x98\x80"));
        struct span span = buf_span(&text);
        struct source raw = source_of_span(&span);
        struct mail m;
        struct buf out AUTO(buf_done) = { 0 };
        mail_read(&raw, &arena, &m);
        assert_int_equal(mail_text(&raw, &m.parts[0], 1000, &out), 0);
        assert_true(utf8_is_valid(buf_span(&out)));
        assert_in_range(out.len, 1000, 1024);
    }
}

/* ---- threads ---- */

enum { THREADS = 8, READS = 200 };

static void *read_often(void *arg)
{
    struct mail *last = arg;
    for (int i = 0; i < READS; i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct mail m;
        read_text("From: =?iso-8859-2?q?=B1?= <a@example.test>, Group: b@example.test;\n"
                  "Date: 23 Nov 2026 12:04:31 +0000\n"
                  "Content-Type: text/html; charset=koi8-r; name*=no-such''%80\n"
                  "Content-Transfer-Encoding: quoted-printable\n\n<p>=CD=C9=D2",
                  &arena, &m);
        assert_string_equal(m.preview, "\xD0\xBC\xD0\xB8\xD1\x80");
        assert_string_equal(m.from.items[0].name, "\xC4\x85");
        *last = m;
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct mail last[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, &last[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(last[i].from.count, 2);
        assert_true(last[i].has_date);
    }
}

/* ---- sources that fail ---- */

struct failing {
    struct span bytes;
    uint64_t from; /* reads beyond it fail */
};

static int64_t read_or_fail(void *arg, uint64_t at, void *out, size_t len)
{
    const struct failing *f = arg;
    if (at + len > f->from && f->from < f->bytes.len)
        return -EIO;
    if (at >= f->bytes.len)
        return 0;
    struct span piece = span_slice(f->bytes, (size_t)at, (size_t)at + len);
    memcpy(out, piece.ptr, piece.len);
    return (int64_t)piece.len;
}

static void what_was_read_before_a_failure_stays(void **state)
{
    (void)state;
    struct buf text AUTO(buf_done) = { 0 };
    buf_append(&text,
               SPAN("Subject: read\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n"));
    for (int i = 0; i < 20000; i++)
        buf_append(&text, SPAN("--b\n\nmore text\n"));
    struct failing f = { buf_span(&text), 40000 };
    struct source raw = { text.len, read_or_fail, &f };
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_header *headers;
    struct mail m;
    mail_read(&raw, &arena, &m);
    assert_string_equal(m.subject, "read");
    assert_int_equal(mail_headers(&raw, &arena, &headers), 2);
    struct buf out AUTO(buf_done) = { 0 };
    struct mail_part whole = { .content_type = "text/plain", .end = text.len };
    assert_int_equal(mail_text(&raw, &whole, 1000000, &out), -EIO);
}

static void nothing_can_be_read(void **state)
{
    (void)state;
    struct failing f = { SPAN("Subject: never read\n\nText."), 0 };
    struct source raw = { f.bytes.len, read_or_fail, &f };
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_header *headers;
    struct mail m;
    mail_read(&raw, &arena, &m);
    assert_string_equal(m.subject, "");
    assert_string_equal(m.message_id, "");
    assert_string_equal(m.preview, "");
    assert_int_equal(m.part_count, 1);
    assert_int_equal(mail_headers(&raw, &arena, &headers), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_parts_by_number),
        cmocka_unit_test(an_embedded_message_is_a_message),
        cmocka_unit_test(a_preview_is_cut_between_characters),
        cmocka_unit_test(a_preview_has_no_markup),
        cmocka_unit_test(text_stops_where_it_is_told),
        cmocka_unit_test(text_is_not_looked_for_for_ever),
        cmocka_unit_test(text_is_not_cut_in_a_character),
        cmocka_unit_test(threads_do_not_disturb_each_other),
        cmocka_unit_test(what_was_read_before_a_failure_stays),
        cmocka_unit_test(nothing_can_be_read),
    };
    return RUN_MAIL_TESTS(tests);
}

#include "mail_test.h"

#include <string.h>
#include <sys/resource.h>

/* Messages made to cost more than they are worth. They are generated while they are read, so that
 * the only memory they can take is the reader's. */

enum { HOSTILE_SIZE = 50 * 1024 * 1024, MAY_TAKE_KB = 32 * 1024 };

/* `front`, then `unit` over and over, then `back`. */
struct generated {
    const char *front, *unit, *back;
};

/* Where the octets from `at` on stand in memory, as far as they stand together. */
static struct span stretch(const struct generated *g, uint64_t at)
{
    static char units[64 * 1024];
    static const struct generated *filled;
    size_t front = strlen(g->front);
    size_t unit = strlen(g->unit);
    size_t behind = HOSTILE_SIZE - strlen(g->back);
    if (at < front)
        return span_slice(span_of(g->front), (size_t)at, front);
    if (at >= behind)
        return span_slice(span_of(g->back), (size_t)(at - behind), HOSTILE_SIZE - behind);
    for (size_t i = 0; filled != g && i < sizeof(units); i++)
        units[i] = g->unit[i % unit];
    filled = g;
    return span_slice((struct span){ units, sizeof(units) }, (size_t)(at - front) % unit,
                      (size_t)(at - front) % unit + (size_t)(behind - at));
}

static uint64_t octets_read;

static int64_t generate(void *arg, uint64_t at, void *out, size_t len)
{
    if (at >= HOSTILE_SIZE)
        return 0;
    struct span piece = span_slice(stretch(arg, at), 0, len);
    memcpy(out, piece.ptr, piece.len);
    octets_read += piece.len;
    return (int64_t)piece.len;
}

/* Address sanitizer keeps what was freed, and it would be counted. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1";
}

/* There if ThreadSanitizer is, which takes notes of all that is touched, several times as large. */
void __tsan_init(void) __attribute__((weak));

static long may_take_kb(void)
{
    return __tsan_init ? 8 * MAY_TAKE_KB : MAY_TAKE_KB;
}

static long peak_kb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

#define MIXED "Subject: hostile\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"

#define MESSAGES_8 MESSAGES_4 MESSAGES_4
#define MESSAGES_4 MESSAGE MESSAGE MESSAGE MESSAGE
#define MESSAGE "Content-Type: message/rfc822\n\n"

static const struct {
    const char *what;
    struct generated message;
    size_t parts;
    const char *type; /* of the first part */
} cases[] = {
    /* not taken apart */
    { "endless header", { "", "X-Header: and so on\r\n", "" }, 1, "text/plain" },
    { "endless field", { "Subject: ", "x", "" }, 1, "text/plain" },
    { "endless folds", { "Subject: x", "\r\n y", "" }, 1, "text/plain" },
    { "endless name", { "", "x", "" }, 1, "text/plain" },
    { "shortest fields", { "", "a:\n", "" }, 1, "text/plain" },
    { "fields of a part", { MIXED "--b\r\n", "a:\n", "" }, 1, "text/plain" },
    { "boundaries", { MIXED, "--b\n", "" }, 1, "text/plain" },
    { "parts", { MIXED, "--b\n\nx\n", "" }, 1, "text/plain" },
    { "parts with fields", { MIXED, "--b\nA: b\nC: d\n\n", "" }, 1, "text/plain" },
    { "messages", { "", "Content-Type: message/rfc822\n\n", "" }, 1, "text/plain" },
    { "multiparts",
      { MIXED, "--b\nContent-Type: multipart/x; boundary=b\n\n", "" },
      1,
      "text/plain" },
    { "digests",
      { MIXED, "--b\nContent-Type: multipart/digest; boundary=b\n\n--b\n\n", "" },
      1,
      "text/plain" },
    { "addresses", { "", "To: a@b, c@d\n", "" }, 1, "text/plain" },
    { "a list of addresses", { "To: ", "a@b,", "" }, 1, "text/plain" },
    { "empty groups", { "To: x", ":;,", "" }, 1, "text/plain" },
    { "groups in groups", { "To: x", ":a", "" }, 1, "text/plain" },
    { "parameters", { "Content-Type: text/plain", ";a*0*=b", "" }, 1, "text/plain" },
    /* taken apart at no cost */
    { "preamble",
      { MIXED, "text before the parts\r\n", "\r\n--b\r\n\r\nx\r\n--b--\r\n" },
      2,
      "multipart/mixed" },
    { "epilogue",
      { MIXED "--b\n\n--b--\n", "text behind the parts\r\n", "" },
      2,
      "multipart/mixed" },
    { "lines that look like boundaries",
      { MIXED "--b\n\n", "--bb\n--\n", "" },
      2,
      "multipart/mixed" },
    { "boundary that never comes", { MIXED, "-", "" }, 2, "multipart/mixed" },
    { "messages in messages",
      { MESSAGES_8 MESSAGES_8 MESSAGES_8 MESSAGES_8 MESSAGES_8 "\n", "x\n", "" },
      41,
      "message/rfc822" },
    { "one line", { "\n", "x", "" }, 1, "text/plain" },
    { "empty lines", { "\n", "\n", "" }, 1, "text/plain" },
    { "attachment",
      { "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n", "QUJDREVGR0hJSktM\r\n", "" },
      1,
      "a/b" },
    { "escapes",
      { "Content-Transfer-Encoding: quoted-printable\n\n", "=\n", "" },
      1,
      "text/plain" },
    { "tags", { "Content-Type: text/html\n\n", "<b>", "" }, 1, "text/html" },
    { "one tag", { "Content-Type: text/html\n\n<b ", "a", "" }, 1, "text/html" },
    { "references", { "Content-Type: text/html\n\n", "&nbsp;", "" }, 1, "text/html" },
    { "incomplete characters",
      { "Content-Type: text/plain; charset=iso-2022-jp\n\n", "\x1B$", "" },
      1,
      "text/plain" },
    { "white space", { "\n", " ", "" }, 1, "text/plain" },
};

static void hostile_messages_cost_little(void **state)
{
    (void)state;
    long before = peak_kb();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct source raw = { HOSTILE_SIZE, generate, (void *)&cases[i].message };
        struct mail m;
        octets_read = 0;
        mail_read(&raw, &arena, &m);
        long took = peak_kb() - before;
        if (took > may_take_kb() || m.part_count != cases[i].parts)
            print_error("%s: %ld KB, %zu parts\n", cases[i].what, took, m.part_count);
        assert_true(took <= may_take_kb());
        assert_int_equal(m.part_count, cases[i].parts);
        assert_string_equal(m.parts[0].content_type, cases[i].type);
        assert_int_equal(m.parts[0].end, HOSTILE_SIZE);
        /* To find the parts, to measure them, and once more if they are in a message. */
        assert_in_range(octets_read, HOSTILE_SIZE, 3 * (uint64_t)HOSTILE_SIZE + 1000000);
    }
}

static void so_do_their_headers(void **state)
{
    (void)state;
    long before = peak_kb();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct source raw = { HOSTILE_SIZE, generate, (void *)&cases[i].message };
        struct mail_header *headers;
        assert_true(mail_headers(&raw, &arena, &headers) <= MAIL_MAX_HEADER_FIELDS);
        assert_true(peak_kb() - before <= may_take_kb());
    }
}

static void read_text(const char *text, struct arena *arena, struct mail *out)
{
    struct span span = span_of(text);
    struct source raw = source_of_span(&span);
    mail_read(&raw, arena, out);
}

/* ---- exactly at the bounds ---- */

static void a_thousand_parts_are_not_too_many(void **state)
{
    (void)state;
    for (size_t children = MAIL_MAX_PARTS - 2; children <= MAIL_MAX_PARTS; children++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct buf text AUTO(buf_done) = { 0 };
        struct mail m;
        buf_append(&text, SPAN(MIXED));
        for (size_t i = 0; i < children; i++)
            buf_append(&text, SPAN("--b\n\nx\n"));
        read_text(buf_text(&text), &arena, &m);
        bool is_within = children + 1 <= MAIL_MAX_PARTS;
        assert_int_equal(m.part_count, is_within ? children + 1 : 1);
        assert_string_equal(m.subject, "hostile");
    }
}

static void fifty_levels_are_not_too_deep(void **state)
{
    (void)state;
    for (size_t levels = MAIL_MAX_DEPTH - 1; levels <= MAIL_MAX_DEPTH + 1; levels++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct buf text AUTO(buf_done) = { 0 };
        struct mail m;
        for (size_t i = 0; i < levels; i++)
            buf_printf(&text, "Content-Type: multipart/mixed; boundary=b%zu\n\n--b%zu\n", i, i);
        buf_append(&text, SPAN("\nInnermost."));
        read_text(buf_text(&text), &arena, &m);
        bool is_within = levels <= MAIL_MAX_DEPTH;
        assert_int_equal(m.part_count, is_within ? levels + 1 : 1);
        assert_int_equal(m.parts[m.part_count - 1].depth, is_within ? levels : 0);
        assert_string_equal(m.parts[0].number, is_within ? "0" : "1");
        assert_int_equal(m.text_part, m.part_count - 1);
    }
}

static void a_header_may_be_a_megabyte(void **state)
{
    (void)state;
    for (size_t size = MAIL_MAX_HEADER_BYTES - 1; size <= MAIL_MAX_HEADER_BYTES + 1; size++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct buf text AUTO(buf_done) = { 0 };
        struct mail m;
        buf_append(&text, SPAN("Subject: long\nX: "));
        memset(buf_reserve(&text, size), 'x', size);
        text.len = size - 1;
        buf_append(&text, SPAN("\n\nText."));
        read_text(buf_text(&text), &arena, &m);
        bool is_within = size <= MAIL_MAX_HEADER_BYTES;
        assert_int_equal(m.parts[0].start, is_within ? size + 1 : 0);
        assert_string_equal(m.subject, "long");
    }
}

/* Of all parts together. */
static void so_may_all_headers(void **state)
{
    (void)state;
    for (size_t parts = 3; parts <= 4; parts++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct buf text AUTO(buf_done) = { 0 };
        struct mail m;
        buf_append(&text, SPAN(MIXED));
        for (size_t i = 0; i < parts; i++) {
            buf_append(&text, SPAN("--b\nX: "));
            memset(buf_reserve(&text, MAIL_MAX_HEADER_BYTES / 4), 'x', MAIL_MAX_HEADER_BYTES / 4);
            text.len += MAIL_MAX_HEADER_BYTES / 4;
            buf_append(&text, SPAN("\n\nText.\n"));
        }
        read_text(buf_text(&text), &arena, &m);
        assert_int_equal(m.part_count, parts == 3 ? 4 : 1);
    }
}

/* The fields as far as the bound allows; and what is not taken apart is there to be read. */
static void beyond_the_bounds_the_rest_is_read(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    struct mail m;
    buf_append(&text, SPAN("From: a@example.test\nDate: 23 Nov 2026 12:04:31 +0000\n" MIXED));
    for (size_t i = 0; i <= MAIL_MAX_PARTS; i++)
        buf_append(&text, SPAN("--b\n\nx\n"));
    read_text(buf_text(&text), &arena, &m);
    assert_int_equal(m.part_count, 1);
    assert_int_equal(m.from.count, 1);
    assert_true(m.has_date);
    assert_string_equal(m.parts[0].number, "1");
    assert_int_equal(m.parts[0].size, m.parts[0].end - m.parts[0].start);
    assert_int_equal(m.parts[0].end, text.len);
    assert_int_equal(m.text_part, 0);
    assert_true(strncmp(m.preview, "--b x --b x", 11) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_messages_cost_little),
        cmocka_unit_test(so_do_their_headers),
        cmocka_unit_test(a_thousand_parts_are_not_too_many),
        cmocka_unit_test(fifty_levels_are_not_too_deep),
        cmocka_unit_test(a_header_may_be_a_megabyte),
        cmocka_unit_test(so_may_all_headers),
        cmocka_unit_test(beyond_the_bounds_the_rest_is_read),
    };
    return RUN_MAIL_TESTS(tests);
}

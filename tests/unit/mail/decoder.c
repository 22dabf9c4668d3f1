#include "mail_test.h"

#include <errno.h>
#include <string.h>

#define OCTETS(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct {
    enum mail_encoding encoding;
    struct span body, octets;
    const char *charset, *text; /* NULL: the octets themselves */
} cases[] = {
    { MAIL_7BIT, OCTETS(""), OCTETS(""), NULL, NULL },
    { MAIL_7BIT, OCTETS("a=3D\r\n"), OCTETS("a=3D\r\n"), NULL, NULL },
    { MAIL_8BIT, OCTETS("\xE4"), OCTETS("\xE4"), "iso-8859-15", "\xC3\xA4" },
    { MAIL_BINARY, OCTETS("a\0b\rc"), OCTETS("a\0b\rc"), "utf-8",
      "a\xEF\xBF\xBD"
      "b\rc" },
    { MAIL_QUOTED_PRINTABLE, OCTETS("=C3=a4=\r\nb=\nc"),
      OCTETS("\xC3\xA4"
             "bc"),
      "utf-8", NULL },
    { MAIL_8BIT, OCTETS("cut \xE2\x82"), OCTETS("cut \xE2\x82"), "utf-8",
      "cut \xEF\xBF\xBD\xEF\xBF\xBD" },
    { MAIL_QUOTED_PRINTABLE, OCTETS("=E4=zz="), OCTETS("\xE4=zz"), NULL, "\xC3\xA4=zz" },
    { MAIL_BASE64, OCTETS("QUJ\r\nD\r\n"), OCTETS("ABC"), NULL, NULL },
    { MAIL_BASE64, OCTETS("QUI="), OCTETS("AB"), NULL, NULL },
    { MAIL_BASE64, OCTETS("QUI"), OCTETS("AB"), NULL, NULL },
    { MAIL_BASE64, OCTETS("QQ"), OCTETS("A"), NULL, NULL },
    { MAIL_BASE64, OCTETS("Q!U*I="), OCTETS("AB"), NULL, NULL },
    { MAIL_BASE64, OCTETS("4oKs"), OCTETS("\xE2\x82\xAC"), "utf-8", NULL },
    { MAIL_BASE64, OCTETS("AAA="), OCTETS("\0\0"), "utf-16", "\xEF\xBF\xBD" },
    { MAIL_UUENCODE, OCTETS("begin 644 a\r\n#86)C\r\n`\r\nend\r\n"), OCTETS("abc"), NULL, NULL },
    { MAIL_UUENCODE, OCTETS("before\nbegin 644 a\n#86)C\n`\nend\nafter\n"), OCTETS("abc"), NULL,
      NULL },
    { MAIL_UUENCODE, OCTETS("no beginning"), OCTETS(""), NULL, NULL },
};

static void read_all(struct mail_decoder *d, size_t step, struct buf *out)
{
    int64_t got;
    while ((got = mail_decoder_read(d, buf_reserve(out, step), step)) > 0) {
        assert_true((size_t)got <= step);
        out->len += (size_t)got;
    }
    assert_int_equal(got, 0);
    assert_int_equal(mail_decoder_read(d, buf_reserve(out, step), step), 0);
}

/* What comes after any number of octets passed over, at any place, is what is behind them. */
static void check_skips(const struct source *raw, const struct mail_part *part, bool as_text,
                        struct span expected)
{
    for (size_t before = 0; before < expected.len + 2; before++)
        for (size_t skipped = 0; skipped < expected.len + 3 - before; skipped++) {
            struct buf out AUTO(buf_done) = { 0 };
            struct mail_decoder *d = mail_decoder_new(raw, part, as_text);
            char past;
            for (size_t i = 0; i < before; i++)
                (void)mail_decoder_read(d, &past, 1);
            assert_int_equal(mail_decoder_skip(d, skipped), 0);
            read_all(d, 7, &out);
            assert_true(
                span_eq(buf_span(&out), span_slice(expected, before + skipped, expected.len)));
            mail_decoder_free(d);
        }
}

/* The body stands somewhere in the message, and is read in steps of every size. */
static void check(size_t i, bool as_text, struct span expected)
{
    struct buf message AUTO(buf_done) = { 0 };
    buf_append(&message, SPAN("QUJD=41"));
    buf_append(&message, cases[i].body);
    buf_append(&message, SPAN("QUJD=41"));
    struct span span = buf_span(&message);
    struct source raw = source_of_span(&span);
    struct mail_part part = { .encoding = cases[i].encoding,
                              .charset = cases[i].charset,
                              .start = 7 };
    part.end = part.start + cases[i].body.len;
    for (size_t step = 1; step < 40; step += 3) {
        struct buf out AUTO(buf_done) = { 0 };
        struct mail_decoder *d = mail_decoder_new(&raw, &part, as_text);
        read_all(d, step, &out);
        mail_decoder_free(d);
        assert_true(span_eq(buf_span(&out), expected));
    }
    check_skips(&raw, &part, as_text, expected);
}

static void decodes_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        check(i, false, cases[i].octets);
        check(i, true, cases[i].text ? span_of(cases[i].text) : cases[i].octets);
    }
}

/* Returns the length of its lines as the message is read. */
static size_t check_base64_skips(const char *body)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf message AUTO(buf_done) = { 0 };
    struct buf whole AUTO(buf_done) = { 0 };
    struct mail mail;
    buf_printf(&message, "Content-Transfer-Encoding: base64\r\n\r\n%s", body);
    struct span span = buf_span(&message);
    struct source raw = source_of_span(&span);
    mail_read(&raw, &arena, &mail);
    struct mail_decoder *d = mail_decoder_new(&raw, &mail.parts[0], false);
    read_all(d, 100, &whole);
    mail_decoder_free(d);
    check_skips(&raw, &mail.parts[0], false, buf_span(&whole));
    return mail.parts[0].line_length;
}

/* With lines of one length or not, whatever stands at the end. */
static void passes_over_base64(void **state)
{
    static const struct {
        const char *body;
        size_t line_length;
    } bodies[] = {
        { "QUJDREVG\r\nR0hJSktM\r\nTU5PUFFS\r\n", 8 },
        { "QUJDREVG\r\nR0hJSktM\r\nTU5P", 8 },
        { "QUJDREVG\r\nR0hJSktM\r\nTU4=\r\n\r\n", 8 },
        { "QUJD\r\nREVG\r\nR0hJ\r\nSktM\r\n", 4 },
        { "QUJDREVGR0hJSktMTU5PUFFS", 24 },
        { "QUJDREVG\r\nR0hJ\r\nSktMTU5P\r\n", 0 },
        { "QUJDREVG\nR0hJSktM\nTU5PUFFS\n", 0 },
        { "QUJDRE\r\nVGR0hJ\r\nSktMTU5P\r\n", 0 },
        { "\r\nQUJDREVG\r\nR0hJSktM\r\n", 0 },
        { "QUJDREVG\r\nR0h SktM\r\nTU5PUFFS\r\n", 0 },
        { "QUJDREV=\r\nR0hJSktM\r\nTU5PUFFS\r\n", 0 },
        { "QUJDREVG\r\nR0hJSktM\r\nTU5PUFF\r\n", 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        assert_int_equal(check_base64_skips(bodies[i].body), bodies[i].line_length);
}

static unsigned next_random(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 16) % below;
}

/* Lines that are mostly alike, with a fault here and there. */
static void passes_over_whatever_stands_for_base64(void **state)
{
    (void)state;
    int regular = 0;
    for (unsigned i = 0; i < 100; i++) {
        struct buf body AUTO(buf_done) = { 0 };
        unsigned seed = i;
        for (unsigned lines = next_random(&seed, 6); lines > 0; lines--) {
            unsigned digits = next_random(&seed, 12) ? 8 : next_random(&seed, 10);
            for (; digits > 0; digits--)
                buf_putc(&body, next_random(&seed, 60) ? "QUJD"[next_random(&seed, 4)] : '=');
            buf_append(&body, next_random(&seed, 15) ? SPAN("\r\n") : SPAN(" \n"));
        }
        regular += check_base64_skips(buf_text(&body)) > 0;
    }
    assert_in_range(regular, 30, 90);
}

/* Sources may give less than was asked for. */
static int64_t read_one(void *arg, uint64_t at, void *out, size_t len)
{
    const struct span *bytes = arg;
    if (at >= bytes->len || len == 0)
        return 0;
    memcpy(out, bytes->ptr + at, 1);
    return 1;
}

static void the_size_of_reads_does_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct span body = cases[i].body;
        struct source raw = { .size = body.len, .read = read_one, .arg = &body };
        struct mail_part part = { .encoding = cases[i].encoding, .end = body.len };
        struct buf out AUTO(buf_done) = { 0 };
        struct mail_decoder *d = mail_decoder_new(&raw, &part, false);
        read_all(d, 100, &out);
        mail_decoder_free(d);
        assert_true(span_eq(buf_span(&out), cases[i].octets));
    }
}

static int64_t fail_at_once(void *arg, uint64_t at, void *out, size_t len)
{
    (void)arg, (void)out, (void)len;
    return at == 0 ? -EIO : 0;
}

static void passes_on_what_failed(void **state)
{
    (void)state;
    struct source raw = { .size = 10, .read = fail_at_once };
    struct mail_part part = { .end = 10 };
    char out[4];
    struct mail_decoder *d = mail_decoder_new(&raw, &part, true);
    assert_int_equal(mail_decoder_read(d, out, sizeof(out)), -EIO);
    mail_decoder_free(d);
    mail_decoder_free(NULL);
}

static void a_source_shorter_than_the_part_just_ends(void **state)
{
    (void)state;
    struct span body = SPAN("abc");
    struct source raw = source_of_span(&body);
    struct mail_part part = { .start = 1, .end = 1000000 };
    struct buf out AUTO(buf_done) = { 0 };
    struct mail_decoder *d = mail_decoder_new(&raw, &part, false);
    read_all(d, 100, &out);
    mail_decoder_free(d);
    assert_span(buf_span(&out), "bc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_bodies),
        cmocka_unit_test(passes_over_base64),
        cmocka_unit_test(passes_over_whatever_stands_for_base64),
        cmocka_unit_test(the_size_of_reads_does_not_matter),
        cmocka_unit_test(passes_on_what_failed),
        cmocka_unit_test(a_source_shorter_than_the_part_just_ends),
    };
    return RUN_MAIL_TESTS(tests);
}

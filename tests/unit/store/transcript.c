#include "../test.h"

#include "core/mem.h"
#include "store/transcript.h"

#include <errno.h>

/* Entries are written "C:MAIL", "S:250 Ok", "N:note" or "D:1000", one tenth of a millisecond after
 * the other. */

static struct buf piece_of(const char *const *lines, uint64_t at)
{
    static const char letters[] = "CSNDF";
    struct buf piece = { 0 };
    for (; *lines; lines++, at++) {
        struct span text = span_of(*lines);
        struct store_entry e = { .at = at, .kind = (enum store_entry_kind)0 };
        e.kind = (enum store_entry_kind)span_find(span_of(letters), *text.ptr);
        e.text = span_slice(text, 2, text.len);
        if (e.kind == STORE_ENTRY_DATA)
            assert_true(parse_u64(e.text, &e.octets));
        entries_put(&piece, &e);
    }
    return piece;
}

#define PIECE(at, ...) piece_of((const char *const[]){ __VA_ARGS__, NULL }, at)

/* The texts in one line, so that tests compare at one look. */
static char *told(const struct store_transcript *t)
{
    struct buf out = { 0 };
    for (size_t i = 0; i < t->count; i++) {
        const struct store_entry *e = &t->items[i];
        buf_printf(&out, "%s%c:%.*s", i ? " | " : "", "CSNDF"[e->kind], SPAN_ARG(e->text));
        if (e->kind == STORE_ENTRY_DATA)
            buf_printf(&out, "%llu=%lld", (unsigned long long)e->octets, (long long)e->message_id);
    }
    return buf_take(&out);
}

static void assert_told(struct transcript *t, const char *expected)
{
    struct store_transcript all;
    transcript_end(t, &all);
    char *text AUTO(free_ptr) = told(&all);
    assert_string_equal(text, expected);
}

static void data_belongs_to_the_last_transaction(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena };
    struct buf opening AUTO(buf_done) = PIECE(0, "S:220", "C:EHLO");
    struct buf piece AUTO(buf_done) = PIECE(9, "C:mail from:<big@x>", "D:99", "S:552",
                                            "C:MAIL FROM:<a@x>", "C:BDAT 5", "D:5", "D:6");
    struct buf closing AUTO(buf_done) = PIECE(20, "S:250 stored", "D:3", "N:dropped");
    assert_int_equal(transcript_add(&t, buf_span(&opening), 0), 0);
    assert_int_equal(transcript_add(&t, buf_span(&piece), 42), 0);
    assert_int_equal(transcript_add(&t, buf_span(&closing), 0), 0);
    assert_told(&t, "S:220 | C:EHLO | C:mail from:<big@x> | D:99=0 | S:552 | C:MAIL FROM:<a@x> | "
                    "C:BDAT 5 | D:5=42 | D:6=42 | S:250 stored | D:3=0 | N:dropped");
}

static void narrows_to_a_transaction_and_its_reply(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena };
    struct buf opening AUTO(buf_done) = PIECE(0, "S:220");
    struct buf piece AUTO(buf_done) = PIECE(5, "S:250 stored as 1", "C:MAIL FROM:<no@x>", "S:550",
                                            "C:RSET", "C:MAIL FROM:<a@x>", "S:250", "D:5");
    struct buf next AUTO(buf_done) = PIECE(9, "S:250-stored", "S:250 as 2", "C:MAIL", "S:250");
    assert_int_equal(transcript_add(&t, buf_span(&opening), 0), 0);
    assert_int_equal(transcript_add_transaction(&t, buf_span(&piece), 2), 0);
    assert_int_equal(transcript_add_reply(&t, buf_span(&next)), 0);
    assert_told(&t, "S:220 | C:MAIL FROM:<a@x> | S:250 | D:5=2 | S:250-stored | S:250 as 2");
}

static void what_is_told_is_not_told_again(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena };
    struct buf opening AUTO(buf_done) = PIECE(0, "S:220", "C:EHLO");
    struct buf piece AUTO(buf_done) =
        PIECE(0, "S:220", "C:EHLO", "S:250", "C:MAIL FROM:<a@x>", "D:5");
    struct buf later AUTO(buf_done) = PIECE(9, "S:250", "C:MAIL FROM:<a@x>", "D:5");
    assert_int_equal(transcript_add(&t, buf_span(&opening), 0), 0);
    assert_int_equal(transcript_add(&t, buf_span(&piece), 1), 0);
    assert_int_equal(transcript_add(&t, buf_span(&piece), 2), 0); /* a copy */
    assert_int_equal(transcript_add(&t, buf_span(&later), 3), 0);
    assert_told(&t, "S:220 | C:EHLO | S:250 | C:MAIL FROM:<a@x> | D:5=1 | S:250 | "
                    "C:MAIL FROM:<a@x> | D:5=3");
}

/* Where the opening was kept when only a part of it had been said, or not at all. */
static void the_first_message_knows_the_opening(void **state)
{
    (void)state;
    static const char told[] = "S:220 | C:EHLO | C:MAIL FROM:<a@x> | D:5=1";
    struct buf piece AUTO(buf_done) =
        PIECE(0, "S:220", "C:EHLO", "C:MAIL FROM:<no@x>", "S:550", "C:MAIL FROM:<a@x>", "D:5");
    struct buf openings[] = { { 0 }, PIECE(0, "S:220"), PIECE(0, "S:220", "C:EHLO") };
    for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct transcript t = { .arena = &arena };
        assert_int_equal(transcript_add(&t, buf_span(&openings[i]), 0), 0);
        assert_int_equal(transcript_add_transaction(&t, buf_span(&piece), 1), 0);
        assert_told(&t, told);
        buf_done(&openings[i]);
    }
}

/* What an open session had said when it was reported may have gone with a message meanwhile. */
static void what_went_with_a_message_is_not_told_again(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena }, reply = { .arena = &arena };
    struct buf piece AUTO(buf_done) = PIECE(0, "S:220", "C:MAIL", "S:250", "D:5");
    struct buf early AUTO(buf_done) = PIECE(0, "S:220", "C:MAIL", "S:250");
    struct buf late AUTO(buf_done) = PIECE(3, "D:5", "S:250 stored", "C:RSET");
    assert_int_equal(transcript_add(&t, buf_span(&piece), 1), 0);
    assert_int_equal(transcript_add_later(&t, buf_span(&early)), 0);
    assert_int_equal(transcript_add_later(&t, buf_span(&late)), 0);
    assert_told(&t, "S:220 | C:MAIL | S:250 | D:5=1 | S:250 stored | C:RSET");
    assert_int_equal(transcript_add_transaction(&reply, buf_span(&piece), 1), 0);
    assert_int_equal(transcript_add_later_reply(&reply, buf_span(&early)), 0);
    assert_int_equal(transcript_add_later_reply(&reply, buf_span(&late)), 0);
    assert_told(&reply, "S:220 | C:MAIL | S:250 | D:5=1 | S:250 stored");
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena };
    const struct span none = { 0 };
    assert_int_equal(transcript_add(&t, none, 0), 0);
    assert_int_equal(transcript_add_transaction(&t, none, 7), 0);
    assert_int_equal(transcript_add_reply(&t, none), 0);
    transcript_note_gap(&t);
    assert_true(t.is_cut);
    assert_int_equal(t.entries.len, sizeof(struct store_entry));
    assert_told(&t, "N:What was said next is left out here; it is in the transcripts of the "
                    "messages");
}

static void has_an_end(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena };
    struct store_transcript all;
    char *text AUTO(free_ptr) = xcalloc(1, 100000);
    for (uint64_t at = 0; at < 100 && transcript_has_room(&t); at++) {
        struct buf piece AUTO(buf_done) = { 0 };
        entries_put(&piece, &(struct store_entry){ .at = at, .text = { text, 100000 } });
        assert_int_equal(transcript_add(&t, buf_span(&piece), 0), 0);
    }
    transcript_end(&t, &all);
    assert_int_equal(all.count, STORE_TRANSCRIPT_MAX / 100000 + 1);
}

static void says_what_is_damaged(void **state)
{
    (void)state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena };
    struct store_transcript all;
    struct buf piece AUTO(buf_done) = PIECE(0, "C:MAIL FROM:<a@x>", "S:250 whole");
    assert_int_equal(transcript_add(&t, span_slice(buf_span(&piece), 0, piece.len - 1), 0),
                     -EBADMSG);
    assert_int_equal(transcript_add_transaction(&t, SPAN("\x07\x05hello"), 1), -EBADMSG);
    transcript_end(&t, &all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_belongs_to_the_last_transaction),
        cmocka_unit_test(narrows_to_a_transaction_and_its_reply),
        cmocka_unit_test(what_is_told_is_not_told_again),
        cmocka_unit_test(the_first_message_knows_the_opening),
        cmocka_unit_test(what_went_with_a_message_is_not_told_again),
        cmocka_unit_test(nothing_is_nothing),
        cmocka_unit_test(has_an_end),
        cmocka_unit_test(says_what_is_damaged),
    };
    return RUN_TESTS(tests);
}

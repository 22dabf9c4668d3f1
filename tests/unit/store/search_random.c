#include "fixture.h"

#include "core/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Random messages and random queries: what the store finds is compared with what a plain walk
 * through all messages finds, which knows neither indexes nor SQL. The words are such that nothing
 * has to be folded; some are the front of others. */

enum { MESSAGES = 1000, MORE = 200, MOST = MESSAGES + 2 * MORE, QUERIES = 150, ITEM_WORDS = 8 };

static const char *const vocabulary[] = {
    "a", "ab", "abc", "abcd", "b", "ba", "bc", "cab", "rare"
};

/* ---- chance ---- */

static uint32_t seed;

static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

static const char *any_word(void)
{
    /* The last is in few messages. */
    return vocabulary[below(40) ? below(ARRAY_LEN(vocabulary) - 1) : ARRAY_LEN(vocabulary) - 1];
}

/* ---- messages as the walk sees them ---- */

struct item {
    const char *words[ITEM_WORDS];
    size_t count;
};

enum field { FROM, SUBJECT, TEXT, FIELD_COUNT };

struct model {
    int64_t id; /* 0: deleted */
    int64_t inbox_id;
    int64_t received_at_ms;
    bool is_read, is_pinned;
    size_t size;
    struct item items[FIELD_COUNT];
};

static struct model models[MOST];
static size_t model_count;

static void fill_item(struct item *item, size_t least)
{
    item->count = least + below(ITEM_WORDS - (uint32_t)least + 1);
    for (size_t i = 0; i < item->count; i++)
        item->words[i] = any_word();
}

static const char *joined(struct arena *arena, const struct item *item)
{
    struct buf text AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < item->count; i++)
        buf_printf(&text, "%s%s", i ? " " : "", item->words[i]);
    return arena_copy(arena, buf_span(&text));
}

static void make_model(struct model *m)
{
    *m = (struct model){
        .inbox_id = 1 + below(2),
        .received_at_ms = (int64_t)below(100) * 1000,
        .is_read = below(3) == 0,
        .is_pinned = below(10) == 0,
    };
    for (size_t i = 0; i < FIELD_COUNT; i++)
        fill_item(&m->items[i], i == TEXT ? 1 : 0);
}

static void store_model(struct fixture *f, struct model *m)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct span text = span_of(joined(&arena, &m->items[TEXT]));
    const struct mail_content content = { .text = text };
    struct store_delivery *d = fixture_delivery(f, joined(&arena, &m->items[SUBJECT]), text);
    struct mail_address *from = arena_alloc(&d->arena, sizeof(*from));
    *from = (struct mail_address){ joined(&d->arena, &m->items[FROM]), "" };
    d->message.envelope = (struct store_envelope){ .from = "" };
    d->content = &content;
    d->message.mail.from = (struct mail_addresses){ from, 1 };
    d->message.inbox_id = m->inbox_id;
    d->message.received_at_ms = m->received_at_ms;
    d->message.is_read = m->is_read;
    d->message.is_pinned = m->is_pinned;
    m->size = text.len;
    store_deliver(f->store, d);
    struct letter *l = mailbox_wait(&f->settled);
    assert_ptr_equal(l, &d->letter);
    assert_int_equal(d->result, 0);
    m->id = d->message.id;
    store_delivery_free(d);
}

static void store_models(struct fixture *f, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        make_model(&models[model_count]);
        store_model(f, &models[model_count++]);
    }
}

/* ---- terms, made and judged ---- */

struct term {
    const char *words[3];
    size_t count;
    bool is_prefix, is_infix;
};

static bool word_fits(const char *word, const char *wanted, bool open_left, bool open_right)
{
    size_t len = strlen(word), wanted_len = strlen(wanted);
    for (size_t at = 0; at + wanted_len <= len; at++)
        if ((at == 0 || open_left) && (at + wanted_len == len || open_right) &&
            memcmp(word + at, wanted, wanted_len) == 0)
            return true;
    return false;
}

static bool fits_at(const struct item *item, size_t at, const struct term *t)
{
    for (size_t i = 0; i < t->count; i++) {
        bool is_first = i == 0, is_last = i + 1 == t->count;
        if (at + i >= item->count ||
            !word_fits(item->words[at + i], t->words[i], is_first && t->is_infix,
                       is_last && (t->is_infix || t->is_prefix)))
            return false;
    }
    return true;
}

static bool item_has(const struct item *item, const struct term *t)
{
    for (size_t at = 0; at < item->count; at++)
        if (fits_at(item, at, t))
            return true;
    return false;
}

static struct term make_term(struct buf *text)
{
    struct term t = { .count = below(3) ? 1 : 2 + below(2) };
    uint32_t form = below(5);
    t.is_infix = form == 0;
    t.is_prefix = form == 1;
    if (t.is_infix)
        buf_putc(text, '~');
    if (!t.is_prefix)
        buf_putc(text, '"');
    for (size_t i = 0; i < t.count; i++) {
        t.words[i] = any_word();
        buf_printf(text, "%s%s", i ? (t.is_prefix ? "-" : " ") : "", t.words[i]);
    }
    buf_putc(text, t.is_prefix ? '*' : '"');
    return t;
}

/* ---- queries, made and judged at once ---- */

struct judged {
    bool holds[MOST];
};

static void make_words(struct buf *text, struct judged *out)
{
    static const char *const names[] = { "from:", "subject:", "text:", "" };
    uint32_t field = below(ARRAY_LEN(names));
    buf_append(text, span_of(names[field]));
    struct term t = make_term(text);
    for (size_t i = 0; i < model_count; i++)
        for (size_t k = 0; k < FIELD_COUNT; k++)
            if (field == FIELD_COUNT || field == k)
                out->holds[i] |= item_has(&models[i].items[k], &t);
}

static void make_fact(struct buf *text, struct judged *out)
{
    uint32_t fact = below(6), number = below(40);
    switch (fact) {
    case 0: buf_append(text, SPAN("is:read")); break;
    case 1: buf_append(text, SPAN("is:pinned")); break;
    case 2: buf_append(text, SPAN("inbox:other")); break;
    case 3: buf_printf(text, "larger:%u", number); break;
    case 4: buf_printf(text, "before:1970-01-01T00:00:%02uZ", number); break;
    case 5: buf_printf(text, "after:1970-01-01T00:00:%02uZ", number); break;
    }
    for (size_t i = 0; i < model_count; i++) {
        const struct model *m = &models[i];
        const bool facts[] = { m->is_read,
                               m->is_pinned,
                               m->inbox_id == 2,
                               m->size > number,
                               m->received_at_ms < (int64_t)number * 1000,
                               m->received_at_ms >= (int64_t)number * 1000 };
        out->holds[i] = facts[fact];
    }
}

static void make_query(struct buf *text, int depth, struct judged *out);

static void make_pair(struct buf *text, int depth, struct judged *out)
{
    static struct judged others[8];
    struct judged *other = &others[depth];
    bool is_any = below(2);
    memset(other, 0, sizeof(*other));
    buf_putc(text, '(');
    make_query(text, depth - 1, out);
    buf_append(text, is_any ? SPAN(" OR ") : SPAN(" "));
    make_query(text, depth - 1, other);
    buf_putc(text, ')');
    for (size_t i = 0; i < model_count; i++)
        out->holds[i] =
            is_any ? out->holds[i] || other->holds[i] : out->holds[i] && other->holds[i];
}

static void make_query(struct buf *text, int depth, struct judged *out)
{
    if (depth && below(3)) {
        make_pair(text, depth, out);
    } else if (depth && below(3) == 0) {
        buf_putc(text, '-');
        make_query(text, depth - 1, out);
        for (size_t i = 0; i < model_count; i++)
            out->holds[i] = !out->holds[i];
    } else if (below(4)) {
        make_words(text, out);
    } else {
        make_fact(text, out);
    }
}

/* ---- comparing ---- */

static bool is_listed(const struct model *m, const struct judged *judged, int64_t inbox_id)
{
    return m->id && (!inbox_id || m->inbox_id == inbox_id) && judged->holds[m - models];
}

/* What the walk finds, oldest first. */
static size_t walk(const struct judged *judged, int64_t inbox_id, int64_t *ids)
{
    size_t count = 0;
    for (size_t i = 0; i < model_count; i++)
        if (is_listed(&models[i], judged, inbox_id))
            ids[count++] = models[i].id;
    return count;
}

static void compare_page(struct store_reader *r, const struct store_list *list, const int64_t *ids,
                         size_t count, const char *text)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    assert_int_equal(store_messages_list(r, list, &arena, &page), 0);
    if (page.total != (int64_t)count)
        fail_msg("%s: the total is %" PRId64 ", not %zu", text, page.total, count);
    size_t wanted = count < list->limit ? count : list->limit;
    assert_int_equal(page.count, wanted);
    assert_int_equal(page.has_more, count > list->limit);
    for (size_t i = 0; i < wanted; i++) {
        int64_t id = ids[list->oldest_first ? i : count - 1 - i];
        if (page.items[i].id != id)
            fail_msg("%s: %" PRId64 " stands where %" PRId64 " should", text, page.items[i].id, id);
    }
}

static void compare(struct fixture *f)
{
    static struct judged judged;
    static int64_t ids[MOST];
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    struct store_query_fault fault;
    memset(&judged, 0, sizeof(judged));
    make_query(&text, 4, &judged);
    struct store_list list = { .inbox_id = below(3), .oldest_first = below(2) };
    list.limit = below(2) ? 1 + below(30) : MOST;
    list.query = store_query_parse(buf_span(&text), 0, &arena, &fault);
    if (!list.query)
        fail_msg("%s: %s", buf_text(&text), fault.detail);
    size_t count = walk(&judged, list.inbox_id, ids);
    struct store_reader *r = store_reader_lease(f->store);
    compare_page(r, &list, ids, count, buf_text(&text));
    store_reader_return(r);
}

/* ---- changes in between ---- */

static void delete_some(struct fixture *f)
{
    for (size_t i = 0; i < model_count; i++)
        if (models[i].id && below(8) == 0) {
            assert_int_equal(store_message_delete(f->store, models[i].id), 0);
            models[i].id = 0;
        }
}

static void mark_some(struct fixture *f)
{
    for (size_t i = 0; i < model_count; i++)
        if (models[i].id && below(8) == 0) {
            models[i].is_read = !models[i].is_read;
            const struct store_flags flags = { .set_read = true, .read = models[i].is_read };
            assert_int_equal(store_message_mark(f->store, models[i].id, &flags), 0);
        }
}

static void finds_what_a_walk_finds(void **state)
{
    struct fixture *f = *state;
    seed = 7;
    model_count = 0;
    store_models(f, MESSAGES);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < QUERIES; i++)
            compare(f);
        if (round == 2)
            break;
        delete_some(f);
        mark_some(f);
        store_models(f, MORE);
    }
    assert_true(fixture_number(f, "SELECT indexed_to FROM indexing") >= MESSAGES / 2);
}

static int setup(void **state)
{
    fixture_setup_closed(state);
    struct fixture *f = *state;
    fixture_open(f);
    fixture_add_inbox(f, "other");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_what_a_walk_finds, setup, fixture_teardown),
    };
    return RUN_TESTS(tests);
}

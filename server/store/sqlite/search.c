#include "store/sqlite/search.h"

#include "core/clock.h"
#include "store/search/words.h"
#include "store/sqlite/expression.h"
#include "store/sqlite/indexing.h"
#include "store/sqlite/readers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* One that asks more of the index than this is worth has its words looked into, one by one. */
enum { FEW = 100 };

/* ---- the end of a search that takes too long ---- */

enum { STEPS_BETWEEN_LOOKS = 1000 }; /* of SQLite's machine; it does some ten in a microsecond */

static int is_late(void *arg)
{
    struct store_reader *r = arg;
    struct search_matcher *m = &r->matcher;
    m->is_late = m->is_searching && clock_steady_us() >= m->until_us;
    return m->is_late;
}

static void begin_time(struct store_reader *r)
{
    struct search_matcher *m = &r->matcher;
    if (!m->until_us)
        m->until_us = r->home->search_us ? clock_steady_us() + r->home->search_us : UINT64_MAX;
    m->is_searching = true;
    m->is_late = false;
}

/* 1: a row. 0: done. */
static int step(struct store_reader *r, sqlite3_stmt *s)
{
    errno = 0;
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return code == SQLITE_ROW;
    if (r->matcher.is_late)
        return -ETIMEDOUT;
    return r->matcher.is_too_broad ? -E2BIG : db_failed(&r->db, code);
}

/* ---- words_match(id, n): whether the message has the words that node n looks for ---- */

static int load_words(struct store_reader *r, int64_t id)
{
    struct search_matcher *m = &r->matcher;
    sqlite3_stmt *s AUTO(stmt_reset) = r->db.stmts[STMT_WORDS_GET];
    sqlite3_bind_int64(s, 1, id);
    buf_clear(&m->words);
    m->words_of = id;
    int got = step(r, s);
    if (got > 0)
        indexing_unpack(s, &m->words);
    return got < 0 ? got : 0;
}

static void words_match(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    (void)count;
    struct store_reader *r = sqlite3_user_data(context);
    struct search_matcher *m = &r->matcher;
    int64_t id = sqlite3_value_int64(arguments[0]);
    bool is_new = m->words_of != id;
    m->is_too_broad = is_new && m->looks++ == STORE_QUERY_MAX_LOOKS;
    if (m->is_too_broad || (is_new && load_words(r, id))) {
        sqlite3_result_error(context, "cannot look into the words of messages", -1);
        return;
    }
    const struct search_node *node = m->nodes[sqlite3_value_int64(arguments[1])];
    sqlite3_result_int(context, search_words_match(node, buf_span(&m->words)));
}

int search_attach(struct store_reader *r)
{
    sqlite3_progress_handler(r->db.handle, STEPS_BETWEEN_LOOKS, is_late, r);
    errno = 0;
    int code =
        sqlite3_create_function_v2(r->db.handle, "words_match", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                   r, words_match, NULL, NULL, NULL);
    return code ? db_failed(&r->db, code) : 0;
}

void search_detach(struct store_reader *r)
{
    buf_done(&r->matcher.words);
}

/* ---- SQL ---- */

/* Where a statement looks. The first has all messages, and is enough for a query without words and
 * where few come into question; of the others each message is in one. */
enum place { IN_TABLE, IN_INDEX, IN_NEWEST };

static const struct {
    const char *id;
    const char *from;
    const char *join; /* what brings the columns of the message, if they count */
} places[] = {
    [IN_TABLE] = { "m.id", " FROM message AS m", "" },
    [IN_INDEX] = { "search.rowid", " FROM search",
                   " CROSS JOIN message AS m ON m.id = search.rowid" },
    [IN_NEWEST] = { "w.id", " FROM words AS w", " CROSS JOIN message AS m ON m.id = w.id" },
};

enum { VALUES_MAX = 2 * QUERY_MAX_TERMS + 8 };

struct value {
    const char *text; /* NULL: `number` */
    int64_t number;
};

struct sql {
    struct store_reader *reader;
    enum place place;
    struct arena arena; /* of texts that are bound */
    struct buf text;    /* of the conditions */
    struct expression expression;
    struct value values[VALUES_MAX]; /* in the order of the question marks */
    size_t value_count;
    bool has_columns; /* of the message are asked for */
    bool is_counted;  /* in all inboxes: the index that has these columns is gone through */
    bool is_marked;   /* only messages that are pinned or tagged are */
};

/* What bounds a search, whatever is asked for. */
struct reach {
    int64_t indexed_to;
    int64_t cleared_to; /* of the inbox, if one is searched */
    bool has_cleared;   /* messages that are written off may be found */
    bool is_short;      /* there are few messages in it */
};

static void sql_done(struct sql *q)
{
    arena_done(&q->arena);
    buf_done(&q->text);
    expression_done(&q->expression);
}

static void add_value(struct sql *q, struct value v)
{
    q->values[q->value_count++] = v;
}

static void add_number(struct sql *q, int64_t number)
{
    add_value(q, (struct value){ .number = number });
}

/* ---- conditions ---- */

static const char *const columns[] = {
    [SEARCH_READ] = "m.is_read",
    [SEARCH_PINNED] = "m.is_pinned",
    [SEARCH_LARGER] = "m.size > ?",
    [SEARCH_SMALLER] = "m.size < ?",
    [SEARCH_BEFORE] = "m.received_at < ?",
    [SEARCH_AFTER] = "m.received_at >= ?",
    [SEARCH_TAG] = "(m.tags IS NOT NULL AND "
                   "EXISTS (SELECT 1 FROM json_each(m.tags) WHERE value = ? COLLATE NOCASE))",
    [SEARCH_INBOX] = "m.inbox_id = (SELECT id FROM inbox WHERE id = ? OR name = ?)",
};

/* Names are never all digits, so what is a number is an id. */
static void put_inbox(struct sql *q, const struct search_node *node)
{
    int64_t id = 0;
    (void)parse_id(span_of(node->text), &id);
    add_number(q, id);
    add_value(q, (struct value){ .text = node->text });
}

static void put_column(struct sql *q, const struct search_node *node)
{
    buf_append(&q->text, span_of(columns[node->type]));
    q->has_columns = true;
    switch (node->type) {
    case SEARCH_READ:
    case SEARCH_PINNED: return;
    case SEARCH_TAG: add_value(q, (struct value){ .text = node->text }); return;
    case SEARCH_INBOX: put_inbox(q, node); return;
    default: add_number(q, node->number);
    }
}

static void put_match(struct sql *q, const struct search_node *node)
{
    struct search_matcher *m = &q->reader->matcher;
    buf_printf(&q->text, "words_match(%s, %zu)", places[q->place].id, m->node_count);
    m->nodes[m->node_count++] = node;
}

/* Those that the index names, exactly or not. The sign keeps SQLite from turning it around and
 * looking for each of them in what the statement goes through. */
static void put_indexed(struct sql *q, const struct search_node *node)
{
    struct buf expression AUTO(buf_done) = { 0 };
    expression_put(&expression, node);
    buf_printf(&q->text, "+%s IN (SELECT rowid FROM search WHERE search MATCH ?)",
               places[q->place].id);
    add_value(q, (struct value){ .text = arena_copy(&q->arena, buf_span(&expression)) });
}

static void put_condition(struct sql *q, const struct search_node *node);

static void put_children(struct sql *q, const struct search_node *node)
{
    const char *joint = node->type == SEARCH_ALL ? " AND " : " OR ";
    for (const struct search_node *child = node->first; child; child = child->next) {
        buf_append(&q->text, child == node->first ? SPAN("(") : span_of(joint));
        put_condition(q, child);
    }
    buf_putc(&q->text, ')');
}

static void put_words(struct sql *q, const struct search_node *node)
{
    bool narrows = q->place == IN_INDEX && expression_narrows(node);
    if (narrows) {
        buf_putc(&q->text, '(');
        put_indexed(q, node);
        buf_append(&q->text, SPAN(" AND "));
    }
    put_match(q, node);
    if (narrows)
        buf_putc(&q->text, ')');
}

static void put_condition(struct sql *q, const struct search_node *node)
{
    if (q->place == IN_INDEX && expression_is_exact(node)) {
        put_indexed(q, node);
        return;
    }
    switch (node->type) {
    case SEARCH_ALL:
    case SEARCH_ANY: put_children(q, node); return;
    case SEARCH_NOT:
        buf_append(&q->text, SPAN("NOT "));
        put_condition(q, node->first);
        return;
    case SEARCH_WORDS: put_words(q, node); return;
    default: put_column(q, node);
    }
}

/* ---- the whole ---- */

/* One of the terms that all must hold: what the index knows is asked of it in one expression. */
static void put_term(struct sql *q, const struct search_node *node)
{
    bool is_exact = expression_is_exact(node);
    if (q->place == IN_INDEX && (is_exact || expression_narrows(node)))
        expression_add(&q->expression, node);
    if (q->place == IN_INDEX && is_exact)
        return;
    if (node->type == SEARCH_WORDS)
        put_match(q, node);
    else
        put_condition(q, node);
    buf_append(&q->text, SPAN(" AND "));
}

static void put_inbox_id(struct sql *q, int64_t inbox_id)
{
    if (q->place == IN_INDEX) {
        expression_add_term(&q->expression, WORDS_INBOX,
                            arena_printf(&q->arena, "%" PRId64, inbox_id));
        return;
    }
    buf_append(&q->text, q->is_marked ? SPAN("+") : SPAN(""));
    buf_append(&q->text, SPAN("m.inbox_id = ? AND "));
    add_number(q, inbox_id);
    q->has_columns = true;
}

/* Of one inbox nothing is looked for that is written off. */
static void put_is_there(struct sql *q)
{
    buf_append(&q->text,
               SPAN("m.id > (SELECT cleared_to FROM inbox WHERE inbox.id = m.inbox_id) AND "));
    q->has_columns = true;
}

/* Both have an index, which tells more than that of inboxes. */
static bool is_mark(const struct search_node *node)
{
    return node->type == SEARCH_PINNED || node->type == SEARCH_TAG;
}

static void put_terms(struct sql *q, const struct store_list *list, const struct reach *reach)
{
    const struct search_node *root = list->query->root;
    const struct search_node *first = root->type == SEARCH_ALL ? root->first : root;
    for (const struct search_node *n = first; n; n = n->next)
        q->is_marked |= is_mark(n);
    if (list->inbox_id)
        put_inbox_id(q, list->inbox_id);
    else if (reach->has_cleared)
        put_is_there(q);
    for (const struct search_node *n = first; n; n = n->next)
        put_term(q, n);
    if (q->place == IN_INDEX) {
        struct buf expression AUTO(buf_done) = { 0 };
        expression_end(&expression, &q->expression);
        buf_append(&q->text, SPAN("search MATCH ? AND "));
        add_value(q, (struct value){ .text = arena_copy(&q->arena, buf_span(&expression)) });
    }
}

static void sql_init(struct sql *q, struct store_reader *r, enum place place,
                     const struct store_list *list, const struct reach *reach)
{
    *q = (struct sql){ .reader = r, .place = place };
    r->matcher.node_count = 0;
    r->matcher.words_of = 0;
    r->matcher.looks = 0;
    r->matcher.is_too_broad = false;
    put_terms(q, list, reach);
}

/* ---- statements ---- */

struct bounds {
    int64_t after, before; /* both not included */
};

static void bind_all(sqlite3_stmt *s, const struct sql *q, const struct bounds *b, int64_t limit)
{
    int index = 0;
    for (size_t i = 0; i < q->value_count; i++) {
        if (q->values[i].text)
            bind_text(s, ++index, q->values[i].text);
        else
            sqlite3_bind_int64(s, ++index, q->values[i].number);
    }
    sqlite3_bind_int64(s, ++index, b->after);
    sqlite3_bind_int64(s, ++index, b->before);
    sqlite3_bind_int64(s, ++index, limit);
}

/* With a sign SQLite does not go by the rows, which are in the order of their ids. */
static const char *id_of(const struct sql *q)
{
    return q->is_counted ? "+m.id" : places[q->place].id;
}

/* The messages within the bounds that the conditions hold for: `what` of them, as `order` says. */
static int prepare(const struct sql *q, const char *what, const char *order, sqlite3_stmt **out)
{
    struct buf text AUTO(buf_done) = { 0 };
    const char *id = id_of(q);
    buf_printf(&text, "SELECT %s%s%s WHERE %.*s%s > ? AND %s < ?%s LIMIT ?", what,
               places[q->place].from, q->has_columns ? places[q->place].join : "",
               SPAN_ARG(buf_span(&q->text)), id, id, order);
    return db_prepare_one(&q->reader->db, buf_text(&text), out);
}

static int count(const struct sql *q, const struct bounds *b, int64_t *total)
{
    sqlite3_stmt *s AUTO(stmt_finalize) = NULL;
    int err = prepare(q, "count(*)", "", &s);
    if (err)
        return err;
    bind_all(s, q, b, 1);
    err = step(q->reader, s);
    if (err < 0)
        return err;
    *total += sqlite3_column_int64(s, 0);
    return 0;
}

/* ---- searching ---- */

/* What was found, in the order of the list. */
struct found {
    int64_t *ids;
    size_t count, room;
};

static int find(const struct sql *q, const struct bounds *b, bool oldest_first, struct found *found)
{
    sqlite3_stmt *s AUTO(stmt_finalize) = NULL;
    char order[64];
    snprintf(order, sizeof(order), " ORDER BY %s%s", id_of(q), oldest_first ? "" : " DESC");
    int got = prepare(q, places[q->place].id, order, &s);
    if (got)
        return got;
    bind_all(s, q, b, (int64_t)(found->room - found->count));
    while ((got = step(q->reader, s)) > 0)
        found->ids[found->count++] = sqlite3_column_int64(s, 0);
    return got;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* `total` may be NULL. */
static int search_place(struct store_reader *r, enum place place, const struct store_list *list,
                        const struct reach *reach, struct found *found, int64_t *total)
{
    struct sql q AUTO(sql_done);
    int64_t from = later(place == IN_NEWEST ? reach->indexed_to : 0, reach->cleared_to);
    const struct bounds all = { from, INT64_MAX };
    const struct bounds page = { later(from, list->after),
                                 list->before ? list->before : INT64_MAX };
    int err = 0;
    sql_init(&q, r, place, list, reach);
    q.is_counted = total && place == IN_TABLE && !list->inbox_id;
    if (total)
        err = count(&q, &all, total);
    if (!err && found->count < found->room)
        err = find(&q, &page, list->oldest_first, found);
    return err;
}

static bool is_short(const struct store_list *list, int64_t inbox_messages)
{
    bool is_page_short = list->has_no_total && list->before && list->before - list->after <= FEW;
    return is_page_short || (list->inbox_id && inbox_messages <= FEW);
}

static int read_reach(struct db *db, const struct store_list *list, struct reach *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_SEARCH_REACH];
    sqlite3_bind_int64(s, 1, list->inbox_id);
    int got = db_step(db, s);
    if (got < 0)
        return got;
    *out = (struct reach){
        .indexed_to = sqlite3_column_int64(s, REACH_INDEXED_TO),
        .cleared_to = sqlite3_column_int64(s, REACH_CLEARED_TO),
        .has_cleared = sqlite3_column_int(s, REACH_HAS_CLEARED),
        .is_short = is_short(list, sqlite3_column_int64(s, REACH_MESSAGES)),
    };
    return 0;
}

static bool has_words(const struct search_node *node)
{
    bool has = node->type == SEARCH_WORDS;
    for (const struct search_node *child = node->first; child && !has; child = child->next)
        has = has_words(child);
    return has;
}

static int search_places(struct store_reader *r, const struct store_list *list,
                         const struct reach *reach, struct found *found, int64_t *total)
{
    if (reach->is_short || !has_words(list->query->root))
        return search_place(r, IN_TABLE, list, reach, found, total);
    enum place first = list->oldest_first ? IN_INDEX : IN_NEWEST;
    enum place second = list->oldest_first ? IN_NEWEST : IN_INDEX;
    int err = search_place(r, first, list, reach, found, total);
    return err ? err : search_place(r, second, list, reach, found, total);
}

static int search(struct store_reader *r, const struct store_list *list, struct found *found,
                  int64_t *total)
{
    struct reach reach;
    int err = read_reach(&r->db, list, &reach);
    if (err)
        return err;
    begin_time(r);
    err = search_places(r, list, &reach, found, total);
    r->matcher.is_searching = false;
    return err;
}

int search_ids(struct store_reader *r, const struct store_list *list, int64_t *ids,
               size_t *count_out)
{
    struct found found = { .ids = ids, .room = list->limit };
    int err = search(r, list, &found, NULL);
    if (!err)
        *count_out = found.count;
    return err;
}

/* One more than wanted is looked for, to know whether there is more. */
int search_page(struct store_reader *r, const struct store_list *list, struct arena *arena,
                struct store_page *page)
{
    struct found found = { .room = list->limit + 1 };
    found.ids = arena_alloc(arena, found.room * sizeof(*found.ids));
    int err = search(r, list, &found, list->has_no_total ? NULL : &page->total);
    page->has_more = found.count > list->limit;
    page->items = arena_alloc(arena, list->limit * sizeof(*page->items));
    while (!err && page->count < found.count && page->count < list->limit) {
        err = store_message_get(r, found.ids[page->count], arena, &page->items[page->count]);
        page->count += !err;
    }
    return err;
}

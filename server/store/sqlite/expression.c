#include "store/sqlite/expression.h"

#include "store/search/words.h"

#include <string.h>

/* ---- patterns ---- */

/* Whether the first word may begin within another. */
static bool is_open(const struct search_pattern *p)
{
    return *p->needle && *p->needle != ' ';
}

/* The last word may go on. */
static bool is_prefix(const struct search_pattern *p)
{
    size_t len = strlen(p->needle);
    return len && p->needle[len - 1] != ' ';
}

/* The words that stand in the index as they are, separated by spaces. */
static struct span known_words(const struct search_pattern *p)
{
    struct span words = span_trim(span_of(p->needle));
    if (is_open(p))
        span_cut(&words, ' ');
    return words;
}

static bool pattern_is_exact(const struct search_pattern *p)
{
    struct span words = known_words(p);
    return !is_open(p) && span_find(words, ' ') == words.len;
}

static bool pattern_narrows(const struct search_pattern *p)
{
    return !is_open(p) || known_words(p).len;
}

static bool all_patterns(const struct search_node *node, bool (*has)(const struct search_pattern *))
{
    for (size_t i = 0; i < node->pattern_count; i++)
        if (!has(&node->patterns[i]))
            return false;
    return true;
}

/* ---- terms ---- */

static void put_quoted(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, text.ptr[i]);
    }
}

static void put_term(struct buf *out, struct span tag, struct span word)
{
    buf_putc(out, '"');
    put_quoted(out, tag);
    buf_putc(out, ':');
    put_quoted(out, word);
    buf_putc(out, '"');
}

/* All words of the pattern in lines with this tag. */
static void put_words(struct buf *out, const struct search_pattern *p, struct span tag)
{
    struct span words = known_words(p);
    do {
        put_term(out, tag, span_cut(&words, ' '));
        if (words.len)
            buf_append(out, SPAN(" AND "));
    } while (words.len);
    if (is_prefix(p))
        buf_append(out, SPAN(" *"));
}

static void put_pattern(struct buf *out, const struct search_pattern *p)
{
    struct buf header AUTO(buf_done) = { 0 };
    if (p->header) {
        buf_printf(&header, WORDS_HEADER ":%s", p->header);
        put_words(out, p, buf_span(&header));
        return;
    }
    for (const char *tag = p->tags; *tag; tag++) {
        buf_append(out, tag > p->tags ? SPAN(" OR (") : SPAN("("));
        put_words(out, p, (struct span){ tag, 1 });
        buf_putc(out, ')');
    }
}

static void put_patterns(struct buf *out, const struct search_node *node)
{
    for (size_t i = 0; i < node->pattern_count; i++) {
        buf_append(out, i ? SPAN(" OR (") : SPAN("("));
        put_pattern(out, &node->patterns[i]);
        buf_putc(out, ')');
    }
}

/* ---- nodes ---- */

bool expression_is_exact(const struct search_node *node)
{
    switch (node->type) {
    case SEARCH_WORDS: return all_patterns(node, pattern_is_exact);
    case SEARCH_ALL:
    case SEARCH_ANY:
    case SEARCH_NOT: break;
    default: return false;
    }
    for (const struct search_node *child = node->first; child; child = child->next)
        if (!expression_is_exact(child))
            return false;
    return true;
}

bool expression_narrows(const struct search_node *node)
{
    return node->type == SEARCH_WORDS && all_patterns(node, pattern_narrows);
}

static void put_all(struct buf *out, const struct search_node *first)
{
    struct expression e = { 0 };
    for (const struct search_node *node = first; node; node = node->next)
        expression_add(&e, node);
    expression_end(out, &e);
    expression_done(&e);
}

static void put_any(struct buf *out, const struct search_node *first)
{
    for (const struct search_node *node = first; node; node = node->next) {
        buf_append(out, node == first ? SPAN("(") : SPAN(" OR ("));
        expression_put(out, node);
        buf_putc(out, ')');
    }
}

void expression_put(struct buf *out, const struct search_node *node)
{
    switch (node->type) {
    case SEARCH_WORDS: put_patterns(out, node); return;
    case SEARCH_ANY: put_any(out, node->first); return;
    case SEARCH_ALL: put_all(out, node->first); return;
    default: break;
    }
    /* A negation; it is not to be taken for the end of the list it is in. */
    struct search_node alone = *node;
    alone.next = NULL;
    put_all(out, &alone);
}

/* ---- parts ---- */

void expression_done(struct expression *e)
{
    buf_done(&e->wanted);
    buf_done(&e->unwanted);
}

void expression_add(struct expression *e, const struct search_node *node)
{
    bool is_unwanted = node->type == SEARCH_NOT;
    struct buf *list = is_unwanted ? &e->unwanted : &e->wanted;
    struct span separator = is_unwanted ? SPAN(" OR (") : SPAN(" AND (");
    buf_append(list, list->len ? separator : SPAN("("));
    expression_put(list, is_unwanted ? node->first : node);
    buf_putc(list, ')');
}

void expression_add_term(struct expression *e, const char *tag, const char *word)
{
    if (e->wanted.len)
        buf_append(&e->wanted, SPAN(" AND "));
    put_term(&e->wanted, span_of(tag), span_of(word));
}

void expression_end(struct buf *out, const struct expression *e)
{
    if (e->wanted.len)
        buf_append(out, buf_span(&e->wanted));
    else
        put_term(out, SPAN(WORDS_HAS), SPAN(WORDS_HAS_ANYTHING));
    if (e->unwanted.len) {
        buf_append(out, SPAN(" NOT ("));
        buf_append(out, buf_span(&e->unwanted));
        buf_putc(out, ')');
    }
}

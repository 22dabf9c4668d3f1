#include "print.h"

#include <inttypes.h>

/* clang-format off */
static const char *const names[] = {
    [SEARCH_ALL] = "all",       [SEARCH_ANY] = "any",         [SEARCH_NOT] = "not",
    [SEARCH_WORDS] = "words",   [SEARCH_READ] = "read",       [SEARCH_PINNED] = "pinned",
    [SEARCH_LARGER] = "larger", [SEARCH_SMALLER] = "smaller", [SEARCH_BEFORE] = "before",
    [SEARCH_AFTER] = "after",   [SEARCH_TAG] = "tag",         [SEARCH_INBOX] = "inbox",
};
/* clang-format on */

static void print_patterns(struct buf *out, const struct search_node *node)
{
    for (size_t i = 0; i < node->pattern_count; i++) {
        const struct search_pattern *p = &node->patterns[i];
        buf_printf(out, p->header ? "%s{%s}'%s'" : "%s[%s]'%s'", i ? "|" : "",
                   p->header ? p->header : p->tags, p->needle);
    }
}

static void print_node(struct buf *out, const struct search_node *node)
{
    switch (node->type) {
    case SEARCH_WORDS: print_patterns(out, node); return;
    case SEARCH_READ:
    case SEARCH_PINNED: buf_printf(out, "%s", names[node->type]); return;
    case SEARCH_LARGER:
    case SEARCH_SMALLER:
    case SEARCH_BEFORE:
    case SEARCH_AFTER: buf_printf(out, "%s=%" PRId64, names[node->type], node->number); return;
    case SEARCH_TAG:
    case SEARCH_INBOX: buf_printf(out, "%s=%s", names[node->type], node->text); return;
    case SEARCH_ALL:
    case SEARCH_ANY:
    case SEARCH_NOT: break;
    }
    buf_printf(out, "(%s", names[node->type]);
    for (const struct search_node *child = node->first; child; child = child->next) {
        buf_putc(out, ' ');
        print_node(out, child);
    }
    buf_putc(out, ')');
}

void print_query(struct buf *out, const struct store_query *query)
{
    print_node(out, query->root);
}

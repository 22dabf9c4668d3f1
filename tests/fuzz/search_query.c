/* Property: whatever the text, it is a query or a fault within it, and a query has an answer. */

#include "core/utf8.h"
#include "store/search/query.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char kept[] = "k message \0i 1 \0f ann b test ann@b.test @b.test \0"
                           "s reset your gro \0h:x-tenant 42 \0x 東 京 click here \0";

static void check(const struct search_node *node, size_t depth)
{
    if (depth > 3 * QUERY_MAX_DEPTH) /* a group is an "any" of "all"s */
        abort();
    if (node->type == SEARCH_WORDS)
        (void)search_words_match(node, (struct span){ kept, sizeof(kept) - 1 });
    for (const struct search_node *child = node->first; child; child = child->next)
        check(child, depth + 1);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    struct store_query_fault fault = { 0 };
    utf8_scrub(&text, (struct span){ (const char *)data, size });
    const struct store_query *query = store_query_parse(buf_span(&text), 0, &arena, &fault);
    if (query)
        check(query->root, 0);
    else if (!fault.detail || fault.position > text.len)
        abort();
    return 0;
}

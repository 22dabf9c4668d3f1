#include "store/search/query.h"
#include "store/search/words.h"

#include <string.h>

static bool is_tagged(struct span tag, const struct search_pattern *p)
{
    if (!p->header)
        return tag.len == 1 && strchr(p->tags, *tag.ptr);
    return span_starts_with(tag, SPAN(WORDS_HEADER ":")) &&
           span_eq(span_slice(tag, 2, tag.len), span_of(p->header));
}

static bool line_matches(const struct search_node *node, const struct words_line *line)
{
    for (size_t i = 0; i < node->pattern_count; i++)
        if (is_tagged(line->tag, &node->patterns[i]) &&
            strstr(line->words.ptr, node->patterns[i].needle))
            return true;
    return false;
}

bool search_words_match(const struct search_node *node, struct span kept)
{
    struct words_line line;
    while (words_next(&kept, &line))
        if (line_matches(node, &line))
            return true;
    return false;
}

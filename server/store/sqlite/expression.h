#pragma once
/* What the full-text index can say about a node, in the language of FTS5. */

#include "store/search/query.h"

/* Whether the index alone can say which messages the node holds for: not where the order of words
 * matters, where a word may begin within another, or where something else than words counts. */
bool expression_is_exact(const struct search_node *node);

/* Whether the index can say which messages a SEARCH_WORDS node may hold for. */
bool expression_narrows(const struct search_node *node);

/* Appends the expression of a node that is exact or narrows. */
void expression_put(struct buf *out, const struct search_node *node);

/* Of parts that all must hold. */
struct expression {
    struct buf wanted, unwanted;
};

void expression_done(struct expression *e);

/* A node that is exact or narrows. */
void expression_add(struct expression *e, const struct search_node *node);

/* One term of the index. */
void expression_add_term(struct expression *e, const char *tag, const char *word);

/* Appends the whole. Without a part it holds for every message. */
void expression_end(struct buf *out, const struct expression *e);

#pragma once
/* Queries answered: the tree becomes SQL with bound values, run once over the index and once over
 * the newest messages, which are not in it yet (see indexing.h). */

#include "store/search/query.h"
#include "store/store.h"

#include <sqlite3.h>

/* Of a reader: what the function words_match() of its SQL works on. */
struct search_matcher {
    const struct search_node *nodes[QUERY_MAX_TERMS]; /* of the statement that runs */
    size_t node_count;
    int64_t words_of; /* the message whose words are at hand; 0: none */
    struct buf words;
    int64_t looks; /* messages looked into */
    bool is_too_broad;
    uint64_t until_us; /* searches of this lease end by then, by the steady clock; 0: none began */
    bool is_searching, is_late;
};

/* Makes words_match() known to the reader's connection. */
int search_attach(struct store_reader *r) MUST_CHECK;
void search_detach(struct store_reader *r);

/* As store_messages_list(), inside its snapshot, for a list with a query. */
int search_page(struct store_reader *r, const struct store_list *list, struct arena *arena,
                struct store_page *page);

/* The ids alone, at most list->limit. */
int search_ids(struct store_reader *r, const struct store_list *list, int64_t *ids,
               size_t *count_out);

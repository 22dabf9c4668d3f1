#pragma once
/* Queries as text, for comparing. */

#include "store/search/query.h"

/* Appends "(all [s]' reset ' (not read))": patterns as the tags of their lines or the name of a
 * header field, and the needle. */
void print_query(struct buf *out, const struct store_query *query);

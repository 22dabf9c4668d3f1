#pragma once
/* The parameter "query": the search language. */

#include "http/http.h"
#include "store/store.h"

/* As a row of a route's table, its text at `member`. */
#define QUERY_FIELD(type, member)                                                                  \
    {                                                                                              \
        "query", HTTP_TEXT, offsetof(struct type, member), 1, STORE_QUERY_MAX_OCTETS               \
    }

/* NULL `text` is no query: *out is NULL then. False: it cannot be read, and *problem says why and
 * where. */
bool query_read(struct http_request *r, const char *text, const struct store_query **out,
                struct http_response *problem);

/* As api_store_problem(), also to a query that is too broad. */
struct http_response query_store_problem(int err, const char *what);

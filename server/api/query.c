#include "api/query.h"

#include "api/private.h"
#include "core/clock.h"

#include <errno.h>

static struct http_response fault_problem(const struct store_query_fault *fault)
{
    struct buf detail AUTO(buf_done) = { 0 };
    json_t *errors = json_pack("[{s:s, s:s, s:I}]", "field", "query", "detail", fault->detail,
                               "position", (json_int_t)fault->position);
    buf_printf(&detail, "The query cannot be read, at position %zu: %s", fault->position,
               fault->detail);
    return http_errors_problem(400, buf_text(&detail), errors);
}

bool query_read(struct http_request *r, const char *text, const struct store_query **out,
                struct http_response *problem)
{
    struct store_query_fault fault;
    *out = NULL;
    if (!text)
        return true;
    *out = store_query_parse(span_of(text), clock_now_ms(), &r->arena, &fault);
    if (!*out)
        *problem = fault_problem(&fault);
    return *out != NULL;
}

struct http_response query_store_problem(int err, const char *what)
{
    if (err == -ETIMEDOUT)
        return http_field_problem(400, "query",
                                  "takes longer than --search-timeout allows: ask for whole words "
                                  "that few messages have instead of beginnings that many have, or "
                                  "search in one inbox");
    if (err != -E2BIG)
        return api_store_problem(err, what);
    return http_field_problem(
        400, "query",
        "looks for phrases or parts of words in more than %d messages: add words that "
        "fewer messages have, or search in one inbox",
        STORE_QUERY_MAX_LOOKS);
}

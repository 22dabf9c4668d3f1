#include "http/http.h"

#include "core/utf8.h"
#include "http/fields.h"

#include <assert.h>

static const struct {
    int status;
    const char *title; /* as the IANA registry names the status */
} titles[] = {
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 409, "Conflict" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 416, "Range Not Satisfiable" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 507, "Insufficient Storage" },
};

static const char *title_of(int status)
{
    size_t i = 0;
    while (titles[i].status != status) {
        i++;
        assert(i < ARRAY_LEN(titles));
    }
    return titles[i].title;
}

struct http_response http_errors_problem(int status, const char *detail, json_t *errors)
{
    json_t *problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
                                title_of(status), "status", status, "detail", detail);
    if (errors)
        json_object_set_new(problem, "errors", errors);
    struct http_response res = http_json(status, problem);
    http_set_header(&res, "Content-Type", "application/problem+json");
    return res;
}

/* What was sent may stand in a detail, and JSON takes UTF-8 alone. */
static void __attribute__((format(printf, 2, 0)))
format_detail(struct buf *out, const char *format, va_list args)
{
    struct buf text AUTO(buf_done) = { 0 };
    buf_vprintf(&text, format, args);
    utf8_scrub(out, buf_span(&text));
}

struct http_response http_problem(int status, const char *format, ...)
{
    struct buf detail AUTO(buf_done) = { 0 };
    va_list args;
    va_start(args, format);
    format_detail(&detail, format, args);
    va_end(args);
    return http_errors_problem(status, buf_text(&detail), NULL);
}

struct http_response http_field_problem(int status, const char *field, const char *format, ...)
{
    struct buf detail AUTO(buf_done) = { 0 };
    json_t *errors = NULL;
    va_list args;
    va_start(args, format);
    format_detail(&detail, format, args);
    va_end(args);
    fields_blame(&errors, span_of(field), buf_text(&detail));
    return http_errors_problem(status, buf_text(&detail), errors);
}

#include "api/private.h"

#include <string.h>

extern const struct embedded_files web_files; /* the page, as web/meson.build builds it */

/* Scripts and styles are our own files alone; frames show mail, in documents that are sandboxed by
 * their own policy; images of mail may be data: or blob:. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

static const char no_page[] = "The page is not built into this program.\n"
                              "The REST API is: see /docs, or begin with /api/v1/messages.\n";

static bool is_reading(const struct http_request *r)
{
    return strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
}

static bool is_api(const struct http_request *r)
{
    return r->segment_count && span_eq(r->segments[0], SPAN("api"));
}

/* The page itself has many addresses: it shows by its own means what each of them stands for. */
static const struct embedded_file *find(const struct http_request *r)
{
    struct span name = span_slice(r->path, 1, r->path.len);
    const struct embedded_file *file = http_find_file(&web_files, name);
    if (file)
        return file;
    if (name.len && !http_accepts_html(r))
        return NULL;
    return http_find_file(&web_files, SPAN("index.html"));
}

static struct http_response say_no_page(void)
{
    struct buf text = { 0 };
    buf_append(&text, SPAN(no_page));
    return http_bytes(200, "text/plain; charset=utf-8", &text);
}

struct http_response api_page(struct http_request *r)
{
    const struct embedded_file *file = is_reading(r) && !is_api(r) ? find(r) : NULL;
    if (!file && is_reading(r) && span_eq(r->path, SPAN("/")))
        return say_no_page();
    if (!file)
        return http_problem(404, "There is nothing at this address");
    struct http_response res = http_file(r, file);
    http_set_header(&res, "Content-Security-Policy", page_policy);
    http_set_header(&res, "Cross-Origin-Opener-Policy", "same-origin");
    return res;
}

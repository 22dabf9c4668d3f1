#include "api/private.h"

#include <assert.h>
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

/* All that the page asks for is relative to this. */
static const char base_element[] = "<base href=\"/\">";

struct api_index {
    struct embedded_file file;
    struct buf bytes, etag;
};

void api_page_init(struct api *a)
{
    const struct embedded_file *file = http_find_file(&web_files, SPAN("index.html"));
    if (!file || !a->config.base || !*a->config.base)
        return;
    const char *text = (const char *)file->bytes; /* it ends in NUL */
    const char *at = strstr(text, base_element);
    assert(at);
    struct api_index *index = xcalloc(1, sizeof(*index));
    buf_printf(&index->bytes, "%.*s<base href=\"%s/\">%s", (int)(at - text), text, a->config.base,
               at + sizeof(base_element) - 1);
    buf_printf(&index->etag, "%.*s-%s\"", (int)strlen(file->etag) - 1, file->etag, a->config.base);
    index->file = (struct embedded_file){ .name = file->name,
                                          .bytes = (unsigned char *)buf_text(&index->bytes),
                                          .size = index->bytes.len,
                                          .etag = buf_text(&index->etag) };
    a->index = index;
}

void api_page_done(struct api *a)
{
    if (!a->index)
        return;
    buf_done(&a->index->bytes);
    buf_done(&a->index->etag);
    free(a->index);
}

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
    if (file && !span_eq(name, SPAN("index.html")))
        return file;
    if (!file && name.len && !http_accepts_html(r))
        return NULL;
    return api_of(r)->index ? &api_of(r)->index->file
                            : http_find_file(&web_files, SPAN("index.html"));
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

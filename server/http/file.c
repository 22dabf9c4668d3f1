#include "http/http.h"

#include "http/gzip.h"
#include "http/negotiate.h"

static const struct {
    struct span suffix;
    const char *type;
} types[] = {
    { { ".html", 5 }, "text/html; charset=utf-8" },
    { { ".js", 3 }, "text/javascript; charset=utf-8" },
    { { ".css", 4 }, "text/css; charset=utf-8" },
    { { ".svg", 4 }, "image/svg+xml" },
    { { ".png", 4 }, "image/png" },
    { { ".ico", 4 }, "image/vnd.microsoft.icon" },
    { { ".json", 5 }, "application/json" },
    { { ".webmanifest", 12 }, "application/manifest+json" },
    { { ".yaml", 5 }, "application/yaml" }, /* RFC 9512 */
    { { ".txt", 4 }, "text/plain; charset=utf-8" },
    { { ".woff2", 6 }, "font/woff2" },
};

static const char *type_of(struct span name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct span suffix = types[i].suffix;
        if (name.len > suffix.len &&
            span_eq(span_slice(name, name.len - suffix.len, name.len), suffix))
            return types[i].type;
    }
    return "application/octet-stream";
}

const struct embedded_file *http_find_file(const struct embedded_files *files, struct span name)
{
    for (size_t i = 0; i < files->count; i++)
        if (span_eq(span_of(files->items[i].name), name))
            return &files->items[i];
    return NULL;
}

static struct span bytes_of(const unsigned char *bytes, size_t size)
{
    return (struct span){ (const char *)bytes, size };
}

struct http_response http_file(struct http_request *r, const struct embedded_file *file)
{
    bool is_packed = file->gzip && accepts(http_header(r, "Accept-Encoding"), SPAN("gzip"));
    struct http_response res = { .status = 200, .body = HTTP_STATIC };
    res.bytes =
        is_packed ? bytes_of(file->gzip, file->gzip_size) : bytes_of(file->bytes, file->size);
    res.etag = is_packed ? gzip_tag(&r->arena, span_of(file->etag)) : file->etag;
    http_set_header(&res, "Content-Type", type_of(span_of(file->name)));
    if (file->gzip)
        http_set_header(&res, "Vary", "Accept-Encoding, Origin");
    if (is_packed)
        http_set_header(&res, "Content-Encoding", "gzip");
    return res;
}

bool http_accepts_html(const struct http_request *r)
{
    return accepts(http_header(r, "Accept"), SPAN("text/html"));
}

#include "http/gzip.h"

#include "http/negotiate.h"

#include <string.h>
#include <zlib.h>

enum {
    WORTH_IT = 1024,  /* octets; less fits into one packet as it is */
    GZIP_WINDOW = 31, /* zlib's way to ask for its largest window and a gzip header */
    MEMORY = 8,
};

const char *gzip_tag(struct arena *arena, struct span etag)
{
    return arena_printf(arena, "%.*s-gzip\"", SPAN_ARG(span_slice(etag, 0, etag.len - 1)));
}

static const char *content_type(const struct http_response *res)
{
    for (size_t i = 0; i < res->header_count; i++)
        if (strcmp(res->headers[i].name, "Content-Type") == 0)
            return res->headers[i].value;
    return "";
}

static bool is_compressible(const struct http_response *res)
{
    struct span type = span_of(content_type(res));
    return res->body == HTTP_OWNED && res->bytes.len >= WORTH_IT &&
           (is_media_type(type, SPAN("application/json")) ||
            is_media_type(type, SPAN("application/problem+json")));
}

bool gzip_begin(struct http_request *r, struct http_response *res)
{
    if (!is_compressible(res))
        return false;
    http_set_header(res, "Vary", "Accept-Encoding, Origin");
    if (!accepts(http_header(r, "Accept-Encoding"), SPAN("gzip")))
        return false;
    http_set_header(res, "Content-Encoding", "gzip");
    if (res->etag)
        res->etag = gzip_tag(&r->arena, span_of(res->etag));
    return true;
}

void gzip_finish(struct http_response *res)
{
    z_stream z = { .next_in = (Bytef *)res->bytes.ptr, .avail_in = (uInt)res->bytes.len };
    if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        abort(); /* out of memory, as in core/mem.h */
    size_t bound = deflateBound(&z, (uLong)res->bytes.len);
    char *packed = xmalloc(bound);
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)bound;
    (void)deflate(&z, Z_FINISH); /* there is room for all of it */
    size_t len = bound - z.avail_out;
    deflateEnd(&z);
    free((char *)res->bytes.ptr);
    res->bytes = (struct span){ packed, len };
}

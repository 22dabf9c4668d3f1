#include "http/reply.h"

enum { BLOCK = 64 * 1024 };

_Static_assert((uint64_t)HTTP_SIZE_UNKNOWN == MHD_SIZE_UNKNOWN, "one is passed on as the other");

struct outgoing {
    struct source source;
    uint64_t start;
    void (*done)(void *arg);
    void *arg;
};

/* Where less comes than was announced, libmicrohttpd closes the connection: the only way left to
 * say that it failed. */
static ssize_t read_outgoing(void *cls, uint64_t at, char *buf, size_t max)
{
    const struct outgoing *o = cls;
    int64_t got = o->source.read(o->source.arg, o->start + at, buf, max);
    if (got < 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    return got ? (ssize_t)got : MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_outgoing(void *cls)
{
    struct outgoing *o = cls;
    if (o->done)
        o->done(o->arg);
    free(o);
}

static struct MHD_Response *stream_reply(const struct http_response *res)
{
    struct outgoing *o = xcalloc(1, sizeof(*o));
    *o = (struct outgoing){ res->source, res->start, res->done, res->arg };
    return MHD_create_response_from_callback(res->length, BLOCK, read_outgoing, o, free_outgoing);
}

static struct MHD_Response *bytes_reply(struct span bytes, enum MHD_ResponseMemoryMode mode)
{
    return MHD_create_response_from_buffer(bytes.len, (void *)bytes.ptr, mode);
}

struct MHD_Response *reply_of(struct http_response *res)
{
    switch (res->body) {
    case HTTP_OWNED: return bytes_reply(res->bytes, MHD_RESPMEM_MUST_FREE);
    case HTTP_STATIC: return bytes_reply(res->bytes, MHD_RESPMEM_PERSISTENT);
    case HTTP_STREAM: return stream_reply(res);
    default: return bytes_reply((struct span){ "", 0 }, MHD_RESPMEM_PERSISTENT);
    }
}

void reply_add_headers(struct MHD_Response *reply, const struct http_response *res)
{
    for (size_t i = 0; i < res->header_count; i++)
        MHD_add_response_header(reply, res->headers[i].name, res->headers[i].value);
}

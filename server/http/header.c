#include "http/header.h"

static const struct http_fault too_large = {
    431, "The header may have 32 fields and 16 KiB at most; leave out what is not needed", false
};
static const struct http_fault too_many_hosts = { 400, "The request has more than one Host field",
                                                  false };
static const struct http_fault two_lengths = {
    400, "The request says twice how long its body is, and nobody knows where it ends", true
};
static const struct http_fault unknown_coding = {
    501, "The body may be sent as it is or in chunks; no other Transfer-Encoding is known", true
};

static size_t count_fields(const struct http_request *r, struct span name)
{
    size_t count = 0;
    for (size_t i = 0; i < r->headers.count; i++)
        count += span_ieq(r->headers.items[i].name, name);
    return count;
}

static size_t octets(const struct http_request *r)
{
    size_t sum = 0;
    for (size_t i = 0; i < r->headers.count; i++)
        sum += r->headers.items[i].name.len + r->headers.items[i].value.len + 4; /* ": ", CRLF */
    return sum;
}

/* Who is in front of us may have read another end of the body than libmicrohttpd does, and what
 * lies between them would be taken for a request of somebody else (RFC 9112 6.3, 11.2). */
const struct http_fault *header_check(const struct http_request *r)
{
    struct span coding = http_header(r, "Transfer-Encoding");
    size_t lengths = count_fields(r, SPAN("Content-Length"));
    size_t codings = count_fields(r, SPAN("Transfer-Encoding"));
    if (r->headers.count > HTTP_MAX_FIELDS || octets(r) > HTTP_MAX_HEADER)
        return &too_large;
    if (lengths + codings > 1)
        return &two_lengths;
    if (codings && !span_ieq(coding, SPAN("chunked")))
        return &unknown_coding;
    return count_fields(r, SPAN("Host")) > 1 ? &too_many_hosts : NULL;
}

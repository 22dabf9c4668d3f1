#pragma once
/* Header fields by which client and server agree on what is sent (RFC 9110 sections 8, 12 to 14).
 * A field that was not sent is an empty span. */

#include "core/span.h"

/* The media type in front of a Content-Type's parameters is `type`, compared without case. */
bool is_media_type(struct span content_type, struct span type);

/* Accept or Accept-Encoding names `what` itself, no wildcard, and not with q=0. */
bool accepts(struct span list, struct span what);

/* If-None-Match holds `etag`, weak or strong, or "*". */
bool etag_listed(struct span list, struct span etag);

enum range {
    RANGE_NONE,    /* none, or none that is understood: send all (RFC 9110 14.2) */
    RANGE_ONE,     /* *start and *length are set */
    RANGE_OUTSIDE, /* nothing of it exists: 416 */
};

/* A Range field against a body of `size` octets. Several ranges at once count as none. */
enum range range_parse(struct span field, uint64_t size, uint64_t *start_out, uint64_t *length_out);

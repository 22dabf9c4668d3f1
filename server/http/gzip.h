#pragma once
/* Answers that are worth it are compressed for who asks for that. */

#include "http/http.h"

/* A representation of its own has a tag of its own (RFC 9110 8.8.3). */
const char *gzip_tag(struct arena *arena, struct span etag);

/* Whether the answer goes out compressed; its header says so from then on, and the tag changes. */
bool gzip_begin(struct http_request *r, struct http_response *res);

/* Compresses the bytes. */
void gzip_finish(struct http_response *res);

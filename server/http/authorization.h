#pragma once
/* What a request says of who sends it: the Authorization field (RFC 9110 section 11.6.2). */

#include "http/http.h"

enum { HTTP_MAX_TOKEN = 255, HTTP_MAX_BASIC = 1024 }; /* characters, as sent */

enum http_scheme {
    HTTP_ANONYMOUS,  /* it says nothing */
    HTTP_BEARER,     /* RFC 6750: `token` */
    HTTP_BASIC,      /* RFC 7617: `user` and `password` */
    HTTP_UNREADABLE, /* said twice, malformed, too long, or by another scheme */
};

struct http_credentials {
    enum http_scheme scheme;
    struct span token;
    struct span user, password; /* UTF-8 without control characters */
};

/* Borrows from the request, or lives as long. */
struct http_credentials http_credentials(struct http_request *r);

#include "http/authorization.h"

#include "core/base64.h"
#include "core/utf8.h"

#include <string.h>

static const struct http_credentials unreadable = { .scheme = HTTP_UNREADABLE };

/* token68 of RFC 9110 section 11.2: what a Bearer token or base64 is written in. */
static bool is_token68(struct span s)
{
    size_t len = s.len;
    while (len && s.ptr[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              memchr("-._~+/", c, 6)))
            return false;
    }
    return len > 0;
}

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F)
            return false;
    return utf8_is_valid(s);
}

static struct http_credentials take_bearer(struct span token)
{
    if (token.len > HTTP_MAX_TOKEN || !is_token68(token))
        return unreadable;
    return (struct http_credentials){ .scheme = HTTP_BEARER, .token = token };
}

/* A colon ends the name, which can have none. */
static struct http_credentials take_basic(struct http_request *r, struct span encoded)
{
    size_t len;
    if (encoded.len > HTTP_MAX_BASIC)
        return unreadable;
    char *decoded = arena_alloc(&r->arena, BASE64_ROOM(encoded.len) + 1);
    if (!base64_decode(encoded, decoded, &len))
        return unreadable;
    struct span password = { decoded, len };
    bool has_colon = span_find(password, ':') < len;
    struct span user = span_cut(&password, ':');
    if (!has_colon || !is_printable(user) || !is_printable(password))
        return unreadable;
    return (struct http_credentials){ .scheme = HTTP_BASIC, .user = user, .password = password };
}

static size_t count_fields(const struct http_request *r, struct span name)
{
    size_t count = 0;
    for (size_t i = 0; i < r->headers.count; i++)
        count += span_ieq(r->headers.items[i].name, name);
    return count;
}

struct http_credentials http_credentials(struct http_request *r)
{
    size_t count = count_fields(r, SPAN("Authorization"));
    if (count != 1)
        return count ? unreadable : (struct http_credentials){ 0 };
    struct span rest = span_trim(http_header(r, "Authorization"));
    struct span scheme = span_cut(&rest, ' ');
    rest = span_trim(rest);
    if (span_ieq(scheme, SPAN("Bearer")))
        return take_bearer(rest);
    return span_ieq(scheme, SPAN("Basic")) ? take_basic(r, rest) : unreadable;
}

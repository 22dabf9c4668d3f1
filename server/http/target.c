#include "http/target.h"

#include "core/utf8.h"
#include "http/percent.h"

static const struct http_fault too_long = {
    414, "The address may have 8192 octets at most; ask for less, or in several requests", false
};
static const struct http_fault bad_escape = {
    400, "The address holds a % that two hexadecimal digits do not follow", false
};
static const struct http_fault bad_path = { 404, "There is nothing at an address that is no UTF-8",
                                            false };
static const struct http_fault bad_query = {
    400, "The query must be UTF-8 without NUL once it is decoded", false
};
static const struct http_fault too_deep = { 404, "There is nothing at an address that long",
                                            false };
static const struct http_fault too_many = { 400, "The query has too many parameters", false };
static const struct http_fault not_a_path = { 400, "The address must be a path: it starts with /",
                                              false };

/* False if an escape is none. In a query "+" is a space, as HTML forms and URL libraries have it.
 */
static bool unescape(struct arena *arena, struct span s, bool is_query, struct span *out)
{
    char *text = arena_alloc(arena, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            int octet = percent_octet(span_slice(s, i, s.len));
            if (octet < 0)
                return false;
            c = (char)octet;
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        text[len++] = c;
    }
    *out = (struct span){ text, len };
    return true;
}

static const struct http_fault *decode_path(struct arena *arena, struct span s, struct span *out)
{
    if (!unescape(arena, s, false, out))
        return &bad_escape;
    return utf8_is_valid(*out) ? NULL : &bad_path;
}

static const struct http_fault *decode_query(struct arena *arena, struct span s, struct span *out)
{
    if (!unescape(arena, s, true, out))
        return &bad_escape;
    return utf8_is_valid(*out) ? NULL : &bad_query;
}

/* Segments are split before they are decoded, so that "%2F" stays inside its segment. A slash at
 * the end begins an empty one: "/a" and "/a/" are different paths. */
static const struct http_fault *parse_path(struct http_request *r, struct span path)
{
    const struct http_fault *wrong = decode_path(&r->arena, path, &r->path);
    bool is_last = false;
    span_cut(&path, '/');
    while (!wrong && !is_last) {
        if (r->segment_count == HTTP_MAX_SEGMENTS)
            return &too_deep;
        is_last = span_find(path, '/') == path.len;
        wrong = decode_path(&r->arena, span_cut(&path, '/'), &r->segments[r->segment_count++]);
    }
    return wrong;
}

static const struct http_fault *parse_parameter(struct http_request *r, struct span text)
{
    struct http_pair *pair = &r->query.items[r->query.count++];
    const struct http_fault *wrong = decode_query(&r->arena, span_cut(&text, '='), &pair->name);
    return wrong ? wrong : decode_query(&r->arena, text, &pair->value);
}

static const struct http_fault *parse_query(struct http_request *r, struct span query)
{
    const struct http_fault *wrong = NULL;
    r->query.items = arena_alloc(&r->arena, HTTP_MAX_PARAMETERS * sizeof(*r->query.items));
    while (!wrong && query.len) {
        struct span text = span_cut(&query, '&');
        if (text.len == 0)
            continue;
        if (r->query.count == HTTP_MAX_PARAMETERS)
            return &too_many;
        wrong = parse_parameter(r, text);
    }
    return wrong;
}

struct span target_below(struct span target, const char *base)
{
    struct span front = span_of(base ? base : "");
    if (!span_starts_with(target, front))
        return target;
    struct span rest = span_slice(target, front.len, target.len);
    if (rest.len == 0)
        return SPAN("/");
    return rest.ptr[0] == '/' ? rest : target;
}

const struct http_fault *target_parse(struct http_request *r, struct span target)
{
    struct span query = target;
    struct span path = span_cut(&query, '?');
    if (target.len > HTTP_MAX_TARGET)
        return &too_long;
    if (path.len == 0 || path.ptr[0] != '/')
        return &not_a_path;
    const struct http_fault *wrong = parse_path(r, path);
    if (wrong || query.len == 0)
        return wrong;
    return parse_query(r, query);
}

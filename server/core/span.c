#include "core/span.h"

#include <string.h>

struct span span_of(const char *text)
{
    return (struct span){ text, text ? strlen(text) : 0 };
}

struct span span_slice(struct span s, size_t start, size_t end)
{
    if (end > s.len)
        end = s.len;
    if (start > end)
        start = end;
    return start ? (struct span){ s.ptr + start, end - start } : (struct span){ s.ptr, end };
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool span_ieq(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

bool span_starts_with(struct span s, struct span prefix)
{
    return span_eq(span_slice(s, 0, prefix.len), prefix);
}

bool span_istarts_with(struct span s, struct span prefix)
{
    return span_ieq(span_slice(s, 0, prefix.len), prefix);
}

bool span_icontains(struct span s, struct span part)
{
    for (size_t at = 0; at + part.len <= s.len; at++)
        if (span_ieq(span_slice(s, at, at + part.len), part))
            return true;
    return false;
}

size_t span_find(struct span s, char c)
{
    const char *hit = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return hit ? (size_t)(hit - s.ptr) : s.len;
}

struct span span_cut(struct span *s, char c)
{
    size_t at = span_find(*s, c);
    struct span head = span_slice(*s, 0, at);
    *s = span_slice(*s, at < s->len ? at + 1 : at, s->len);
    return head;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

unsigned char span_front(struct span s)
{
    return s.len ? (unsigned char)*s.ptr : '\0';
}

bool span_take(struct span *s, char c)
{
    if (s->len == 0 || *s->ptr != c)
        return false;
    *s = span_slice(*s, 1, s->len);
    return true;
}

struct span span_trim(struct span s)
{
    size_t start = 0;
    size_t end = s.len;
    while (start < end && is_blank(s.ptr[start]))
        start++;
    while (end > start && is_blank(s.ptr[end - 1]))
        end--;
    return span_slice(s, start, end);
}

bool parse_u64(struct span s, uint64_t *out)
{
    uint64_t value = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool parse_id(struct span s, int64_t *out)
{
    uint64_t value;
    if (!parse_u64(s, &value) || value == 0 || value > INT64_MAX)
        return false;
    *out = (int64_t)value;
    return true;
}

#include "core/glob.h"

static struct span front(struct span s, size_t len)
{
    return span_slice(s, 0, len);
}

static struct span behind(struct span s, size_t len)
{
    return span_slice(s, len, s.len);
}

static bool ends_with(struct span s, struct span suffix)
{
    return s.len >= suffix.len && span_ieq(behind(s, s.len - suffix.len), suffix);
}

/* Takes everything up to and with the first `piece` off the front. */
static bool skip_past(struct span *s, struct span piece)
{
    for (size_t at = 0; at + piece.len <= s->len; at++)
        if (span_istarts_with(behind(*s, at), piece)) {
            *s = behind(*s, at + piece.len);
            return true;
        }
    return false;
}

/* What lies between two stars may be found where it comes first: whatever matches behind a later
 * place matches behind that one too. */
bool glob_matches(struct span pattern, struct span text)
{
    size_t star = span_find(pattern, '*');
    if (star == pattern.len)
        return span_ieq(pattern, text);
    if (!span_istarts_with(text, front(pattern, star)))
        return false;
    text = behind(text, star);
    pattern = behind(pattern, star + 1);
    while ((star = span_find(pattern, '*')) < pattern.len) {
        if (!skip_past(&text, front(pattern, star)))
            return false;
        pattern = behind(pattern, star + 1);
    }
    return ends_with(text, pattern);
}

#include "http/negotiate.h"

bool is_media_type(struct span content_type, struct span type)
{
    return span_ieq(span_trim(span_cut(&content_type, ';')), type);
}

/* "q=0", "q=0.0", "q=0.000" */
static bool is_refused(struct span parameters)
{
    while (parameters.len) {
        struct span p = span_trim(span_cut(&parameters, ';'));
        if (!span_istarts_with(p, SPAN("q=")))
            continue;
        for (size_t i = 2; i < p.len; i++)
            if (p.ptr[i] >= '1' && p.ptr[i] <= '9')
                return false;
        return true;
    }
    return false;
}

bool accepts(struct span list, struct span what)
{
    while (list.len) {
        struct span parameters = span_cut(&list, ',');
        struct span name = span_trim(span_cut(&parameters, ';'));
        if (span_ieq(name, what))
            return !is_refused(parameters);
    }
    return false;
}

/* Our tags hold no comma, so that a list can be cut at commas. */
bool etag_listed(struct span list, struct span etag)
{
    while (list.len) {
        struct span tag = span_trim(span_cut(&list, ','));
        if (span_starts_with(tag, SPAN("W/")))
            tag = span_slice(tag, 2, tag.len);
        if (span_eq(tag, SPAN("*")) || span_eq(tag, etag))
            return true;
    }
    return false;
}

/* "-n": the last n octets. */
static enum range suffix_range(struct span digits, uint64_t size, uint64_t *start_out,
                               uint64_t *length_out)
{
    uint64_t count;
    if (!parse_u64(digits, &count))
        return RANGE_NONE;
    if (count == 0 || size == 0)
        return RANGE_OUTSIDE;
    *length_out = count < size ? count : size;
    *start_out = size - *length_out;
    return RANGE_ONE;
}

enum range range_parse(struct span field, uint64_t size, uint64_t *start_out, uint64_t *length_out)
{
    if (!span_istarts_with(field, SPAN("bytes=")))
        return RANGE_NONE;
    uint64_t first;
    uint64_t last = UINT64_MAX;
    struct span to = span_trim(span_slice(field, sizeof("bytes=") - 1, field.len));
    if (span_find(to, '-') == to.len)
        return RANGE_NONE;
    struct span from = span_cut(&to, '-');
    if (from.len == 0)
        return suffix_range(to, size, start_out, length_out);
    if (!parse_u64(from, &first) || (to.len && !parse_u64(to, &last)) || last < first)
        return RANGE_NONE;
    if (first >= size)
        return RANGE_OUTSIDE;
    *start_out = first;
    *length_out = (last < size ? last + 1 : size) - first;
    return RANGE_ONE;
}

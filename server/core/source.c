#include "core/source.h"

#include <string.h>

static int64_t read_span(void *arg, uint64_t at, void *out, size_t len)
{
    const struct span *bytes = arg;
    if (at >= bytes->len || len == 0)
        return 0;
    size_t left = bytes->len - (size_t)at;
    if (len > left)
        len = left;
    memcpy(out, bytes->ptr + at, len);
    return (int64_t)len;
}

struct source source_of_span(const struct span *bytes)
{
    return (struct source){ .size = bytes->len, .read = read_span, .arg = (void *)bytes };
}

int64_t source_read_full(const struct source *s, uint64_t at, void *out, size_t len)
{
    size_t done = 0;
    while (done < len) {
        int64_t got = s->read(s->arg, at + done, (char *)out + done, len - done);
        if (got < 0)
            return got;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (int64_t)done;
}

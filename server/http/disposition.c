#include "http/http.h"

#include "core/utf8.h"

#include <string.h>

/* A name longer than this is no name; file systems stop at 255 octets. */
enum { NAME_CHARACTERS = 200 };

/* What older readers see: a quoted string of harmless ASCII (RFC 6266 appendix D advises against
 * "%" and escapes in it), path separators included in what is replaced. */
static void put_plain(struct buf *out, struct span name)
{
    size_t at = 0;
    while (at < name.len) {
        char c = name.ptr[at];
        size_t len = utf8_sequence(span_slice(name, at, name.len));
        buf_putc(out, c > 0x1F && c < 0x7F && !strchr("\"\\/%", c) ? c : '_');
        at += len ? len : 1;
    }
}

/* value-chars of RFC 8187 section 3.2.1; the rest is escaped. */
static void put_extended(struct buf *out, struct span name)
{
    static const char safe[] = "!#$&+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '/' || c == '\\' || (unsigned char)c < 0x20 || c == 0x7F)
            c = '_';
        if (strchr(safe, c))
            buf_putc(out, c);
        else
            buf_printf(out, "%%%02X", (unsigned char)c);
    }
}

const char *http_disposition(struct arena *arena, const char *kind, const char *filename)
{
    if (!filename || !*filename)
        return arena_strdup(arena, kind);
    struct buf clean AUTO(buf_done) = { 0 };
    struct buf value AUTO(buf_done) = { 0 };
    utf8_scrub(&clean, span_of(filename));
    struct span name = utf8_front(buf_span(&clean), NAME_CHARACTERS);
    buf_printf(&value, "%s; filename=\"", kind);
    put_plain(&value, name);
    buf_append(&value, SPAN("\"; filename*=UTF-8''"));
    put_extended(&value, name);
    return arena_copy(arena, buf_span(&value));
}

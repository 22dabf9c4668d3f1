#include "core/json_text.h"

#include "core/utf8.h"

static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && c != '"' && c != '\\' && c != 0x7F;
}

static size_t plain_size(struct span text)
{
    size_t at = 0;
    while (at < text.len && is_plain(text.ptr[at]))
        at++;
    return at;
}

/* DEL need not be escaped, but shows nothing to a reader. */
static void put_escaped(struct buf *out, char c)
{
    buf_printf(out, c == '"' || c == '\\' ? "\\%c" : "\\u%04x", c);
}

static void put_sound(struct buf *out, struct span text)
{
    for (;;) {
        size_t plain = plain_size(text);
        buf_append(out, span_slice(text, 0, plain));
        if (plain == text.len)
            return;
        put_escaped(out, text.ptr[plain]);
        text = span_slice(text, plain + 1, text.len);
    }
}

void json_text_put(struct buf *out, struct span text)
{
    struct buf clean AUTO(buf_done) = { 0 };
    if (!utf8_is_valid(text)) {
        utf8_scrub(&clean, text);
        text = buf_span(&clean);
    }
    buf_putc(out, '"');
    put_sound(out, text);
    buf_putc(out, '"');
}

void json_text_next(struct buf *out)
{
    char last = out->len ? out->ptr[out->len - 1] : '[';
    if (last != '[' && last != '{')
        buf_putc(out, ',');
}

void json_text_key(struct buf *out, const char *name)
{
    json_text_next(out);
    json_text_put(out, span_of(name));
    buf_putc(out, ':');
}

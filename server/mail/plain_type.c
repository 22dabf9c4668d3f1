#include "mail/plain_type.h"

#include "core/mem.h"

#include <string.h>

enum { LONGEST = 1000 };

/* Of RFC 2045's tokens, without what RFC 2231 gives a meaning. */
static bool is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$&+-.^_`{|}~", c));
}

static bool is_quotable(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span take_all(struct span *s, bool (*is)(char c))
{
    size_t size = 0;
    while (size < s->len && is(s->ptr[size]))
        size++;
    struct span taken = span_slice(*s, 0, size);
    *s = span_slice(*s, size, s->len);
    return taken;
}

static bool take(struct span *s, char c)
{
    bool is_there = s->len && *s->ptr == c;
    *s = span_slice(*s, is_there, s->len);
    return is_there;
}

static bool has_encoded_word(struct span text)
{
    for (size_t i = 1; i < text.len; i++)
        if (text.ptr[i - 1] == '=' && text.ptr[i] == '?')
            return true;
    return false;
}

static bool take_value(struct span *s, struct span *out)
{
    bool is_quoted = take(s, '"');
    *out = take_all(s, is_quoted ? is_quotable : is_token);
    return out->len && (!is_quoted || (take(s, '"') && !has_encoded_word(*out)));
}

/* Parameters that mean nothing to us are read past. False for one that is given twice. */
static bool keep(struct span name, struct span value, struct arena *arena, struct plain_type *out)
{
    const struct {
        const char *name;
        const char **to;
    } wanted[] = {
        { "charset", &out->charset },
        { "boundary", &out->boundary },
        { "name", &out->name },
    };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        if (!span_ieq(name, span_of(wanted[i].name)))
            continue;
        if (*wanted[i].to)
            return false;
        *wanted[i].to = arena_copy(arena, value);
    }
    return true;
}

static bool take_parameter(struct span *s, struct arena *arena, struct plain_type *out)
{
    struct span value;
    struct span name = take_all(s, is_token);
    return name.len && take(s, '=') && take_value(s, &value) && keep(name, value, arena, out);
}

/* A semicolon may stand behind the last. */
static bool take_parameters(struct span *s, struct arena *arena, struct plain_type *out)
{
    while (s->len) {
        (void)take_all(s, is_blank);
        if (s->len && !take(s, ';'))
            return false;
        (void)take_all(s, is_blank);
        if (s->len && !take_parameter(s, arena, out))
            return false;
    }
    return true;
}

static const char *lower_copy(struct arena *arena, struct span text)
{
    char *copy = arena_copy(arena, text);
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    return copy;
}

bool plain_type_read(struct span value, struct arena *arena, struct plain_type *out)
{
    struct plain_type found = { 0 };
    struct span rest = value;
    bool is_type = value.len <= LONGEST && take_all(&rest, is_token).len && take(&rest, '/') &&
                   take_all(&rest, is_token).len;
    struct span type = span_slice(value, 0, value.len - rest.len);
    if (!is_type || !take_parameters(&rest, arena, &found))
        return false;
    found.type = lower_copy(arena, type);
    *out = found;
    return true;
}

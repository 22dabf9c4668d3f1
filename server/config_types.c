/* The values that options have. */

#include "config_types.h"

#include "core/netaddr.h"
#include "smtp/proto/engine.h"

#include <string.h>

enum { BASE_PATH_MAX = 255, TOKEN_MIN = 16, TOKEN_MAX = 255 };

static bool parse_text(struct config *c, void *field, const char *text)
{
    *(const char **)field = arena_strdup(&c->arena, text);
    return *text != '\0';
}

static bool append(struct config *c, void *field, const char *text)
{
    struct config_list *list = field;
    const char **items = arena_alloc(&c->arena, (list->count + 1) * sizeof(*items));
    if (list->count)
        memcpy(items, list->items, list->count * sizeof(*items));
    items[list->count] = arena_strdup(&c->arena, text);
    *list = (struct config_list){ items, list->count + 1 };
    return *text != '\0';
}

static bool is_address(const char *text)
{
    struct sockaddr_storage addr;
    return netaddr_parse(span_of(text), &addr);
}

static bool parse_address(struct config *c, void *field, const char *text)
{
    return is_address(text) && parse_text(c, field, text);
}

static bool append_listener(struct config *c, void *field, const char *text)
{
    struct sockaddr_storage addr;
    return (is_address(text) || netaddr_parse_unix(span_of(text), &addr)) && append(c, field, text);
}

static bool append_extension(struct config *c, void *field, const char *text)
{
    return smtp_cap_find(span_of(text)) && append(c, field, text);
}

struct unit {
    const char *suffix;
    uint64_t factor;
};

/* A whole number followed by one of the units; not 0, and no overflow. */
static bool parse_with_unit(uint64_t *out, const char *text, const struct unit *units)
{
    uint64_t number;
    size_t digits = strspn(text, "0123456789");
    if (!parse_u64((struct span){ text, digits }, &number) || number == 0)
        return false;
    for (const struct unit *u = units; u->suffix; u++)
        if (strcmp(text + digits, u->suffix) == 0 && number <= INT64_MAX / u->factor) {
            *out = number * u->factor;
            return true;
        }
    return false;
}

static bool parse_count(struct config *c, void *field, const char *text)
{
    static const struct unit units[] = { { "", 1 }, { 0 } };
    (void)c;
    return parse_with_unit(field, text, units);
}

static bool parse_size(struct config *c, void *field, const char *text)
{
    static const struct unit units[] = {
        { "", 1 }, { "k", 1 << 10 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { 0 },
    };
    (void)c;
    return parse_with_unit(field, text, units);
}

static bool parse_duration(struct config *c, void *field, const char *text)
{
    static const struct unit units[] = {
        { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { 0 },
    };
    (void)c;
    return parse_with_unit(field, text, units);
}

static bool is_none(void *field, const char *text)
{
    if (strcmp(text, "none") != 0)
        return false;
    *(uint64_t *)field = 0;
    return true;
}

static bool parse_count_or_none(struct config *c, void *field, const char *text)
{
    return is_none(field, text) || parse_count(c, field, text);
}

static bool parse_size_or_none(struct config *c, void *field, const char *text)
{
    return is_none(field, text) || parse_size(c, field, text);
}

static bool parse_duration_or_none(struct config *c, void *field, const char *text)
{
    return is_none(field, text) || parse_duration(c, field, text);
}

static bool parse_compression(struct config *c, void *field, const char *text)
{
    return (strcmp(text, "zstd") == 0 || strcmp(text, "none") == 0) && parse_text(c, field, text);
}

static bool append_name(struct config *c, void *field, const char *text)
{
    return netaddr_is_name(text) && append(c, field, text);
}

static bool append_block(struct config *c, void *field, const char *text)
{
    return netaddr_is_block(text) && append(c, field, text);
}

bool config_is_switch(const char *text)
{
    return text && (strcmp(text, "on") == 0 || strcmp(text, "off") == 0);
}

static bool parse_switch(struct config *c, void *field, const char *text)
{
    (void)c;
    *(bool *)field = strcmp(text, "on") == 0;
    return config_is_switch(text);
}

static bool parse_on_off(struct config *c, void *field, const char *text)
{
    return config_is_switch(text) && parse_text(c, field, text);
}

static bool parse_level(struct config *c, void *field, const char *text)
{
    return (strcmp(text, "error") == 0 || strcmp(text, "warn") == 0 || strcmp(text, "info") == 0 ||
            strcmp(text, "debug") == 0) &&
           parse_text(c, field, text);
}

static bool parse_format(struct config *c, void *field, const char *text)
{
    return (strcmp(text, "text") == 0 || strcmp(text, "json") == 0) && parse_text(c, field, text);
}

/* As it can stand behind "Bearer" (RFC 6750 section 2.1). */
static bool parse_token(struct config *c, void *field, const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "-._~+/");
    len += strspn(text + len, "=");
    return text[len] == '\0' && len >= TOKEN_MIN && len <= TOKEN_MAX && text[0] != '=' &&
           parse_text(c, field, text);
}

/* "/mail" or "/a/mail/"; in an address, a header and the page it stands as it is. What is below
 * /api would be taken for the API by who looks for the path at the front. */
static bool parse_base_path(struct config *c, void *field, const char *text)
{
    struct span path = span_of(text);
    if (!span_starts_with(path, SPAN("/")) || path.len > BASE_PATH_MAX)
        return false;
    if (path.ptr[path.len - 1] == '/')
        path.len--;
    if (path.len && path.ptr[path.len - 1] == '/')
        return false;
    struct span rest = path;
    span_cut(&rest, '/');
    for (bool is_first = true; rest.len; is_first = false) {
        struct span name = span_cut(&rest, '/');
        if (name.len == 0 || name.ptr[0] == '.' || (is_first && span_eq(name, SPAN("api"))))
            return false;
    }
    *(const char **)field = arena_copy(&c->arena, path);
    const char *text_left = *(const char **)field;
    return text_left[strspn(text_left, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-._~/")] == '\0';
}

const struct config_type config_path = {
    .expected = "a path such as /mail, of letters, digits and -._~, and not below /api",
    .parse = parse_base_path,
};
const struct config_type config_text = {
    .expected = "a text that is not empty",
    .parse = parse_text,
};
const struct config_type config_texts = {
    .expected = "a text that is not empty",
    .parse = append,
    .is_list = true,
};
const struct config_type config_token = {
    .expected = "16 to 255 letters, digits and -._~+/ such as openssl rand -hex 20 makes",
    .parse = parse_token,
    .is_secret = true,
};
const struct config_type config_address = {
    .expected = "an address and port such as 127.0.0.1:1025 or [::1]:1025",
    .parse = parse_address,
};
const struct config_type config_listeners = {
    .expected =
        "an address and port such as 127.0.0.1:1025 or [::1]:1025, or unix:PATH without spaces",
    .parse = append_listener,
    .is_list = true,
};
const struct config_type config_names = {
    .expected = "a host name or an address such as mx.test or 127.0.0.1",
    .parse = append_name,
    .is_list = true,
};
const struct config_type config_extensions = {
    .expected = "an extension that is offered, such as 8BITMIME or STARTTLS",
    .parse = append_extension,
    .is_list = true,
};
const struct config_type config_blocks = {
    .expected = "an address such as 127.0.0.1, a network such as 10.0.0.0/8, or unix",
    .parse = append_block,
    .is_list = true,
};
const struct config_type config_switch = {
    .expected = "on or off",
    .parse = parse_switch,
    .is_switch = true,
};
const struct config_type config_on_off = {
    .expected = "on or off",
    .parse = parse_on_off,
    .is_switch = true,
};
const struct config_type config_count = {
    .expected = "a number above 0",
    .parse = parse_count,
};
const struct config_type config_size = {
    .expected = "a size above 0 such as 500k, 50M or 2G",
    .parse = parse_size,
};
const struct config_type config_duration = {
    .expected = "a time above 0 such as 30s, 5m or 1h",
    .parse = parse_duration,
};
const struct config_type config_count_or_none = {
    .expected = "a number above 0, or none",
    .parse = parse_count_or_none,
};
const struct config_type config_size_or_none = {
    .expected = "a size above 0 such as 500M or 4G, or none",
    .parse = parse_size_or_none,
};
const struct config_type config_duration_or_none = {
    .expected = "a time above 0 such as 12h or 30d, or none",
    .parse = parse_duration_or_none,
};
const struct config_type config_compression = {
    .expected = "zstd or none",
    .parse = parse_compression,
};
const struct config_type config_level = {
    .expected = "error, warn, info or debug",
    .parse = parse_level,
};
const struct config_type config_format = {
    .expected = "text or json",
    .parse = parse_format,
};

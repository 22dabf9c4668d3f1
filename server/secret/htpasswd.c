#include "secret/htpasswd.h"

#include "core/mem.h"
#include "core/utf8.h"
#include "secret/secret.h"

#include <crypt.h>
#include <string.h>

enum {
    NAME_MAX_LEN = 255,
    PASSWORD_MAX = 72, /* octets that bcrypt looks at */
    DIGEST_LEN = 60,   /* "$2y$10$", 22 characters of salt, 31 of the digest */
    COST_MAX = 14,     /* about a second */
};

/* ---- reading ---- */

static bool is_digest(struct span s)
{
    uint64_t cost;
    static const char alphabet[] =
        "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (s.len != DIGEST_LEN || !span_starts_with(s, SPAN("$2")) || !memchr("aby", s.ptr[2], 3) ||
        s.ptr[3] != '$' || s.ptr[6] != '$' || !parse_u64(span_slice(s, 4, 6), &cost))
        return false;
    for (size_t i = 7; i < s.len; i++)
        if (!memchr(alphabet, s.ptr[i], sizeof(alphabet) - 1))
            return false;
    return cost >= 4 && cost <= COST_MAX;
}

/* NULL, or what is wrong with the line. */
static const char *take_line(struct htpasswd *h, struct span line)
{
    struct span digest = line;
    struct span name = span_cut(&digest, ':');
    if (name.len == 0 || name.len > NAME_MAX_LEN || !utf8_is_valid(name))
        return "does not begin with a name of 1 to 255 octets and a colon";
    if (!is_digest(digest))
        return "has no bcrypt digest of a cost from 4 to 14 (htpasswd -B makes them)";
    for (size_t i = 0; i < h->count; i++)
        if (span_eq(h->entries[i].name, name))
            return "is about somebody who is there already";
    h->entries[h->count++] = (struct htpasswd_entry){ { arena_copy(&h->arena, name), name.len },
                                                      arena_copy(&h->arena, digest) };
    return NULL;
}

static size_t count_lines(struct span text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    return count;
}

bool htpasswd_parse(struct span text, struct htpasswd *out, struct buf *why)
{
    *out = (struct htpasswd){ 0 };
    out->entries = arena_alloc(&out->arena, count_lines(text) * sizeof(*out->entries));
    for (size_t number = 1; text.len; number++) {
        struct span line = span_cut(&text, '\n');
        if (line.len && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (span_trim(line).len == 0 || line.ptr[0] == '#')
            continue;
        const char *fault = take_line(out, line);
        if (fault) {
            buf_printf(why, "line %zu %s", number, fault);
            return false;
        }
    }
    return true;
}

void htpasswd_done(struct htpasswd *h)
{
    arena_done(&h->arena);
    *h = (struct htpasswd){ 0 };
}

/* ---- checking ---- */

/* Nobody's, for whom there is no entry: to find that out must take as long. */
static const char nobody[] = "$2y$10$d5AZETqCDAKYF8zmmjvov.1SATVeTfzRHLArhYWxXMJNcJYAZo2G6";

static const char *find(const struct htpasswd *h, struct span name)
{
    for (size_t i = 0; i < h->count; i++)
        if (span_eq(h->entries[i].name, name))
            return h->entries[i].digest;
    return NULL;
}

static bool is_digest_of(const char *digest, const char *password)
{
    struct crypt_data *data AUTO(free_ptr) = xcalloc(1, sizeof(*data));
    const char *made = crypt_rn(password, digest, data, sizeof(*data));
    return made && secret_equal(span_of(made), span_of(digest));
}

/* What bcrypt would not look at is not left out silently. */
bool htpasswd_check(const struct htpasswd *h, struct span name, struct span password)
{
    char text[PASSWORD_MAX + 1] = "";
    const char *digest = find(h, name);
    bool is_possible = password.len <= PASSWORD_MAX && span_find(password, '\0') == password.len;
    if (is_possible && password.len)
        memcpy(text, password.ptr, password.len);
    bool is_right = is_digest_of(digest ? digest : nobody, text);
    mem_wipe(text, sizeof(text));
    return is_right && digest && is_possible;
}

#include "api/cid.h"

#include "http/percent.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LEN = 250 };

static const struct span scheme = { "cid:", 4 };

struct cid_links {
    const struct mail_part **parts; /* those with a Content-ID, sorted by it */
    size_t count;
    const char *suffix;
    struct buf held;
    char before; /* the last character that went out, NUL at the start */
};

static int by_id(const void *a, const void *b)
{
    const struct mail_part *const *left = a;
    const struct mail_part *const *right = b;
    return strcmp((*left)->content_id, (*right)->content_id);
}

struct cid_links *cid_links_new(const struct mail *mail, const char *suffix, struct arena *arena)
{
    struct cid_links *l = xcalloc(1, sizeof(*l));
    l->suffix = suffix;
    l->parts = arena_alloc(arena, (mail->part_count + 1) * sizeof(const struct mail_part *));
    for (size_t i = 0; i < mail->part_count; i++)
        if (mail->parts[i].content_id)
            l->parts[l->count++] = &mail->parts[i];
    qsort(l->parts, l->count, sizeof(const struct mail_part *), by_id);
    return l;
}

void cid_links_free(struct cid_links *l)
{
    if (!l)
        return;
    buf_done(&l->held);
    free(l);
}

/* ---- names ---- */

/* "%40" for "@": a URL escapes what a Content-ID does not. */
static char take_octet(struct span *s)
{
    int octet = percent_octet(*s);
    char c = octet < 0 ? s->ptr[0] : (char)octet;
    *s = span_slice(*s, octet < 0 ? 1 : 3, s->len);
    return c;
}

static const struct mail_part *find(const struct cid_links *l, struct span name)
{
    char id[NAME_MAX_LEN + 1];
    size_t len = 0;
    while (name.len)
        id[len++] = take_octet(&name);
    id[len] = '\0';
    const struct mail_part wanted = { .content_id = id };
    const struct mail_part *key = &wanted;
    const struct mail_part **hit =
        l->count ? bsearch(&key, l->parts, l->count, sizeof(*l->parts), by_id) : NULL;
    return hit ? *hit : NULL;
}

/* A URL begins where an attribute's value or a style's url() does, not within a word. */
static bool may_begin_after(char c)
{
    return c != '\0' && strchr("\"'=(,;", c);
}

static bool ends_name(char c)
{
    return c == '\0' || strchr("\"'()<>& \t\r\n", c);
}

/* Looks no further than a name can be long, so that no text costs more than its length. */
static size_t name_length(struct span text)
{
    size_t len = 0;
    while (len < text.len && len <= NAME_MAX_LEN && !ends_name(text.ptr[len]))
        len++;
    return len;
}

/* ---- the stream ---- */

static void put(struct cid_links *l, struct span text, struct buf *out)
{
    buf_append(out, text);
    if (text.len)
        l->before = text.ptr[text.len - 1];
}

/* Where the next "cid:" begins, or what might become one when more text comes. */
static size_t find_scheme(const struct cid_links *l, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char before = i ? text.ptr[i - 1] : l->before;
        struct span front = span_slice(text, i, i + scheme.len);
        if (may_begin_after(before) && span_ieq(front, span_slice(scheme, 0, front.len)))
            return i;
    }
    return text.len;
}

/* Puts out the name at the front of `text`. Returns how much that was, 0 to wait for more. */
static size_t put_name(struct cid_links *l, struct span text, bool is_last, struct buf *out)
{
    struct span rest = span_slice(text, scheme.len, text.len);
    struct span name = span_slice(rest, 0, name_length(rest));
    if (name.len == rest.len && !is_last)
        return 0;
    const struct mail_part *part = name.len > NAME_MAX_LEN ? NULL : find(l, name);
    if (!part) { /* only the scheme is dealt with: another name may begin within this one */
        struct span front = span_slice(text, 0, scheme.len);
        put(l, front, out);
        return front.len;
    }
    put(l, SPAN("parts/"), out);
    put(l, span_of(part->number), out);
    put(l, span_of(l->suffix), out);
    return scheme.len + name.len;
}

static void run(struct cid_links *l, bool is_last, struct buf *out)
{
    struct span text = buf_span(&l->held);
    size_t done = 0;
    while (done < text.len) {
        struct span rest = span_slice(text, done, text.len);
        size_t start = find_scheme(l, rest);
        put(l, span_slice(rest, 0, start), out);
        done += start;
        size_t taken = put_name(l, span_slice(rest, start, rest.len), is_last, out);
        if (taken == 0)
            break;
        done += taken;
    }
    buf_consume(&l->held, done);
}

void cid_links_push(struct cid_links *l, struct span text, struct buf *out)
{
    buf_append(&l->held, text);
    run(l, false, out);
}

void cid_links_finish(struct cid_links *l, struct buf *out)
{
    run(l, true, out);
}

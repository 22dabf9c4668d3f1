#include "api/content.h"

#include "api/cid.h"

#include <string.h>

enum {
    WINDOW = 256 * 1024, /* read from the store at a time */
    STEP = 16 * 1024,    /* decoded at a time */
};

struct content {
    struct store *store;
    struct arena arena;
    struct store_message message;
    struct source raw;
    char *window;
    uint64_t window_at;
    size_t window_len;
    /* Of a decoded part: */
    struct mail_decoder *decoder;
    uint64_t at; /* octets decoded or passed over so far */
    /* Of a part that links others: */
    struct cid_links *links;
    struct buf linked; /* waiting to be sent */
    bool is_read;      /* all of it */
};

/* ---- the octets ---- */

static int64_t fill(struct content *c, uint64_t at)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct source raw;
    size_t size = c->raw.size < WINDOW ? (size_t)c->raw.size : WINDOW;
    struct store_reader *reader AUTO(api_return) = store_reader_lease(c->store);
    int err = store_message_raw(reader, c->message.id, &arena, &raw);
    if (err)
        return err;
    if (!c->window)
        c->window = xmalloc(size);
    int64_t got =
        raw.read(raw.arg, at, c->window, size); /* of one chunk, for others are not asked */
    c->window_at = at;
    c->window_len = got > 0 ? (size_t)got : 0;
    return got;
}

static int64_t read_raw(void *arg, uint64_t at, void *out, size_t len)
{
    struct content *c = arg;
    if (len == 0 || at >= c->raw.size)
        return 0;
    if (at - c->window_at >= c->window_len) { /* no sign: also if it is before the window */
        int64_t got = fill(c, at);
        if (got <= 0)
            return got;
    }
    size_t skip = (size_t)(at - c->window_at);
    size_t count = c->window_len - skip < len ? c->window_len - skip : len;
    memcpy(out, c->window + skip, count);
    return (int64_t)count;
}

int content_open(const struct http_request *r, int64_t id, struct content **out)
{
    struct content *c = xcalloc(1, sizeof(*c));
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    c->store = api_of(r)->config.store;
    int err = store_message_get(reader, id, &c->arena, &c->message);
    if (err) {
        content_free(c);
        return err;
    }
    c->raw = (struct source){ c->message.size, read_raw, c };
    *out = c;
    return 0;
}

void content_free(void *content)
{
    struct content *c = content;
    mail_decoder_free(c->decoder);
    cid_links_free(c->links);
    buf_done(&c->linked);
    free(c->window);
    arena_done(&c->arena);
    free(c);
}

const struct store_message *content_message(const struct content *c)
{
    return &c->message;
}

const struct source *content_raw(const struct content *c)
{
    return &c->raw;
}

struct http_response content_send_raw(struct content *c, const char *type)
{
    struct http_response res = http_stream(type, c->raw, content_free);
    res.takes_ranges = true;
    return res;
}

/* ---- decoded ---- */

/* A decoder goes forward only: a range begins by passing over what is before it, which costs
 * nothing but where it has to be decoded. */
static int64_t read_decoded(void *arg, uint64_t at, void *out, size_t len)
{
    struct content *c = arg;
    int err = mail_decoder_skip(c->decoder, at - c->at);
    if (err)
        return err;
    int64_t got = mail_decoder_read(c->decoder, out, len);
    c->at = at + (got > 0 ? (uint64_t)got : 0);
    return got;
}

static struct http_response send_decoded(struct content *c, const struct mail_part *part,
                                         const char *type, bool as_text, struct source body)
{
    c->decoder = mail_decoder_new(&c->raw, part, as_text);
    return http_stream(type, body, content_free);
}

struct http_response content_send_part(struct content *c, const struct mail_part *part,
                                       const char *type)
{
    struct source body = { part->size, read_decoded, c };
    struct http_response res = send_decoded(c, part, type, false, body);
    res.takes_ranges = true;
    return res;
}

/* ---- with links ---- */

static int64_t link_more(struct content *c)
{
    char text[STEP];
    int64_t got = mail_decoder_read(c->decoder, text, sizeof(text));
    if (got < 0)
        return got;
    c->is_read = got == 0;
    if (got)
        cid_links_push(c->links, (struct span){ text, (size_t)got }, &c->linked);
    else
        cid_links_finish(c->links, &c->linked);
    return 0;
}

static int64_t read_linked(void *arg, uint64_t at, void *out, size_t len)
{
    struct content *c = arg;
    (void)at; /* in order, from the start: it takes no ranges */
    while (c->linked.len == 0 && !c->is_read) {
        int64_t err = link_more(c);
        if (err < 0)
            return err;
    }
    size_t count = c->linked.len < len ? c->linked.len : len;
    if (count)
        memcpy(out, c->linked.ptr, count);
    buf_consume(&c->linked, count);
    return (int64_t)count;
}

struct http_response content_send_text(struct content *c, const struct mail_part *part,
                                       const char *type, const char *links)
{
    struct source body = { (uint64_t)HTTP_SIZE_UNKNOWN, links ? read_linked : read_decoded, c };
    if (links)
        c->links = cid_links_new(&c->message.mail, arena_strdup(&c->arena, links), &c->arena);
    return send_decoded(c, part, type, true, body);
}

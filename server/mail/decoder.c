#include "mail/charset.h"
#include "mail/check.h"

#include <gmime/gmime.h>
#include <string.h>

enum { DECODER_STEP = 4096 };

struct mail_decoder {
    const struct source *raw;
    uint64_t at, end; /* what is still to be read */
    enum mail_encoding encoding;
    GMimeFilter *transfer; /* NULL: the body is as it is */
    size_t line_length;    /* of base64, of which nothing has been read; otherwise 0 */
    bool as_text;
    struct charset charset;
    struct buf text;
    struct span ready; /* decoded and not yet given out */
    bool is_finished;  /* all of it is ready */
    struct check *check;
    char in[DECODER_STEP];
};

static GMimeFilter *transfer_filter(enum mail_encoding encoding)
{
    switch (encoding) {
    case MAIL_QUOTED_PRINTABLE:
        return g_mime_filter_basic_new(GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, FALSE);
    case MAIL_BASE64: return g_mime_filter_basic_new(GMIME_CONTENT_ENCODING_BASE64, FALSE);
    case MAIL_UUENCODE: return g_mime_filter_basic_new(GMIME_CONTENT_ENCODING_UUENCODE, FALSE);
    case MAIL_7BIT:
    case MAIL_8BIT:
    case MAIL_BINARY: break;
    }
    return NULL;
}

struct mail_decoder *mail_decoder_new(const struct source *raw, const struct mail_part *part,
                                      bool as_text)
{
    struct mail_decoder *d = xmalloc(sizeof(*d));
    d->raw = raw;
    d->at = part->start;
    d->end = part->end;
    d->encoding = part->encoding;
    d->transfer = transfer_filter(part->encoding);
    bool has_lines = part->encoding == MAIL_BASE64 && part->line_length >= 4;
    d->line_length = has_lines ? part->line_length : 0;
    d->as_text = as_text;
    d->is_finished = false;
    d->check = NULL;
    d->text = (struct buf){ 0 };
    d->ready = (struct span){ 0 };
    charset_init(&d->charset, as_text ? part->charset : NULL);
    return d;
}

void mail_decoder_watch(struct mail_decoder *d, struct check *check)
{
    d->check = check;
}

void mail_decoder_free(struct mail_decoder *d)
{
    if (!d)
        return;
    if (d->transfer)
        g_object_unref(d->transfer);
    charset_done(&d->charset);
    buf_done(&d->text);
    free(d);
}

/* What comes out is valid until the next call. */
static struct span filter(struct mail_decoder *d, struct span in)
{
    char *out;
    size_t len, room;
    g_mime_filter_filter(d->transfer, (char *)in.ptr, in.len, 0, &out, &len, &room);
    return (struct span){ out, len };
}

/* Padding that is missing would cost the last octets; too much of it does no harm. Only base64
 * gives any of it a meaning. */
static struct span finish_filter(struct mail_decoder *d)
{
    char padding[] = "==";
    char *out;
    size_t len, room;
    size_t padded = d->encoding == MAIL_BASE64 ? strlen(padding) : 0;
    g_mime_filter_complete(d->transfer, padding, padded, 0, &out, &len, &room);
    return (struct span){ out, len };
}

static struct span make_text(struct mail_decoder *d, struct span in)
{
    buf_clear(&d->text);
    charset_push(&d->charset, in, d->is_finished, &d->text);
    return buf_span(&d->text);
}

/* In full steps: GMime's filter does not find the beginning of uuencoded data in tiny ones. */
static int64_t read_some(struct mail_decoder *d)
{
    uint64_t left = d->end - d->at;
    return source_read_full(d->raw, d->at, d->in,
                            left < DECODER_STEP ? (size_t)left : DECODER_STEP);
}

/* Makes more ready, perhaps nothing. 0 or a negative errno. */
static int step(struct mail_decoder *d)
{
    int64_t got = read_some(d);
    if (got < 0)
        return (int)got;
    struct span piece = { d->in, (size_t)got };
    d->line_length = 0;
    d->at += (uint64_t)got;
    d->is_finished = got == 0;
    if (d->check)
        check_encoded(d->check, piece);
    if (d->transfer)
        piece = d->is_finished ? finish_filter(d) : filter(d, piece);
    d->ready = d->as_text ? make_text(d, piece) : piece;
    return 0;
}

/* The octets that are ready, at most `len`. Empty at the end. */
static int take_ready(struct mail_decoder *d, uint64_t len, struct span *out)
{
    int err = 0;
    while (!err && d->ready.len == 0 && !d->is_finished)
        err = step(d);
    if (err)
        return err;
    size_t count = len < d->ready.len ? (size_t)len : d->ready.len;
    *out = span_slice(d->ready, 0, count);
    d->ready = span_slice(d->ready, count, d->ready.len);
    return 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t jump_octets(struct mail_decoder *d, uint64_t count)
{
    uint64_t jumped = least(count, d->end - d->at);
    d->at += jumped;
    return jumped;
}

/* Over whole lines. At the start of each the filter is as if it were the first. */
static uint64_t jump_lines(struct mail_decoder *d, uint64_t count)
{
    uint64_t encoded = d->line_length + strlen("\r\n");
    uint64_t decoded = d->line_length / 4 * 3;
    uint64_t lines = least(count / decoded, (d->end - d->at) / encoded);
    d->at += lines * encoded;
    return lines * decoded;
}

/* Returns how many octets it came over. */
static uint64_t jump(struct mail_decoder *d, uint64_t count)
{
    if (d->as_text || d->check || d->ready.len)
        return 0;
    if (!d->transfer)
        return jump_octets(d, count);
    return d->line_length ? jump_lines(d, count) : 0;
}

int mail_decoder_skip(struct mail_decoder *d, uint64_t count)
{
    struct span past = { "", 1 };
    count -= jump(d, count);
    int err = 0;
    while (!err && count && past.len) {
        err = take_ready(d, count, &past);
        count -= err ? 0 : past.len;
    }
    return err;
}

int64_t mail_decoder_read(struct mail_decoder *d, void *out, size_t len)
{
    struct span front;
    int err = take_ready(d, len, &front);
    if (err)
        return err;
    if (front.len)
        memcpy(out, front.ptr, front.len);
    return (int64_t)front.len;
}

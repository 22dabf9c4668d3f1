#include "mail/mail.h"

#include "mail/body.h"
#include "mail/check.h"
#include "mail/part.h"
#include "mail/tree.h"
#include "mail/value.h"

#include <nettle/base16.h>
#include <nettle/sha2.h>

void mail_init(void)
{
    g_mime_init();
    value_init();
}

void mail_done(void)
{
    value_done();
    g_mime_shutdown();
}

static void put_digest(struct sha256_ctx *sum, struct mail_part *part)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(sum, sizeof(digest), digest);
    base16_encode_update(part->sha256, sizeof(digest), digest);
}

static void measure_part(const struct source *raw, struct mail_part *part)
{
    struct mail_decoder *d = mail_decoder_new(raw, part, false);
    struct sha256_ctx sum;
    struct check check;
    uint8_t bytes[4096];
    int64_t got;
    sha256_init(&sum);
    check_init(&check, part);
    mail_decoder_watch(d, &check);
    while ((got = mail_decoder_read(d, bytes, sizeof(bytes))) > 0) {
        sha256_update(&sum, (size_t)got, bytes);
        check_decoded(&check, (struct span){ (const char *)bytes, (size_t)got });
        part->size += (uint64_t)got;
    }
    put_digest(&sum, part);
    unsigned faults = check_finish(&check);
    part->line_length = check_line_length(&check);
    if (!part_is_message(part)) /* its parts are checked by themselves */
        part->faults |= faults;
    mail_decoder_free(d);
}

/* Each octet is looked at twice at most, in its leaf and in the outermost embedded message around
 * it: otherwise messages in messages would multiply the work. */
static void measure_parts(const struct source *raw, struct mail *m)
{
    size_t inside = 0; /* parts up to here are in an embedded message */
    for (size_t i = 0; i < m->part_count; i++) {
        struct mail_part *part = &m->parts[i];
        bool is_container = part_is_multipart(part) || part_is_message(part);
        if (!is_container || (part_is_message(part) && i >= inside))
            measure_part(raw, part);
        else
            part->size = part->end - part->start;
        if (part_is_message(part) && i >= inside)
            inside = part_end(m, i);
    }
}

void mail_read(const struct source *raw, struct arena *arena, struct mail *out)
{
    *out = (struct mail){ .subject = "", .message_id = "", .preview = "" };
    tree_read(raw, arena, out);
    measure_parts(raw, out);
    body_find(out);
    out->preview = body_preview(raw, out, arena);
}

const struct mail_part *mail_find_part(const struct mail *m, struct span number)
{
    for (size_t i = 0; i < m->part_count; i++)
        if (span_eq(number, span_of(m->parts[i].number)))
            return &m->parts[i];
    return NULL;
}

#include "mail/mail.h"

/* Nothing where there is no such part. */
static struct span read_text(const struct source *raw, const struct mail *m, int part,
                             struct arena *arena)
{
    struct buf text AUTO(buf_done) = { 0 };
    if (part < 0)
        return (struct span){ 0 };
    (void)mail_text(raw, &m->parts[part], MAIL_CONTENT_TEXT,
                    &text); /* what it read till it failed */
    return (struct span){ arena_copy(arena, buf_span(&text)), text.len };
}

void mail_read_content(const struct source *raw, const struct mail *mail, struct arena *arena,
                       struct mail_content *out)
{
    out->header_count = mail_headers(raw, arena, &out->headers);
    out->text = read_text(raw, mail, mail->text_part, arena);
    out->html = read_text(raw, mail, mail->html_part, arena);
}

#include "mail/header.h"

/* Nothing where there is no such part. */
static struct span read_text(const struct source *raw, const struct mail *m, int part,
                             struct arena *arena)
{
    struct buf text AUTO(buf_done) = { 0 };
    if (part < 0)
        return (struct span){ 0 };
    (void)mail_text(raw, &m->parts[part], MAIL_CONTENT_TEXT, &text);
    return (struct span){ arena_copy(arena, buf_span(&text)), text.len };
}

/* The HTML has at least as many octets as its text; if those are too few, it need not be read. */
static struct span read_html(const struct source *raw, const struct mail *m, struct span text,
                             struct arena *arena)
{
    if (m->html_part < 0 || m->parts[m->html_part].size < 2 * text.len)
        return (struct span){ 0 };
    struct span html = read_text(raw, m, m->html_part, arena);
    return html.len < 2 * text.len ? (struct span){ 0 } : html;
}

void mail_read_content(const struct source *raw, const struct mail *mail, struct arena *arena,
                       struct mail_content *out)
{
    out->header_count = header_list(raw, arena, &out->headers, &out->stray);
    out->text = read_text(raw, mail, mail->text_part, arena);
    out->html = read_html(raw, mail, out->text, arena);
}

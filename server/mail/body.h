#pragma once
/* What a mail reader would show of the parts: the text, the attachments, a preview. */

#include "mail/mail.h"

/* Sets text_part, html_part and is_attachment of the parts. */
void body_find(struct mail *m);

/* The front of the text with white space folded. */
const char *body_preview(const struct source *raw, const struct mail *m, struct arena *arena);

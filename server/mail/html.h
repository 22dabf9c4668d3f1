#pragma once
/* HTML to the text that a reader sees, piece by piece: tags, comments, style and script are gone,
 * character references are resolved, blocks begin on a line of their own. However long a tag or a
 * comment is, no more of it is remembered than a name. */

#include "core/buf.h"

enum {
    HTML_MAX_NAME = 16, /* no name that matters is longer */
};

enum html_spacing {
    HTML_AT_BREAK, /* at the start or behind a line break */
    HTML_AT_SPACE,
    HTML_AT_TEXT,
};

/* `= { 0 }` is a good start. */
struct html {
    int state;
    char name[HTML_MAX_NAME]; /* of the tag or character reference being read */
    size_t name_len;
    bool is_end_tag;
    char quote;            /* around the attribute value being read */
    const char *hidden_in; /* the element whose content is not shown; NULL outside */
    enum html_spacing spacing;
};

/* Appends the text of `in`, which is UTF-8 and may end anywhere. */
void html_push(struct html *h, struct span in, struct buf *out);

/* Appends what only the end of the HTML brings to light. */
void html_end(struct html *h, struct buf *out);

/* The code point that a named character reference of HTML 4 stands for; 0 if there is none. */
unsigned html_entity(struct span name);

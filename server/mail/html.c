#include "mail/html.h"

#include "core/span.h"
#include "mail/charset.h"

#include <limits.h>
#include <string.h>

/* The states of the reader, after the tokenizer of the HTML standard (13.2.5), whose states for
 * what cannot be seen anyway are folded into few. */
enum {
    IN_TEXT,
    IN_REFERENCE,    /* & */
    AT_TAG,          /* < */
    AT_NAME,         /* </ or the letter of a start tag */
    IN_TAG,          /* behind the name */
    AT_VALUE,        /* behind = */
    IN_VALUE,        /* in quotes */
    AT_DECLARATION,  /* <! */
    AT_COMMENT,      /* <!- */
    IN_COMMENT,      /* <!-- */
    IN_COMMENT_DASH, /* - */
    IN_COMMENT_END,  /* -- */
    IN_NONSENSE,     /* <? and other declarations */
    IN_HIDDEN,       /* the content of a style or the like */
    AT_HIDDEN_TAG,   /* < there */
};

/* ---- output ---- */

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void put_text(struct html *h, struct span text, struct buf *out)
{
    if (text.len == 0)
        return;
    buf_append(out, text);
    h->spacing = HTML_AT_TEXT;
}

static void put_space(struct html *h, struct buf *out)
{
    if (h->spacing != HTML_AT_TEXT)
        return;
    buf_putc(out, ' ');
    h->spacing = HTML_AT_SPACE;
}

static void put_break(struct html *h, struct buf *out)
{
    if (h->spacing == HTML_AT_BREAK)
        return;
    buf_putc(out, '\n');
    h->spacing = HTML_AT_BREAK;
}

/* ---- names ---- */

static void begin_name(struct html *h, int state)
{
    h->name_len = 0;
    h->state = state;
}

static struct span name(const struct html *h)
{
    return (struct span){ h->name, h->name_len };
}

/* False: longer than any that matters. */
static bool add_to_name(struct html *h, char c)
{
    if (h->name_len == HTML_MAX_NAME)
        return false;
    h->name[h->name_len++] = c;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- character references ---- */

static unsigned digit_value(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* HTML 13.2.5.80 reads the numbers from 0x80 to 0x9F as windows-1252. */
static unsigned parse_number(struct span digits)
{
    bool is_hex = digits.len && (*digits.ptr | 0x20) == 'x';
    unsigned base = is_hex ? 16 : 10;
    unsigned value = 0;
    digits = span_slice(digits, is_hex ? 1 : 0, digits.len);
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = digit_value(digits.ptr[i]);
        if (digit >= base || value > 0x10FFFF)
            return 0;
        value = value * base + digit;
    }
    return value < 0x100 ? charset_windows_1252((unsigned char)value) : value;
}

static unsigned resolve(struct span reference)
{
    if (span_starts_with(reference, SPAN("#")))
        return parse_number(span_slice(reference, 1, reference.len));
    return html_entity(reference);
}

/* What does not resolve stands for itself. False: so does the character behind it. */
static bool put_reference(struct html *h, struct buf *out)
{
    enum { NO_BREAK_SPACE = 0xA0 };
    unsigned c = resolve(name(h));
    h->state = IN_TEXT;
    if (c == NO_BREAK_SPACE) {
        put_space(h, out);
    } else if (c) {
        charset_put(out, c);
        h->spacing = HTML_AT_TEXT;
    } else {
        put_text(h, SPAN("&"), out);
        put_text(h, name(h), out);
    }
    return c != 0;
}

/* ---- tags ---- */

enum effect { NO_EFFECT, SPACE, BREAK, HIDE };

#define ELEMENT(name, effect)                                                                      \
    {                                                                                              \
        name, sizeof(name) - 1, effect                                                             \
    }

static const struct {
    const char *name;
    size_t len;
    enum effect effect;
} elements[] = {
    ELEMENT("address", BREAK),    ELEMENT("article", BREAK), ELEMENT("aside", BREAK),
    ELEMENT("blockquote", BREAK), ELEMENT("br", BREAK),      ELEMENT("center", BREAK),
    ELEMENT("dd", BREAK),         ELEMENT("div", BREAK),     ELEMENT("dl", BREAK),
    ELEMENT("dt", BREAK),         ELEMENT("figure", BREAK),  ELEMENT("footer", BREAK),
    ELEMENT("form", BREAK),       ELEMENT("h1", BREAK),      ELEMENT("h2", BREAK),
    ELEMENT("h3", BREAK),         ELEMENT("h4", BREAK),      ELEMENT("h5", BREAK),
    ELEMENT("h6", BREAK),         ELEMENT("header", BREAK),  ELEMENT("hr", BREAK),
    ELEMENT("li", BREAK),         ELEMENT("main", BREAK),    ELEMENT("ol", BREAK),
    ELEMENT("option", BREAK),     ELEMENT("p", BREAK),       ELEMENT("pre", BREAK),
    ELEMENT("script", HIDE),      ELEMENT("section", BREAK), ELEMENT("style", HIDE),
    ELEMENT("table", BREAK),      ELEMENT("td", SPACE),      ELEMENT("th", SPACE),
    ELEMENT("title", HIDE),       ELEMENT("tr", BREAK),      ELEMENT("ul", BREAK),
};

static void end_tag(struct html *h, struct buf *out)
{
    h->state = h->hidden_in ? IN_HIDDEN : IN_TEXT;
    for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
        if (!span_ieq(name(h), (struct span){ elements[i].name, elements[i].len }))
            continue;
        if (elements[i].effect == SPACE)
            put_space(h, out);
        if (elements[i].effect == BREAK)
            put_break(h, out);
        if (elements[i].effect == HIDE) {
            h->hidden_in = h->is_end_tag ? NULL : elements[i].name;
            h->state = h->hidden_in ? IN_HIDDEN : IN_TEXT;
        }
        return;
    }
}

/* ---- states ---- */

static void feed(struct html *h, char c, struct buf *out);

static void in_text(struct html *h, char c, struct buf *out)
{
    if (c == '<')
        h->state = AT_TAG;
    else if (c == '&')
        begin_name(h, IN_REFERENCE);
    else if (is_white(c))
        put_space(h, out);
    else
        put_text(h, (struct span){ &c, 1 }, out);
}

static void in_reference(struct html *h, char c, struct buf *out)
{
    bool goes_on = is_letter(c) || is_digit(c) || (c == '#' && h->name_len == 0);
    if (goes_on && add_to_name(h, c))
        return;
    bool is_resolved = put_reference(h, out);
    if (c != ';' || !is_resolved)
        feed(h, c, out);
}

static void at_tag(struct html *h, char c, struct buf *out)
{
    h->is_end_tag = c == '/';
    if (c == '/') {
        begin_name(h, AT_NAME);
    } else if (c == '!') {
        h->state = AT_DECLARATION;
    } else if (c == '?') {
        h->state = IN_NONSENSE;
    } else if (is_letter(c)) {
        begin_name(h, AT_NAME);
        add_to_name(h, c);
    } else {
        h->state = IN_TEXT;
        put_text(h, SPAN("<"), out);
        feed(h, c, out);
    }
}

static void at_name(struct html *h, char c, struct buf *out)
{
    if (c == '>')
        end_tag(h, out);
    else if (is_white(c) || c == '/')
        h->state = IN_TAG;
    else if (!add_to_name(h, c))
        h->name[0] = ' '; /* no name that has an effect */
}

static void in_tag(struct html *h, char c, struct buf *out)
{
    if (c == '>')
        end_tag(h, out);
    else if (c == '=')
        h->state = AT_VALUE;
}

static void at_value(struct html *h, char c, struct buf *out)
{
    if (c == '"' || c == '\'') {
        h->quote = c;
        h->state = IN_VALUE;
    } else if (!is_white(c)) {
        h->state = IN_TAG;
        if (c == '>')
            end_tag(h, out);
    }
}

static void in_value(struct html *h, char c, struct buf *out)
{
    (void)out;
    if (c == h->quote)
        h->state = IN_TAG;
}

static void at_declaration(struct html *h, char c, struct buf *out)
{
    (void)out;
    h->state = c == '-' ? AT_COMMENT : c == '>' ? IN_TEXT : IN_NONSENSE;
}

static void at_comment(struct html *h, char c, struct buf *out)
{
    (void)out;
    h->state = c == '-' ? IN_COMMENT_END : c == '>' ? IN_TEXT : IN_NONSENSE;
}

static void in_comment(struct html *h, char c, struct buf *out)
{
    (void)out;
    if (c == '-')
        h->state = IN_COMMENT_DASH;
}

static void in_comment_dash(struct html *h, char c, struct buf *out)
{
    (void)out;
    h->state = c == '-' ? IN_COMMENT_END : IN_COMMENT;
}

static void in_comment_end(struct html *h, char c, struct buf *out)
{
    (void)out;
    if (c != '-')
        h->state = c == '>' ? IN_TEXT : IN_COMMENT;
}

static void in_nonsense(struct html *h, char c, struct buf *out)
{
    (void)out;
    if (c == '>')
        h->state = IN_TEXT;
}

static void in_hidden(struct html *h, char c, struct buf *out)
{
    (void)out;
    if (c == '<') {
        begin_name(h, AT_HIDDEN_TAG);
        h->is_end_tag = false;
    }
}

/* Only the end tag of the hidden element counts there. */
static void at_hidden_tag(struct html *h, char c, struct buf *out)
{
    if (h->name_len == 0 && c == '/' && !h->is_end_tag) {
        h->is_end_tag = true;
        return;
    }
    if (is_letter(c) && add_to_name(h, c))
        return;
    if (h->is_end_tag && span_ieq(name(h), span_of(h->hidden_in))) {
        h->state = IN_TAG;
        in_tag(h, c, out);
        return;
    }
    h->state = IN_HIDDEN;
    in_hidden(h, c, out);
}

static void feed(struct html *h, char c, struct buf *out)
{
    static void (*const states[])(struct html * h, char c, struct buf *out) = {
        [IN_TEXT] = in_text,
        [IN_REFERENCE] = in_reference,
        [AT_TAG] = at_tag,
        [AT_NAME] = at_name,
        [IN_TAG] = in_tag,
        [AT_VALUE] = at_value,
        [IN_VALUE] = in_value,
        [AT_DECLARATION] = at_declaration,
        [AT_COMMENT] = at_comment,
        [IN_COMMENT] = in_comment,
        [IN_COMMENT_DASH] = in_comment_dash,
        [IN_COMMENT_END] = in_comment_end,
        [IN_NONSENSE] = in_nonsense,
        [IN_HIDDEN] = in_hidden,
        [AT_HIDDEN_TAG] = at_hidden_tag,
    };
    states[h->state](h, c, out);
}

/* ---- the whole ---- */

static bool is_plain(char c)
{
    static const bool special[UCHAR_MAX + 1] = {
        ['<'] = true,  ['&'] = true,  [' '] = true,  ['\t'] = true,
        ['\n'] = true, ['\r'] = true, ['\f'] = true,
    };
    return !special[(unsigned char)c];
}

/* What stands for itself: words, with single spaces between them. */
static size_t plain_size(struct span s)
{
    size_t at = 0;
    while (at < s.len && is_plain(s.ptr[at])) {
        at++;
        bool is_between = at + 1 < s.len && s.ptr[at] == ' ' && is_plain(s.ptr[at + 1]);
        at += is_between;
    }
    return at;
}

void html_push(struct html *h, struct span in, struct buf *out)
{
    while (in.len) {
        size_t plain = h->state == IN_TEXT ? plain_size(in) : 0;
        put_text(h, span_slice(in, 0, plain), out);
        if (plain < in.len)
            feed(h, in.ptr[plain], out);
        in = span_slice(in, plain + 1, in.len);
    }
}

void html_end(struct html *h, struct buf *out)
{
    if (h->state == IN_REFERENCE)
        put_reference(h, out);
    else if (h->state == AT_TAG)
        put_text(h, SPAN("<"), out);
}

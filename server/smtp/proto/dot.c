#include "smtp/proto/dot.h"

enum octet { OTHER, CR, LF, DOT, OCTET_KINDS };

enum action {
    PASS,      /* part of the text */
    HOLD,      /* withheld, and dropped unless given back */
    GIVE_BACK, /* the CR withheld before was text; look at this octet again */
    END,
};

/* clang-format off */
/* Where a dot may matter. In a line nothing does but its end: skip_text(). */
static const struct step {
    enum smtp_dot_state next;
    enum action action;
} steps[][OCTET_KINDS] = {
    [SMTP_DOT_LINE_START] = {
        [OTHER] = { SMTP_DOT_TEXT,       PASS },
        [CR]    = { SMTP_DOT_CR,         PASS },
        [LF]    = { SMTP_DOT_TEXT,       PASS },
        [DOT]   = { SMTP_DOT_DOT,        HOLD },
    },
    [SMTP_DOT_DOT] = { /* a dot with anything behind it was stuffing */
        [OTHER] = { SMTP_DOT_TEXT,       PASS },
        [CR]    = { SMTP_DOT_DOT_CR,     HOLD },
        [LF]    = { SMTP_DOT_TEXT,       PASS },
        [DOT]   = { SMTP_DOT_TEXT,       PASS },
    },
    [SMTP_DOT_DOT_CR] = {
        [OTHER] = { SMTP_DOT_CR,         GIVE_BACK },
        [CR]    = { SMTP_DOT_CR,         GIVE_BACK },
        [LF]    = { SMTP_DOT_LINE_START, END },
        [DOT]   = { SMTP_DOT_CR,         GIVE_BACK },
    },
};
/* clang-format on */

static enum octet kind_of(char c)
{
    switch (c) {
    case '\r': return CR;
    case '\n': return LF;
    case '.': return DOT;
    default: return OTHER;
    }
}

static enum action take_step(struct smtp_dot *d, char c)
{
    const struct step *step = &steps[d->state][kind_of(c)];
    d->state = step->next;
    return step->action;
}

/* In the middle of a line: to behind its CRLF, or to the end of the input. */
static size_t skip_text(struct smtp_dot *d, struct span in, size_t at)
{
    while (at < in.len) {
        size_t lf = at + span_find(span_slice(in, at, in.len), '\n');
        bool is_behind_cr = lf > at ? in.ptr[lf - 1] == '\r' : d->state == SMTP_DOT_CR;
        d->state = is_behind_cr ? SMTP_DOT_CR : SMTP_DOT_TEXT;
        if (lf == in.len)
            return lf;
        d->state = is_behind_cr ? SMTP_DOT_LINE_START : SMTP_DOT_TEXT;
        at = lf + 1;
        if (is_behind_cr)
            break;
    }
    return at;
}

static bool is_in_line(const struct smtp_dot *d)
{
    return d->state == SMTP_DOT_TEXT || d->state == SMTP_DOT_CR;
}

/* Takes octets up to the first that does not pass. *run is what passed; the result says why it
 * ended, PASS if the input did. */
static enum action take_run(struct smtp_dot *d, struct span *in, struct span *run)
{
    enum action action = PASS;
    size_t at = 0;
    while (at < in->len) {
        if (is_in_line(d) && (at = skip_text(d, *in, at)) == in->len)
            break;
        action = take_step(d, in->ptr[at]);
        if (action != PASS)
            break;
        at++;
    }
    *run = span_slice(*in, 0, at);
    *in = span_slice(*in, action == HOLD || action == END ? at + 1 : at, in->len);
    return action;
}

enum smtp_dot_result smtp_dot_read(struct smtp_dot *d, struct span *in, struct span *out)
{
    struct span run;
    enum action action;
    do
        action = take_run(d, in, &run);
    while (action == HOLD && run.len == 0);
    if (action == END)
        return SMTP_DOT_END;
    if (action == GIVE_BACK)
        run = SPAN("\r");
    if (run.len == 0)
        return SMTP_DOT_NEED_INPUT;
    *out = run;
    return SMTP_DOT_OCTETS;
}

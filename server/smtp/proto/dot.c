#include "smtp/proto/dot.h"

#include "smtp/proto/engine.h"

enum octet { OTHER, CR, LF, DOT, OCTET_KINDS };

enum action {
    PASS,      /* part of the text */
    HOLD,      /* withheld, and dropped unless given back */
    GIVE_BACK, /* the CR withheld before was text; look at this octet again */
    END,
};

struct step {
    enum smtp_dot_state next;
    enum action action;
    unsigned note;
};

#define BARE_CR SMTP_NOTE_BARE_CR_BODY
#define BARE_LF SMTP_NOTE_BARE_LF_BODY

/* clang-format off */
static const struct step steps[][OCTET_KINDS] = {
    [SMTP_DOT_LINE_START] = {
        [OTHER] = { SMTP_DOT_TEXT,       PASS,      0 },
        [CR]    = { SMTP_DOT_CR,         PASS,      0 },
        [LF]    = { SMTP_DOT_TEXT,       PASS,      BARE_LF },
        [DOT]   = { SMTP_DOT_DOT,        HOLD,      0 },
    },
    [SMTP_DOT_TEXT] = {
        [OTHER] = { SMTP_DOT_TEXT,       PASS,      0 },
        [CR]    = { SMTP_DOT_CR,         PASS,      0 },
        [LF]    = { SMTP_DOT_TEXT,       PASS,      BARE_LF },
        [DOT]   = { SMTP_DOT_TEXT,       PASS,      0 },
    },
    [SMTP_DOT_CR] = {
        [OTHER] = { SMTP_DOT_TEXT,       PASS,      BARE_CR },
        [CR]    = { SMTP_DOT_CR,         PASS,      BARE_CR },
        [LF]    = { SMTP_DOT_LINE_START, PASS,      0 },
        [DOT]   = { SMTP_DOT_TEXT,       PASS,      BARE_CR },
    },
    [SMTP_DOT_DOT] = { /* a dot with anything behind it was stuffing */
        [OTHER] = { SMTP_DOT_TEXT,       PASS,      0 },
        [CR]    = { SMTP_DOT_DOT_CR,     HOLD,      0 },
        [LF]    = { SMTP_DOT_TEXT,       PASS,      BARE_LF },
        [DOT]   = { SMTP_DOT_TEXT,       PASS,      0 },
    },
    [SMTP_DOT_DOT_CR] = {
        [OTHER] = { SMTP_DOT_CR,         GIVE_BACK, 0 },
        [CR]    = { SMTP_DOT_CR,         GIVE_BACK, 0 },
        [LF]    = { SMTP_DOT_LINE_START, END,       0 },
        [DOT]   = { SMTP_DOT_CR,         GIVE_BACK, 0 },
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

/* Lines are measured up to any LF: who sends bare LF is told so, and not of long lines as well. */
static void measure(struct smtp_dot *d, enum octet kind)
{
    if (kind != LF) {
        d->line_bytes++;
        return;
    }
    size_t len = d->line_bytes - (d->state == SMTP_DOT_CR ? 1 : 0);
    if (len > SMTP_MAX_TEXT_LINE)
        d->notes |= SMTP_NOTE_LONG_BODY_LINE;
    d->line_bytes = 0;
}

static enum action take_step(struct smtp_dot *d, char c)
{
    enum octet kind = kind_of(c);
    const struct step *step = &steps[d->state][kind];
    if (step->action == PASS)
        measure(d, kind);
    if (step->action == GIVE_BACK)
        d->line_bytes++;
    d->notes |= step->note;
    d->state = step->next;
    return step->action;
}

/* Within a line only CR and LF matter, and most octets are neither. */
static size_t skip_text(struct smtp_dot *d, struct span in, size_t from)
{
    size_t at = from;
    while (at < in.len && in.ptr[at] != '\r' && in.ptr[at] != '\n')
        at++;
    d->line_bytes += at - from;
    return at;
}

/* Takes octets up to the first that does not pass. *run is what passed; the result says why it
 * ended, PASS if the input did. */
static enum action take_run(struct smtp_dot *d, struct span *in, struct span *run)
{
    enum action action = PASS;
    size_t at = 0;
    while (at < in->len) {
        if (d->state == SMTP_DOT_TEXT && (at = skip_text(d, *in, at)) == in->len)
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

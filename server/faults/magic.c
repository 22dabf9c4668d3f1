/* Recipients that say themselves what is to happen to them. */

#include "core/buf.h"
#include "faults/private.h"

enum { TEXT_MAX = 100 };

/* "+" stands for a blank. */
static const char *text_of(struct span words, struct buf *out)
{
    for (size_t i = 0; i < words.len && i < TEXT_MAX; i++) {
        char c = words.ptr[i];
        buf_putc(out, c == '+' ? ' ' : c > ' ' && c <= '~' ? c : '?');
    }
    return buf_text(out);
}

/* "bounce", "bounce+450", "bounce+550+no+such+user" */
static bool take_bounce(struct span words, struct fault_rule *rule, struct buf *text)
{
    uint64_t code = 550;
    struct span first = span_cut(&words, '+');
    if (first.len && (!parse_u64(first, &code) || code < 400 || code > 559 || code / 10 % 10 > 5))
        return false;
    rule->act = FAULT_REPLY;
    rule->reply = fault_usual_reply((int)code);
    if (words.len)
        rule->reply.text = text_of(words, text);
    return true;
}

/* "3s", "250ms", "3" */
static bool take_time(struct span word, uint64_t *ms)
{
    uint64_t unit = 1000;
    if (word.len > 2 && span_ieq(span_slice(word, word.len - 2, word.len), SPAN("ms"))) {
        unit = 1;
        word.len -= 2;
    } else if (word.len > 1 && (word.ptr[word.len - 1] | 0x20) == 's') {
        word.len--;
    }
    if (!parse_u64(word, ms) || *ms > FAULT_DELAY_MAX_MS)
        return false;
    *ms *= unit;
    return *ms <= FAULT_DELAY_MAX_MS;
}

static bool take_delay(struct span words, struct fault_rule *rule, struct buf *text)
{
    (void)text;
    return take_time(words, &rule->delay_ms) && rule->delay_ms > 0;
}

static bool take_drop(struct span words, struct fault_rule *rule, struct buf *text)
{
    (void)text;
    rule->act = FAULT_DROP;
    return words.len == 0;
}

static bool take_greylist(struct span words, struct fault_rule *rule, struct buf *text)
{
    uint64_t ms = 0;
    (void)text;
    if (words.len && !take_time(words, &ms))
        return false;
    rule->is_greylist = true;
    rule->greylist_ms = (int64_t)ms;
    rule->act = FAULT_REPLY;
    rule->reply = (struct fault_reply){ 450, "4.7.1", "Greylisted; try again later" };
    return true;
}

static const struct word {
    const char *name;
    bool (*take)(struct span words, struct fault_rule *rule, struct buf *text);
} magic[] = {
    { "bounce", take_bounce },
    { "delay", take_delay },
    { "drop", take_drop },
    { "greylist", take_greylist },
};

struct fault_plan *fault_plan_of_magic(struct span address)
{
    struct buf text AUTO(buf_done) = { 0 };
    struct fault_rule rule = { .stage = FAULT_RCPT, .probability = 1 };
    struct span words = span_cut(&address, '@');
    struct span name = span_cut(&words, '+');
    for (size_t i = 0; i < ARRAY_LEN(magic); i++)
        if (span_ieq(name, span_of(magic[i].name)))
            return magic[i].take(words, &rule, &text) ? fault_plan_of(&rule) : NULL;
    return NULL;
}

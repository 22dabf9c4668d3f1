#include "store/search/terms.h"

#include "store/search/words.h"

#include <string.h>

/* The terms written so far, by their hash. */
struct terms {
    char *start, *end; /* of what is written */
    uint32_t *slots;   /* where a term begins, plus one; 0: free */
    size_t mask;
};

/* Appended at `end`, up to `term_end`, is a term and its space: no other's front can look like it.
 * It stays if it is the first of its kind. */
static void keep_first(struct terms *t, uint32_t hash, char *term_end)
{
    size_t len = (size_t)(term_end - t->end);
    size_t at = (hash ^ hash >> 15) & t->mask;
    for (; t->slots[at]; at = (at + 1) & t->mask)
        if (memcmp(t->start + t->slots[at] - 1, t->end, len) == 0)
            return;
    t->slots[at] = (uint32_t)(t->end - t->start) + 1;
    t->end = term_end;
}

static char *copy(char *to, struct span from, uint32_t *hash)
{
    uint32_t h = *hash;
    for (size_t i = 0; i < from.len; i++) {
        to[i] = from.ptr[i];
        h = (h ^ (unsigned char)from.ptr[i]) * 16777619U; /* FNV-1a */
    }
    *hash = h;
    return to + from.len;
}

static void add_term(struct terms *t, struct span tag, struct span word)
{
    uint32_t hash = 2166136261U;
    char *to = copy(t->end, tag, &hash);
    *to++ = ':';
    to = copy(to, word, &hash);
    *to++ = ' ';
    keep_first(t, hash, to);
}

static void add_line(struct terms *t, const struct words_line *line)
{
    struct span words = line->words;
    if (span_starts_with(line->tag, SPAN(WORDS_HEADER ":")))
        add_term(t, line->tag, SPAN(""));
    while (words.len) {
        struct span word = span_cut(&words, ' ');
        if (word.len)
            add_term(t, line->tag, word);
    }
}

/* How many words and lines there may be, and how long their terms can get. */
static void measure(struct span kept, size_t *count_out, size_t *len_out)
{
    struct words_line line;
    *count_out = *len_out = 0;
    while (words_next(&kept, &line)) {
        size_t words = line.words.len / 2 + 1;
        *count_out += words;
        *len_out += line.words.len + words * (line.tag.len + 2);
    }
}

void terms_write(struct span kept, struct buf *out)
{
    struct words_line line;
    size_t words, len, slots = 64;
    measure(kept, &words, &len);
    while (slots < 2 * words)
        slots *= 2;
    struct terms t = { .slots = xcalloc(slots, sizeof(*t.slots)), .mask = slots - 1 };
    t.start = t.end = buf_reserve(out, len);
    while (words_next(&kept, &line))
        add_line(&t, &line);
    out->len += (size_t)(t.end - t.start);
    free(t.slots);
}

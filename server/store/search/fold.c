#include "store/search/fold.h"

#include "core/utf8.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

enum { ASCII_END = 0x80 };

/* A word being made. */
struct folder {
    struct buf *out;
    size_t max;  /* octets a word may have */
    size_t room; /* how many more this one may; `max`: none has begun */
};

static void end_word(struct folder *f)
{
    if (f->room < f->max)
        buf_putc(f->out, ' ');
    f->room = f->max;
}

/* Behind a character that does not fit, the rest of the word is left out. */
static void put(struct folder *f, struct span character)
{
    if (character.len > f->room) {
        f->room = 0;
        return;
    }
    buf_append(f->out, character);
    f->room -= character.len;
}

/* ---- what Unicode says of a character ---- */

enum kind { IN_WORD, ALONE, SEPARATOR, IGNORED };

static bool is_kana(gunichar c)
{
    return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF);
}

static bool is_hangul(gunichar c)
{
    return c >= 0xAC00 && c <= 0xD7A3;
}

/* Letters and digits; Korean puts spaces between words. */
static enum kind kind_of_letter(gunichar c)
{
    bool is_alone = is_kana(c) || g_unichar_get_script(c) == G_UNICODE_SCRIPT_HAN;
    return is_alone ? ALONE : IN_WORD;
}

/* Accents, Hebrew and Arabic points have a combining class; what spells a word in the scripts of
 * India has none, or one below. */
static enum kind kind_of_mark(gunichar c)
{
    enum { POINTS = 10, VARIATIONS = 0xFE00, VARIATIONS_END = 0xFE0F };
    if (c >= VARIATIONS && c <= VARIATIONS_END)
        return IGNORED;
    return g_unichar_combining_class(c) < POINTS ? IN_WORD : IGNORED;
}

/* Most are within a word, such as a soft hyphen. */
static enum kind kind_of_format(gunichar c)
{
    enum { ZERO_WIDTH_SPACE = 0x200B };
    return c == ZERO_WIDTH_SPACE ? SEPARATOR : IGNORED;
}

static enum kind kind_of(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER: return kind_of_letter(c);
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_SPACING_MARK: return kind_of_mark(c);
    case G_UNICODE_ENCLOSING_MARK: return IGNORED;
    case G_UNICODE_FORMAT: return kind_of_format(c);
    case G_UNICODE_OTHER_SYMBOL: return ALONE;
    default: return SEPARATOR;
    }
}

/* ---- characters beyond ASCII ---- */

/* What characters do to words, as text: their letters, and a space where a word ends. */
struct effect {
    struct buf text;
    bool is_whole; /* nothing ends the word */
};

static void add_character(struct effect *e, gunichar c)
{
    char utf8[6];
    struct span letters = { utf8, (size_t)g_unichar_to_utf8(c, utf8) };
    enum kind kind = kind_of(c);
    if (kind == IGNORED)
        return;
    if (kind == SEPARATOR && (!e->is_whole || g_unichar_isspace(c))) {
        buf_putc(&e->text, e->is_whole ? '_' : ' ');
        return;
    }
    bool is_apart = kind == ALONE && !e->is_whole;
    if (is_apart)
        buf_putc(&e->text, ' ');
    buf_append(&e->text, letters);
    if (is_apart)
        buf_putc(&e->text, ' ');
}

/* In its parts, so that accents can be left out; kana and Korean syllables are letters as they
 * are. */
static void add_parts(struct effect *e, gunichar c)
{
    gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
    if (is_kana(c) || is_hangul(c)) {
        add_character(e, c);
        return;
    }
    gsize count = g_unichar_fully_decompose(c, TRUE, parts, G_N_ELEMENTS(parts));
    for (gsize i = 0; i < count; i++)
        add_character(e, g_unichar_tolower(parts[i]));
}

/* Composed at first (NFKC), so that a syllable or kana in parts is one character again. */
static void add_run(struct effect *e, struct span run)
{
    char *composed = g_utf8_normalize(run.ptr, (gssize)run.len, G_NORMALIZE_ALL_COMPOSE);
    if (!composed)
        return; /* not UTF-8 */
    char *folded = g_utf8_casefold(composed, -1);
    for (const char *at = folded; *at; at = g_utf8_next_char(at))
        add_parts(e, g_utf8_get_char(at));
    g_free(folded);
    g_free(composed);
}

static void apply(struct folder *f, struct span effect)
{
    while (effect.len) {
        size_t size = utf8_sequence(effect);
        if (*effect.ptr == ' ')
            end_word(f);
        else
            put(f, span_slice(effect, 0, size));
        effect = span_slice(effect, size, effect.len);
    }
}

/* ---- the same of a table, for the scripts of Europe and punctuation ---- */

enum { SHORT_EFFECT = 6 };

struct known {
    unsigned char len; /* SHORT_EFFECT + 1: not known */
    bool is_plain;     /* letters alone */
    char effect[SHORT_EFFECT];
};

/* No character in these changes by what stands beside it. */
static struct range {
    gunichar first, end;
    struct known known[0x580];
} ranges[] = {
    { .first = 0x80, .end = 0x600 },
    { .first = 0x1E00, .end = 0x2200 },
};

static void learn(struct known *k, gunichar c)
{
    char utf8[6];
    struct effect e = { 0 };
    add_run(&e, (struct span){ utf8, (size_t)g_unichar_to_utf8(c, utf8) });
    bool is_short = e.text.len <= SHORT_EFFECT;
    k->len = is_short ? (unsigned char)e.text.len : SHORT_EFFECT + 1;
    k->is_plain = span_find(buf_span(&e.text), ' ') == e.text.len;
    if (is_short && e.text.len)
        memcpy(k->effect, e.text.ptr, e.text.len);
    buf_done(&e.text);
}

static void learn_all(void)
{
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        for (gunichar c = ranges[i].first; c < ranges[i].end; c++)
            learn(&ranges[i].known[c - ranges[i].first], c);
}

/* NULL: not in the table. */
static const struct known *find_known(gunichar c)
{
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (c >= ranges[i].first && c < ranges[i].end) {
            const struct known *k = &ranges[i].known[c - ranges[i].first];
            return k->len <= SHORT_EFFECT ? k : NULL;
        }
    return NULL;
}

static void apply_known(struct folder *f, const struct known *k)
{
    struct span effect = { k->effect, k->len };
    if (!k->is_plain || effect.len > f->room) {
        apply(f, effect);
        return;
    }
    buf_append(f->out, effect);
    f->room -= effect.len;
}

/* ---- text ---- */

static bool is_ascii(char c)
{
    return (unsigned char)c < ASCII_END;
}

/* Takes a character off the front that is not in the table, and those behind it like it: NFKC joins
 * what belongs together. A limit is kept, but not where it would part a character from its
 * marks. */
static struct span take_run(struct span *text, bool is_whole)
{
    enum { ENOUGH = 256, LONGEST = 1024 };
    size_t size = 0;
    while (size < text->len && size < LONGEST && !is_ascii(text->ptr[size])) {
        struct span rest = span_slice(*text, size, text->len);
        size_t next = utf8_sequence(rest);
        gunichar c = next ? g_utf8_get_char(rest.ptr) : 0;
        if (next == UTF8_NOT || (!is_whole && find_known(c)) ||
            (size >= ENOUGH && g_unichar_combining_class(c) == 0 && kind_of(c) != IN_WORD))
            break;
        size += next;
    }
    struct span run = span_slice(*text, 0, size);
    *text = span_slice(*text, size, text->len);
    return run;
}

static void fold_run(struct folder *f, struct span *text, bool is_whole)
{
    struct effect e = { .is_whole = is_whole };
    struct span run = take_run(text, is_whole);
    if (run.len == 0) { /* no UTF-8 */
        *text = span_slice(*text, 1, text->len);
        return;
    }
    add_run(&e, run);
    apply(f, buf_span(&e.text));
    buf_done(&e.text);
}

/* Chinese characters and kana; a mark behind a kana may make another one of it. */
static bool is_alone_as_it_is(gunichar c, struct span behind)
{
    if (c >= 0x4E00 && c <= 0x9FFF)
        return true;
    bool has_mark = span_starts_with(behind, SPAN("\xE3\x82\x99")) || /* U+3099 */
                    span_starts_with(behind, SPAN("\xE3\x82\x9A"));
    return is_kana(c) && kind_of(c) == ALONE && !has_mark;
}

/* Takes the first character off the front, not ASCII, and perhaps more. */
static void fold_other(struct folder *f, struct span *text)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, learn_all);
    size_t size = utf8_sequence(*text);
    struct span rest = span_slice(*text, size, text->len);
    gunichar c = size ? g_utf8_get_char(text->ptr) : 0;
    const struct known *k = find_known(c);
    if (k) {
        apply_known(f, k);
        *text = rest;
    } else if (is_alone_as_it_is(c, rest)) {
        end_word(f);
        put(f, span_slice(*text, 0, size));
        end_word(f);
        *text = rest;
    } else {
        fold_run(f, text, false);
    }
}

/* Of each octet: a letter's lower case, a digit, or 0 for what is neither. */
static const char letters[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',
    ['7'] = '7', ['8'] = '8', ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',
    ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k',
    ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',
    ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',
    ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f',
    ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm',
    ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't',
    ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
};

/* Takes ASCII off the front, `max` octets at most. It makes no more than that, but for the space
 * behind a word that began before. Octets are written and then counted or not: where words end
 * cannot be foreseen, so that a branch would cost more. */
static void fold_ascii(struct folder *f, struct span *text, size_t max)
{
    size_t end = text->len < max ? text->len : max;
    char *start = buf_reserve(f->out, end + 1);
    char *to = start;
    size_t len = f->max - f->room; /* of the word */
    size_t at = 0;
    for (; at < end && is_ascii(text->ptr[at]); at++) {
        char letter = letters[(unsigned char)text->ptr[at]];
        size_t is_letter = letter != 0;
        size_t counts = is_letter ? len < f->max : len > 0;
        *to = is_letter ? letter : ' ';
        to += counts;
        len = is_letter ? len + counts : 0;
    }
    f->out->len += (size_t)(to - start);
    f->room = f->max - len;
    *text = span_slice(*text, at, text->len);
}

void fold_words(struct buf *out, struct span text, size_t max)
{
    struct folder f = { out, FOLD_WORD_MAX, FOLD_WORD_MAX };
    size_t end = out->len + max;
    while (text.len && out->len < end) {
        fold_ascii(&f, &text, end - out->len);
        if (text.len && !is_ascii(*text.ptr))
            fold_other(&f, &text);
    }
    end_word(&f);
}

/* ---- whole ---- */

static void put_ascii(struct folder *f, char c)
{
    char letter = letters[(unsigned char)c];
    if (!letter)
        letter = c > ' ' && c < 0x7F ? c : '_';
    put(f, (struct span){ &letter, 1 });
}

void fold_whole(struct buf *out, struct span text)
{
    struct folder f = { out, FOLD_WHOLE_MAX, FOLD_WHOLE_MAX };
    while (text.len) {
        if (is_ascii(*text.ptr)) {
            put_ascii(&f, *text.ptr);
            text = span_slice(text, 1, text.len);
        } else {
            fold_run(&f, &text, true);
        }
    }
    end_word(&f);
}

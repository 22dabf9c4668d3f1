#include "store/search/query.h"

#include "store/search/fold.h"
#include "store/search/when.h"
#include "store/search/words.h"

#include <ctype.h>
#include <string.h>

/* The grammar:
 *
 *     any   = all *("OR" all)
 *     all   = 1*(["AND"] term)
 *     term  = ("-" / "!") term / "(" any ")" / [name ":"] value
 *     value = ["~"] (word / <"> text <">) / word "*"
 *
 * A word ends at white space, a parenthesis or a quotation mark. */

struct parser {
    struct arena *arena;
    struct span text;
    size_t at;
    int64_t now_ms;
    size_t depth, terms;
    struct store_query_fault *fault;
};

/* What stands behind the name of an operator, or alone. */
struct value {
    size_t at;
    const char *text;
    bool is_prefix, is_infix;
};

enum fold {
    FOLD_WORDS,
    FOLD_WHOLE,   /* is one word as it is */
    FOLD_ADDRESS, /* that if it has an @, else words */
};

struct operator
{
    const char *name;
    struct search_node *(*read)(struct parser * p, const struct operator* o);
    enum search_type type;
    const char *tags;
    enum fold fold;
};

/* ---- faults ---- */

static size_t characters(struct span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

static struct search_node *__attribute__((format(printf, 3, 4)))
fail(struct parser *p, size_t at, const char *format, ...)
{
    struct buf detail AUTO(buf_done) = { 0 };
    va_list args;
    va_start(args, format);
    buf_vprintf(&detail, format, args);
    va_end(args);
    *p->fault = (struct store_query_fault){
        .position = characters(span_slice(p->text, 0, at)),
        .detail = arena_copy(p->arena, buf_span(&detail)),
    };
    return NULL;
}

/* ---- characters ---- */

/* '\0' at the end; the text has none. */
static char peek(const struct parser *p)
{
    return p->at < p->text.len ? p->text.ptr[p->at] : '\0';
}

static bool take(struct parser *p, char c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool ends_word(char c)
{
    return c == '\0' || is_white(c) || c == '(' || c == ')' || c == '"';
}

static void skip_white(struct parser *p)
{
    while (is_white(peek(p)))
        p->at++;
}

static struct span peek_word(const struct parser *p)
{
    size_t end = p->at;
    while (end < p->text.len && !ends_word(p->text.ptr[end]))
        end++;
    return span_slice(p->text, p->at, end);
}

static struct span take_word(struct parser *p)
{
    struct span word = peek_word(p);
    p->at += word.len;
    return word;
}

static bool take_keyword(struct parser *p, struct span keyword)
{
    bool is_there = span_eq(peek_word(p), keyword);
    p->at += is_there ? keyword.len : 0;
    return is_there;
}

/* ---- values ---- */

/* Behind the opening quotation mark. A backslash makes the next character stand for itself. */
static bool take_quoted(struct parser *p, struct value *v)
{
    struct buf text AUTO(buf_done) = { 0 };
    while (peek(p) != '"') {
        (void)take(p, '\\');
        if (p->at == p->text.len)
            return fail(p, v->at, "this quotation mark is not closed");
        buf_putc(&text, p->text.ptr[p->at++]);
    }
    p->at++;
    v->text = arena_copy(p->arena, buf_span(&text));
    return true;
}

static bool take_bare(struct parser *p, struct value *v)
{
    size_t start = p->at;
    struct span word = take_word(p);
    v->is_prefix = word.len > 1 && word.ptr[word.len - 1] == '*';
    word.len -= v->is_prefix;
    size_t star = span_find(word, '*');
    if (star < word.len)
        return fail(p, start + star,
                    "* may only stand at the end of a word; put the text in "
                    "quotation marks to look for it as it is");
    v->text = arena_copy(p->arena, word);
    return true;
}

static bool take_value(struct parser *p, const char *name, struct value *v)
{
    *v = (struct value){ .at = p->at };
    v->is_infix = take(p, '~');
    if (take(p, '"'))
        return take_quoted(p, v);
    if (ends_word(peek(p)))
        return fail(p, p->at, "expected a word, \"a phrase\", word* or ~word behind %s", name);
    return take_bare(p, v);
}

/* One that is compared, not looked for. */
static bool take_plain(struct parser *p, const struct operator* o, const char *expected,
                       struct value *v)
{
    if (ends_word(peek(p)) && peek(p) != '"')
        return fail(p, p->at, "expected %s behind %s:", expected, o->name);
    if (!take_value(p, o->name, v))
        return false;
    if (v->is_infix || v->is_prefix)
        return fail(p, v->at, "expected %s behind %s:, without ~ or *", expected, o->name);
    return true;
}

/* ---- nodes ---- */

static struct search_node *new_node(struct parser *p, enum search_type type)
{
    struct search_node *node = arena_alloc(p->arena, sizeof(*node));
    node->type = type;
    return node;
}

static struct search_node *negate(struct parser *p, struct search_node *child)
{
    struct search_node *node = new_node(p, SEARCH_NOT);
    node->first = child;
    return node;
}

/* Message ids are often written as they stand in the header. */
static struct span without_brackets(struct span s)
{
    bool has_brackets = s.len > 2 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>';
    return has_brackets ? span_slice(s, 1, s.len - 1) : s;
}

static void fold_value(struct buf *out, const char *text, enum fold fold)
{
    if (fold == FOLD_WHOLE || (fold == FOLD_ADDRESS && strchr(text, '@')))
        fold_whole(out, without_brackets(span_of(text)));
    else
        fold_words(out, span_of(text), STORE_QUERY_MAX_OCTETS);
}

/* Nothing if there is nothing to look for. */
static void add_pattern(struct parser *p, struct search_node *node, const struct value *v,
                        const char *tags, const char *header, enum fold fold)
{
    struct buf needle AUTO(buf_done) = { 0 };
    if (!v->is_infix)
        buf_putc(&needle, ' ');
    size_t start = needle.len;
    fold_value(&needle, v->text, fold);
    if (needle.len == start)
        return;
    if (v->is_infix || v->is_prefix)
        needle.len--;
    node->patterns[node->pattern_count++] = (struct search_pattern){
        .tags = tags,
        .header = header,
        .needle = arena_copy(p->arena, buf_span(&needle)),
    };
}

static struct search_node *checked(struct parser *p, struct search_node *node,
                                   const struct value *v)
{
    if (node->pattern_count == 0)
        return fail(p, v->at, "there is no letter or digit to look for");
    return node;
}

static struct search_node *read_free(struct parser *p)
{
    static const char addresses[] =
        WORDS_FROM WORDS_TO WORDS_CC WORDS_BCC WORDS_REPLY_TO WORDS_RCPT WORDS_ENVELOPE_FROM;
    static const char others[] = WORDS_SUBJECT WORDS_TEXT WORDS_FILENAME;
    struct value v;
    struct search_node *node = new_node(p, SEARCH_WORDS);
    if (!take_value(p, "this", &v))
        return NULL;
    add_pattern(p, node, &v, addresses, NULL, FOLD_ADDRESS);
    add_pattern(p, node, &v, others, NULL, FOLD_WORDS);
    return checked(p, node, &v);
}

/* ---- operators ---- */

static struct search_node *read_words(struct parser *p, const struct operator* o)
{
    struct value v;
    struct search_node *node = new_node(p, SEARCH_WORDS);
    if (!take_value(p, arena_printf(p->arena, "%s:", o->name), &v))
        return NULL;
    add_pattern(p, node, &v, o->tags, NULL, o->fold);
    return checked(p, node, &v);
}

static struct search_node *read_text(struct parser *p, const struct operator* o)
{
    struct value v;
    struct search_node *node = new_node(p, o->type);
    if (!take_plain(p, o, "a name", &v))
        return NULL;
    node->text = v.text;
    return node;
}

static struct search_node *read_size(struct parser *p, const struct operator* o)
{
    static const char expected[] = "a size such as 500, 10k or 5M";
    struct value v;
    struct search_node *node = new_node(p, o->type);
    if (!take_plain(p, o, expected, &v))
        return NULL;
    if (!size_parse(span_of(v.text), &node->number))
        return fail(p, v.at, "expected %s behind %s:", expected, o->name);
    return node;
}

static struct search_node *read_moment(struct parser *p, const struct operator* o)
{
    static const char expected[] = "a date such as 2026-11-23, 2026-11-23T12:04:31Z, or 2d (two "
                                   "days ago; s, m, h, d, w)";
    struct value v;
    struct search_node *node = new_node(p, o->type);
    if (!take_plain(p, o, expected, &v))
        return NULL;
    if (!when_parse(span_of(v.text), p->now_ms, &node->number))
        return fail(p, v.at, "expected %s behind %s:", expected, o->name);
    return node;
}

static const struct choice {
    const char *name, *value;
    enum search_type type;
    bool is_negated;
    const char *needle; /* in the line of WORDS_HAS */
} choices[] = {
    { "is", "read", SEARCH_READ, false, NULL },
    { "is", "unread", SEARCH_READ, true, NULL },
    { "is", "pinned", SEARCH_PINNED, false, NULL },
    { "has", "attachment", SEARCH_WORDS, false, " " WORDS_HAS_ATTACHMENT " " },
    { "has", "inline", SEARCH_WORDS, false, " " WORDS_HAS_INLINE " " },
    { "has", "html", SEARCH_WORDS, false, " " WORDS_HAS_HTML " " },
    { "has", "warning", SEARCH_WORDS, false, " " WORDS_HAS_WARNING " " },
};

/* "read, unread or pinned" */
static const char *list_choices(struct parser *p, const char *name)
{
    struct buf list AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if (strcmp(choices[i].name, name) != 0)
            continue;
        bool is_last = i + 1 == ARRAY_LEN(choices) || strcmp(choices[i + 1].name, name) != 0;
        buf_printf(&list, "%s%s", list.len == 0 ? "" : is_last ? " or " : ", ", choices[i].value);
    }
    return arena_copy(p->arena, buf_span(&list));
}

static struct search_node *choose(struct parser *p, const struct choice *c)
{
    struct search_node *node = new_node(p, c->type);
    if (c->needle)
        node->patterns[node->pattern_count++] = (struct search_pattern){
            .tags = WORDS_HAS,
            .needle = c->needle,
        };
    return c->is_negated ? negate(p, node) : node;
}

static struct search_node *read_choice(struct parser *p, const struct operator* o)
{
    const char *expected = list_choices(p, o->name);
    struct value v;
    if (!take_plain(p, o, expected, &v))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(choices); i++)
        if (strcmp(choices[i].name, o->name) == 0 &&
            span_ieq(span_of(choices[i].value), span_of(v.text)))
            return choose(p, &choices[i]);
    return fail(p, v.at, "expected %s behind %s:", expected, o->name);
}

/* Fields whose words stand in lines of their own, as they are understood. */
static const struct own_line {
    const char *name, *tags;
    enum fold fold;
} own_lines[] = {
    { "from", WORDS_FROM, FOLD_ADDRESS },     { "to", WORDS_TO, FOLD_ADDRESS },
    { "cc", WORDS_CC, FOLD_ADDRESS },         { "reply-to", WORDS_REPLY_TO, FOLD_ADDRESS },
    { "subject", WORDS_SUBJECT, FOLD_WORDS }, { "message-id", WORDS_MESSAGE_ID, FOLD_WHOLE },
};

static void add_header_pattern(struct parser *p, struct search_node *node, const char *header,
                               const struct value *v)
{
    for (size_t i = 0; i < ARRAY_LEN(own_lines); i++)
        if (strcmp(own_lines[i].name, header) == 0) {
            add_pattern(p, node, v, own_lines[i].tags, NULL, own_lines[i].fold);
            return;
        }
    add_pattern(p, node, v, NULL, header, FOLD_WORDS);
}

/* RFC 5322 section 2.2. */
static bool is_field_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~' || name.ptr[i] == ':')
            return false;
    return name.len > 0 && name.len < FOLD_WHOLE_MAX;
}

static struct search_node *read_header(struct parser *p, const struct operator* o)
{
    struct value v;
    struct buf name AUTO(buf_done) = { 0 };
    struct search_node *node = new_node(p, SEARCH_WORDS);
    struct span word = peek_word(p);
    word = span_slice(word, 0, span_find(word, '='));
    if (!is_field_name(word))
        return fail(p, p->at,
                    "expected the name of a header field behind %s:, as in "
                    "header:X-Tenant=42",
                    o->name);
    fold_whole(&name, word);
    const char *header = arena_copy(p->arena, span_trim(buf_span(&name)));
    p->at += word.len;
    if (!take(p, '=')) {
        node->patterns[node->pattern_count++] = (struct search_pattern){ NULL, header, "" };
        return node;
    }
    if (!take_value(p, "=", &v))
        return NULL;
    add_header_pattern(p, node, header, &v);
    return checked(p, node, &v);
}

/* clang-format off */
static const struct operator operators[] = {
    { "from",          read_words,  SEARCH_WORDS,   WORDS_FROM,          FOLD_ADDRESS },
    { "to",            read_words,  SEARCH_WORDS,   WORDS_TO,            FOLD_ADDRESS },
    { "cc",            read_words,  SEARCH_WORDS,   WORDS_CC,            FOLD_ADDRESS },
    { "bcc",           read_words,  SEARCH_WORDS,   WORDS_BCC,           FOLD_ADDRESS },
    { "reply-to",      read_words,  SEARCH_WORDS,   WORDS_REPLY_TO,      FOLD_ADDRESS },
    { "addressed",     read_words,  SEARCH_WORDS,   WORDS_ADDRESSED,     FOLD_ADDRESS },
    { "rcpt",          read_words,  SEARCH_WORDS,   WORDS_RCPT,          FOLD_ADDRESS },
    { "envelope-from", read_words,  SEARCH_WORDS,   WORDS_ENVELOPE_FROM, FOLD_ADDRESS },
    { "subject",       read_words,  SEARCH_WORDS,   WORDS_SUBJECT,       FOLD_WORDS },
    { "text",          read_words,  SEARCH_WORDS,   WORDS_TEXT,          FOLD_WORDS },
    { "filename",      read_words,  SEARCH_WORDS,   WORDS_FILENAME,      FOLD_WORDS },
    { "message-id",    read_words,  SEARCH_WORDS,   WORDS_MESSAGE_ID,    FOLD_WHOLE },
    { "helo",          read_words,  SEARCH_WORDS,   WORDS_HELO,          FOLD_WHOLE },
    { "ip",            read_words,  SEARCH_WORDS,   WORDS_IP,            FOLD_WHOLE },
    { "session",       read_words,  SEARCH_WORDS,   WORDS_SESSION,       FOLD_WHOLE },
    { "warning",       read_words,  SEARCH_WORDS,   WORDS_WARNING,       FOLD_WHOLE },
    { "header",        read_header, SEARCH_WORDS,   NULL,                FOLD_WORDS },
    { "is",            read_choice, SEARCH_WORDS,   NULL,                FOLD_WORDS },
    { "has",           read_choice, SEARCH_WORDS,   NULL,                FOLD_WORDS },
    { "tag",           read_text,   SEARCH_TAG,     NULL,                FOLD_WORDS },
    { "inbox",         read_text,   SEARCH_INBOX,   NULL,                FOLD_WORDS },
    { "larger",        read_size,   SEARCH_LARGER,  NULL,                FOLD_WORDS },
    { "smaller",       read_size,   SEARCH_SMALLER, NULL,                FOLD_WORDS },
    { "before",        read_moment, SEARCH_BEFORE,  NULL,                FOLD_WORDS },
    { "after",         read_moment, SEARCH_AFTER,   NULL,                FOLD_WORDS },
};
/* clang-format on */

/* The name that stands before a colon at the front; empty if none does. */
static struct span peek_name(const struct parser *p)
{
    struct span word = peek_word(p);
    size_t len = 0;
    while (len < word.len && (isalpha((unsigned char)word.ptr[len]) || word.ptr[len] == '-'))
        len++;
    return span_slice(word, 0, len < word.len && word.ptr[len] == ':' ? len : 0);
}

static struct search_node *read_named(struct parser *p, struct span name)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (span_ieq(name, span_of(operators[i].name))) {
            p->at += name.len + 1;
            return operators[i].read(p, &operators[i]);
        }
    return fail(p, p->at,
                "there is no \"%.*s:\"; put the text in quotation marks to look for it as it is",
                SPAN_ARG(name));
}

/* ---- the grammar ---- */

static struct search_node *read_any(struct parser *p);
static struct search_node *read_term(struct parser *p);

static struct search_node *read_group(struct parser *p)
{
    size_t start = p->at++;
    struct search_node *node = read_any(p);
    if (node && !take(p, ')'))
        return fail(p, start, "this parenthesis is not closed");
    return node;
}

static struct search_node *read_not(struct parser *p)
{
    char sign = p->text.ptr[p->at++];
    if (ends_word(peek(p)) && peek(p) != '(' && peek(p) != '"')
        return fail(p, p->at, "expected a term directly behind %c", sign);
    struct search_node *node = read_term(p);
    return node ? negate(p, node) : NULL;
}

static struct search_node *read_leaf(struct parser *p)
{
    struct span name = peek_name(p);
    if (p->terms++ == QUERY_MAX_TERMS)
        return fail(p, p->at, "the query may have %d terms", QUERY_MAX_TERMS);
    return name.len ? read_named(p, name) : read_free(p);
}

static struct search_node *read_term(struct parser *p)
{
    struct search_node *node;
    size_t start = p->at;
    if (p->depth == QUERY_MAX_DEPTH)
        return fail(p, p->at, "the query may be nested %d times", QUERY_MAX_DEPTH);
    p->depth++;
    switch (peek(p)) {
    case '-':
    case '!': node = read_not(p); break;
    case '(': node = read_group(p); break;
    default: node = read_leaf(p);
    }
    p->depth--;
    if (node)
        node->source = arena_copy(p->arena, span_slice(p->text, start, p->at));
    return node;
}

static bool is_at_end(struct parser *p)
{
    skip_white(p);
    return peek(p) == '\0' || peek(p) == ')' || span_eq(peek_word(p), SPAN("OR"));
}

/* A node of that type; one child stands for itself. */
static struct search_node *join(struct parser *p, enum search_type type, struct search_node *first)
{
    if (!first->next)
        return first;
    struct search_node *node = new_node(p, type);
    node->first = first;
    return node;
}

static struct search_node *read_all(struct parser *p)
{
    struct search_node *first = NULL;
    struct search_node **end = &first;
    while (!is_at_end(p)) {
        bool has_and = take_keyword(p, SPAN("AND"));
        if (has_and && (!first || is_at_end(p)))
            return fail(p, p->at, "expected a term on either side of AND");
        *end = read_term(p);
        if (!*end)
            return NULL;
        end = &(*end)->next;
    }
    if (!first)
        return fail(p, p->at, "expected something to look for");
    return join(p, SEARCH_ALL, first);
}

static struct search_node *read_any(struct parser *p)
{
    struct search_node *first = NULL;
    struct search_node **end = &first;
    do {
        *end = read_all(p);
        if (!*end)
            return NULL;
        end = &(*end)->next;
    } while (take_keyword(p, SPAN("OR")));
    return join(p, SEARCH_ANY, first);
}

static struct search_node *read_query(struct parser *p)
{
    if (p->text.len > STORE_QUERY_MAX_OCTETS)
        return fail(p, STORE_QUERY_MAX_OCTETS, "the query may have %d octets",
                    STORE_QUERY_MAX_OCTETS);
    struct search_node *root = read_any(p);
    if (root && p->at < p->text.len)
        return fail(p, p->at, "this parenthesis closes nothing");
    return root;
}

/* ---- terms ---- */

static struct store_query_term term_of(const struct search_node *node, struct arena *arena)
{
    struct search_node *alone = arena_alloc(arena, sizeof(*alone));
    struct store_query *query = arena_alloc(arena, sizeof(*query));
    *alone = *node;
    alone->next = NULL;
    query->root = alone;
    return (struct store_query_term){ node->source, query };
}

static bool can_change(const struct search_node *node)
{
    bool can = node->type == SEARCH_READ || node->type == SEARCH_PINNED || node->type == SEARCH_TAG;
    for (const struct search_node *child = node->first; child && !can; child = child->next)
        can = can_change(child);
    return can;
}

bool store_query_is_lasting(const struct store_query *q)
{
    return !can_change(q->root);
}

size_t store_query_terms(const struct store_query *q, struct arena *arena,
                         struct store_query_term **out)
{
    const struct search_node *first = q->root->type == SEARCH_ALL ? q->root->first : q->root;
    size_t count = 0;
    struct store_query_term *terms = arena_alloc(arena, QUERY_MAX_TERMS * sizeof(*terms));
    for (const struct search_node *node = first; node; node = node->next)
        terms[count++] = term_of(node, arena);
    *out = terms;
    return count;
}

const struct store_query *store_query_parse(struct span text, int64_t now_ms, struct arena *arena,
                                            struct store_query_fault *fault)
{
    struct parser p = { .arena = arena, .text = text, .now_ms = now_ms, .fault = fault };
    struct search_node *root = read_query(&p);
    if (!root)
        return NULL;
    struct store_query *query = arena_alloc(arena, sizeof(*query));
    query->root = root;
    if (!root->source)
        root->source = arena_copy(arena, span_trim(text));
    return query;
}

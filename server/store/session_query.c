#include "store/session_query.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- what terms may be about ---- */

typedef bool fact_test(const struct store_session *s, struct span value);

static bool contains(const char *text, struct span value)
{
    return text && span_icontains(span_of(text), value);
}

static bool has_ip(const struct store_session *s, struct span value)
{
    return contains(s->client.ip, value);
}

static bool has_helo(const struct store_session *s, struct span value)
{
    return contains(s->client.helo, value);
}

static bool has_username(const struct store_session *s, struct span value)
{
    return contains(s->client.username, value);
}

static bool has_tls(const struct store_session *s, struct span value)
{
    return contains(s->client.tls, value) || contains(s->client.cipher, value);
}

static bool has_outcome(const struct store_session *s, struct span value)
{
    const char *name = store_outcome_name(s->outcome);
    return span_ieq(span_of(name ? name : "open"), value);
}

static bool has_state(const struct store_session *s, struct span value)
{
    return s->is_failed && span_ieq(value, SPAN("failed"));
}

static bool has_inbox(const struct store_session *s, struct span value)
{
    char id[24];
    snprintf(id, sizeof(id), "%" PRId64, s->inbox_id);
    return span_ieq(span_of(s->inbox), value) || span_eq(span_of(id), value);
}

/* clang-format off */
static const struct session_name {
    const char *name;
    fact_test *has;      /* NULL: it is about what the client said */
    const char *command; /* in lines that begin so */
} names[] = {
    { "ip",       has_ip,       NULL },
    { "helo",     has_helo,     NULL },
    { "username", has_username, NULL },
    { "tls",      has_tls,      NULL },
    { "outcome",  has_outcome,  NULL },
    { "is",       has_state,    NULL },
    { "inbox",    has_inbox,    NULL },
    { "from",     NULL,         "MAIL" },
    { "rcpt",     NULL,         "RCPT" },
};
/* clang-format on */

/* ---- parsing ---- */

struct parser {
    struct span text;
    size_t at;
    struct arena *arena;
    struct store_query_fault *fault;
};

/* False, for the caller to return. */
static bool __attribute__((format(printf, 3, 4)))
fail(struct parser *p, size_t at, const char *format, ...)
{
    struct buf detail AUTO(buf_done) = { 0 };
    va_list args;
    va_start(args, format);
    buf_vprintf(&detail, format, args);
    va_end(args);
    size_t position = 0;
    for (size_t i = 0; i < at; i++) /* characters begin with all but 10xxxxxx */
        position += ((unsigned char)p->text.ptr[i] & 0xC0) != 0x80;
    *p->fault = (struct store_query_fault){ position, arena_copy(p->arena, buf_span(&detail)) };
    return false;
}

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static char peek(const struct parser *p)
{
    return p->at < p->text.len ? p->text.ptr[p->at] : '\0';
}

static void skip_white(struct parser *p)
{
    while (is_white(peek(p)))
        p->at++;
}

static bool take_phrase(struct parser *p, struct span *out)
{
    size_t start = p->at + 1;
    struct span rest = span_slice(p->text, start, p->text.len);
    size_t len = span_find(rest, '"');
    if (len == rest.len)
        return fail(p, p->at, "the quotation mark is not closed");
    *out = span_slice(rest, 0, len);
    p->at = start + len + 1;
    return true;
}

/* Up to white space or a quotation mark. */
static struct span take_word(struct parser *p)
{
    size_t start = p->at;
    while (p->at < p->text.len && !is_white(p->text.ptr[p->at]) && p->text.ptr[p->at] != '"')
        p->at++;
    return span_slice(p->text, start, p->at);
}

static bool take_value(struct parser *p, struct span *out)
{
    size_t at = p->at;
    if (peek(p) == '"' && !take_phrase(p, out))
        return false;
    if (p->at == at)
        *out = take_word(p);
    return out->len || fail(p, at, "a word or \"text\" is expected here");
}

static const struct session_name *find_name(struct span word)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (span_ieq(word, span_of(names[i].name)))
            return &names[i];
    return NULL;
}

/* A colon makes what is before it a name; a text with colons is put in quotation marks. */
static bool take_name(struct parser *p, struct session_term *t)
{
    struct parser ahead = *p;
    struct span word = take_word(&ahead);
    size_t colon = span_find(word, ':');
    if (colon == word.len)
        return true;
    t->name = find_name(span_slice(word, 0, colon));
    if (!t->name)
        return fail(p, p->at,
                    "'%.*s' is not one of ip, helo, username, tls, outcome, is, inbox, from, rcpt",
                    (int)colon, word.ptr);
    p->at += colon + 1;
    return true;
}

static bool take_term(struct parser *p, struct session_term *t)
{
    t->is_negated = peek(p) == '-' || peek(p) == '!';
    p->at += t->is_negated;
    if (!take_name(p, t))
        return false;
    size_t at = p->at;
    if (!take_value(p, &t->value))
        return false;
    bool is_state = t->name && t->name->has == has_state;
    return !is_state || span_ieq(t->value, SPAN("failed")) ||
           fail(p, at, "'is:' is of 'failed' alone");
}

const struct store_session_query *store_session_query_parse(struct span text, struct arena *arena,
                                                            struct store_query_fault *fault)
{
    struct store_session_query *q = arena_alloc(arena, sizeof(*q));
    struct parser p = { { arena_copy(arena, text), text.len }, 0, arena, fault };
    for (skip_white(&p); p.at < p.text.len; skip_white(&p)) {
        if (q->count == SESSION_QUERY_TERMS) {
            fail(&p, p.at, "more than %d terms", SESSION_QUERY_TERMS);
            return NULL;
        }
        if (!take_term(&p, &q->terms[q->count++]))
            return NULL;
    }
    if (q->count)
        return q;
    fail(&p, 0, "a word or \"text\" is expected here");
    return NULL;
}

/* ---- matching ---- */

bool session_query_is_of_failed(const struct store_session_query *q)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->terms[i].name && q->terms[i].name->has == has_state && !q->terms[i].is_negated)
            return true;
    return false;
}

bool session_term_is_of_facts(const struct session_term *t)
{
    return t->name && t->name->has;
}

bool session_term_holds(const struct session_term *t, const struct store_session *s)
{
    return t->name->has(s, t->value) != t->is_negated;
}

static bool is_about(const struct session_term *t, const struct store_entry *e)
{
    if (!t->name)
        return true;
    return e->kind == STORE_ENTRY_CLIENT && span_istarts_with(e->text, span_of(t->name->command));
}

static bool is_in_facts(const struct session_term *t, const struct store_session *s)
{
    for (size_t i = 0; !t->name && i < ARRAY_LEN(names); i++)
        if (names[i].has && names[i].has(s, t->value))
            return true;
    return false;
}

static bool is_in_lines(const struct session_term *t, const struct store_transcript *said)
{
    for (size_t i = 0; i < said->count; i++)
        if (is_about(t, &said->items[i]) && span_icontains(said->items[i].text, t->value))
            return true;
    return false;
}

bool session_term_was_said(const struct session_term *t, const struct store_session *s,
                           const struct store_transcript *said)
{
    return (is_in_facts(t, s) || is_in_lines(t, said)) != t->is_negated;
}

#define _GNU_SOURCE /* memmem, which the BSDs have too */
#include "expect/matcher.h"

#include "core/buf.h"
#include "core/clock.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_HEAP_KIB = 4096, /* what one match may take */
    CALLS_A_LOOK = 16,     /* the clock is looked at so seldom */
};

typedef bool text_test(struct span value, struct span text, bool ignores_case);

struct matcher {
    text_test *test; /* against `text`; NULL: one of the next two */
    struct span text;
    bool ignores_case;
    const pcre2_code *pattern;
    const char *field; /* of the pattern */
    struct matcher_effort *effort;
    const struct matcher *unwanted;
    const struct matcher *next; /* which must hold too */
};

void matcher_blame(struct matcher_reading *r, const char *field, const char *format, ...)
{
    struct buf detail AUTO(buf_done) = { 0 };
    va_list args;
    va_start(args, format);
    buf_vprintf(&detail, format, args);
    va_end(args);
    if (!r->errors)
        r->errors = json_array();
    json_array_append_new(r->errors,
                          json_pack("{s:s, s:s}", "field", field, "detail", buf_text(&detail)));
}

/* ---- tests ---- */

static bool equals(struct span value, struct span text, bool ignores_case)
{
    return ignores_case ? span_ieq(value, text) : span_eq(value, text);
}

static bool starts_with(struct span value, struct span text, bool ignores_case)
{
    return equals(span_slice(value, 0, text.len), text, ignores_case);
}

static bool ends_with(struct span value, struct span text, bool ignores_case)
{
    return value.len >= text.len &&
           equals(span_slice(value, value.len - text.len, value.len), text, ignores_case);
}

/* The plain search is for addresses and the like, which are short. */
static bool contains(struct span value, struct span text, bool ignores_case)
{
    if (!ignores_case)
        return text.len == 0 || (value.len && memmem(value.ptr, value.len, text.ptr, text.len));
    for (size_t at = 0; at + text.len <= value.len; at++)
        if (equals(span_slice(value, at, at + text.len), text, ignores_case))
            return true;
    return false;
}

struct deadline {
    uint64_t at_us;
    unsigned calls;
};

/* PCRE2 calls it between any two items of a pattern. Its own limit counts steps from one start in
 * the text, of which there may be a million. */
static int look_at_clock(pcre2_callout_block *block, void *arg)
{
    struct deadline *d = arg;
    (void)block;
    bool is_over = d->calls++ % CALLS_A_LOOK == 0 && clock_steady_us() >= d->at_us;
    return is_over ? PCRE2_ERROR_CALLOUT : 0;
}

/* What pcre2_match() returns. */
static int run_pattern(const pcre2_code *pattern, struct span value, struct deadline *deadline)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (!limits || !data)
        abort(); /* out of memory, as in core/mem.h */
    pcre2_set_heap_limit(limits, MATCH_HEAP_KIB);
    pcre2_set_callout(limits, look_at_clock, deadline);
    int got = pcre2_match(pattern, (PCRE2_SPTR)(value.ptr ? value.ptr : ""), value.len, 0, 0, data,
                          limits);
    pcre2_match_data_free(data);
    pcre2_match_context_free(limits);
    return got;
}

static bool matches(const struct matcher *m, struct span value)
{
    uint64_t begin_us = clock_steady_us();
    struct deadline deadline = { .at_us = begin_us + MATCHER_MAX_MS * 1000 - m->effort->spent_us };
    if (m->effort->given_up)
        return false;
    int got = run_pattern(m->pattern, value, &deadline);
    m->effort->spent_us += clock_steady_us() - begin_us;
    if (got < 0 && got != PCRE2_ERROR_NOMATCH)
        m->effort->given_up = m->field;
    return got >= 0;
}

static bool holds(const struct matcher *m, struct span value)
{
    if (m->test)
        return m->test(value, m->text, m->ignores_case);
    if (m->pattern)
        return matches(m, value);
    return !matcher_holds(m->unwanted, value);
}

bool matcher_holds(const struct matcher *m, struct span value)
{
    for (; m; m = m->next)
        if (!holds(m, value))
            return false;
    return true;
}

/* ---- reading ---- */

/* What is compiled lives in the arena too, and dies with it. */
static void *allocate(size_t size, void *arg)
{
    struct matcher_reading *r = arg;
    r->compiled += size;
    return arena_alloc(r->arena, size);
}

static void leave(void *ptr, void *arg)
{
    (void)ptr;
    (void)arg;
}

static pcre2_code *compile(struct matcher_reading *r, const char *field, const char *text)
{
    int error;
    PCRE2_SIZE offset;
    PCRE2_UCHAR why[128];
    uint32_t options = PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT |
                       (r->ignores_case ? PCRE2_CASELESS : 0);
    pcre2_general_context *memory = pcre2_general_context_create(allocate, leave, r);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &error, &offset, context);
    if (!code) {
        pcre2_get_error_message(error, why, sizeof(why));
        matcher_blame(r, field, "is no regular expression: %s, at octet %zu", (const char *)why,
                      (size_t)offset);
    }
    return code;
}

static bool read_pattern(struct matcher_reading *r, const char *field, const char *text,
                         struct matcher *out)
{
    if (strlen(text) > MATCHER_MAX_PATTERN) {
        matcher_blame(r, field, "a regular expression may have %d octets", MATCHER_MAX_PATTERN);
        return false;
    }
    if (r->compiled > MATCHER_MAX_COMPILED) {
        matcher_blame(r, field, "all regular expressions together are too large: use fewer");
        return false;
    }
    out->pattern = compile(r, field, text);
    out->field = field;
    out->effort = r->effort;
    return out->pattern != NULL;
}

static const struct {
    const char *name;
    text_test *test; /* NULL: a regular expression */
} operators[] = {
    { "equals", equals },       { "contains", contains }, { "starts_with", starts_with },
    { "ends_with", ends_with }, { "matches", NULL },
};

static bool read_operator(struct matcher_reading *r, const char *field, const char *name,
                          const json_t *json, struct matcher *out)
{
    size_t i = 0;
    while (i < ARRAY_LEN(operators) && strcmp(operators[i].name, name) != 0)
        i++;
    if (i == ARRAY_LEN(operators)) {
        matcher_blame(r, field,
                      "there is no \"%s\": use equals, contains, starts_with, ends_with, matches "
                      "or not",
                      name);
        return false;
    }
    if (!json_is_string(json)) {
        matcher_blame(r, field, "\"%s\" takes a text", name);
        return false;
    }
    out->test = operators[i].test;
    out->text.ptr = arena_strdup(r->arena, json_string_value(json));
    out->text.len = json_string_length(json);
    return out->test || read_pattern(r, field, out->text.ptr, out);
}

static const struct matcher *read_any(struct matcher_reading *r, const char *field,
                                      const json_t *json, int depth);

static const struct matcher *read_object(struct matcher_reading *r, const char *field,
                                         const json_t *json, int depth)
{
    struct matcher *first = NULL;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json, name, value)
    {
        struct matcher *m = arena_alloc(r->arena, sizeof(*m));
        *m = (struct matcher){ .next = first, .ignores_case = r->ignores_case };
        bool is_read = strcmp(name, "not") == 0
                           ? (m->unwanted = read_any(r, field, value, depth + 1)) != NULL
                           : read_operator(r, field, name, value, m);
        if (!is_read)
            return NULL;
        first = m;
    }
    if (!first)
        matcher_blame(r, field, "says nothing: give an operator such as contains");
    return first;
}

static const struct matcher *read_any(struct matcher_reading *r, const char *field,
                                      const json_t *json, int depth)
{
    if (depth > MATCHER_MAX_DEPTH) {
        matcher_blame(r, field, "\"not\" may be nested %d deep", MATCHER_MAX_DEPTH);
        return NULL;
    }
    if (json_is_object(json))
        return read_object(r, field, json, depth);
    if (!json_is_string(json)) {
        matcher_blame(r, field, "must be a text, or an object such as {\"contains\": \"text\"}");
        return NULL;
    }
    struct matcher *m = arena_alloc(r->arena, sizeof(*m));
    *m = (struct matcher){ .test = equals, .ignores_case = r->ignores_case };
    m->text.ptr = arena_strdup(r->arena, json_string_value(json));
    m->text.len = json_string_length(json);
    return m;
}

const struct matcher *matcher_read(struct matcher_reading *r, const char *field, const json_t *json)
{
    return read_any(r, field, json, 0);
}

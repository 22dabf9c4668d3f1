/* DESIGN. Each message of the inbox is held against the expectation once: those that are there when
 * the request comes, newest first, then each that arrives, told by the store's news. Nothing is
 * kept of them but the ids of those that match and how the nearest others differ. */

#include "api/expect.h"

#include "api/json.h"
#include "api/private.h"
#include "core/clock.h"
#include "expect/expectation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    WITHIN_DEFAULT_MS = 5000,
    WITHIN_MAX_MS = 300 * 1000,
    COUNT_MAX = 10000,
    LOOK_BACK = 1000, /* messages looked at that were there before */
    STEP = 25,        /* messages held in memory at a time; to look at more may take long */
    ITEMS_MAX = 100,  /* of those that match, in the answer */
    NEAR = 3,
    TEXT_MAX = 1024 * 1024, /* octets of a text, of HTML */
};

struct expect_body {
    int64_t within_ms, after;
    const json_t *count, *match;
};

/* clang-format off */
const struct http_field expect_body[] = {
    { "within_ms", HTTP_INTEGER, offsetof(struct expect_body, within_ms), 0, WITHIN_MAX_MS },
    { "after",     HTTP_INTEGER, offsetof(struct expect_body, after),     0, INT64_MAX },
    { "count",     HTTP_JSON,    offsetof(struct expect_body, count),     0, 0 },
    { "match",     HTTP_JSON,    offsetof(struct expect_body, match),     0, 0 },
    { 0 },
};
/* clang-format on */

/* How many are to match. Without a most, it is enough that so many are there. */
struct wanted {
    int64_t min, max;
    bool has_max;
};

struct near {
    int64_t id;
    json_t *mismatches;
};

struct expecting {
    struct store *store;
    struct arena arena; /* of the expectation */
    json_t *body;       /* which it borrows */
    const struct expectation *expectation;
    struct wanted wanted;
    int64_t inbox_id, after, within_ms;
    bool has_looked_back;
    int64_t seen; /* the newest id that was looked at */
    int64_t looked_at, matched;
    int64_t pruned;         /* of the inbox, because of limits */
    int64_t ids[ITEMS_MAX]; /* of those that match */
    struct near near[NEAR]; /* the nearest first */
};

static void expecting_free(void *arg)
{
    struct expecting *x = arg;
    for (size_t i = 0; i < NEAR; i++)
        json_decref(x->near[i].mismatches);
    json_decref(x->body);
    arena_done(&x->arena);
    free(x);
}

/* ---- what is read of a message ---- */

static void read_part(const struct source *raw, const struct mail_part *part, struct buf *out)
{
    struct mail_decoder *d = mail_decoder_new(raw, part, true);
    int64_t got;
    do {
        got = mail_decoder_read(d, buf_reserve(out, 4096), 4096);
        out->len += got > 0 ? (size_t)got : 0;
    } while (got > 0 && out->len < TEXT_MAX);
    mail_decoder_free(d);
}

static struct span copied(struct arena *arena, struct buf *text)
{
    return (struct span){ arena_copy(arena, buf_span(text)), text->len };
}

/* As a reader sees it: that of the HTML if there is no other. */
static struct span text_of(const struct source *raw, const struct mail *mail, struct arena *arena)
{
    struct buf text AUTO(buf_done) = { 0 };
    int part = mail->text_part >= 0 ? mail->text_part : mail->html_part;
    if (part < 0)
        return (struct span){ 0 };
    (void)mail_text(raw, &mail->parts[part], TEXT_MAX, &text); /* what it read till it failed */
    return copied(arena, &text);
}

static struct span html_of(const struct source *raw, const struct mail *mail, struct arena *arena)
{
    struct buf text AUTO(buf_done) = { 0 };
    if (mail->html_part < 0)
        return (struct span){ 0 };
    read_part(raw, &mail->parts[mail->html_part], &text);
    return copied(arena, &text);
}

static int read_evidence(const struct expecting *x, struct store_reader *reader,
                         const struct store_message *m, struct arena *arena, struct evidence *out)
{
    unsigned needs = expectation_needs(x->expectation);
    struct source raw;
    *out = (struct evidence){ .message = m };
    if (!needs)
        return 0;
    int err = store_message_raw(reader, m->id, arena, &raw);
    if (err)
        return err;
    if (needs & EXPECTATION_TEXT)
        out->text = text_of(&raw, &m->mail, arena);
    if (needs & EXPECTATION_HTML)
        out->html = html_of(&raw, &m->mail, arena);
    if (needs & EXPECTATION_HEADERS) {
        struct mail_header *headers;
        out->header_count = mail_headers(&raw, arena, &headers);
        out->headers = headers;
    }
    return 0;
}

/* ---- looking ---- */

/* Takes the mismatches. The one that differs least is the nearest, of several the newest. */
static void keep_near(struct expecting *x, int64_t id, json_t *mismatches)
{
    struct near new = { id, mismatches };
    for (size_t i = 0; i < NEAR; i++) {
        struct near *old = &x->near[i];
        size_t differs = json_array_size(old->mismatches);
        if (!old->mismatches || json_array_size(new.mismatches) < differs ||
            (json_array_size(new.mismatches) == differs && new.id > old->id)) {
            struct near pushed = *old;
            *old = new;
            new = pushed;
        }
    }
    json_decref(new.mismatches);
}

static int look_at(struct expecting *x, struct store_reader *reader, const struct store_message *m)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct evidence evidence;
    int err = read_evidence(x, reader, m, &arena, &evidence);
    if (err)
        return err == -ENOENT ? 0 : err; /* it was deleted meanwhile */
    json_t *mismatches = expectation_mismatches(x->expectation, &evidence);
    if (expectation_given_up(x->expectation)) {
        json_decref(mismatches);
        return -ETIMEDOUT;
    }
    x->looked_at++;
    if (m->id > x->seen)
        x->seen = m->id;
    if (json_array_size(mismatches)) {
        keep_near(x, m->id, mismatches);
        return 0;
    }
    json_decref(mismatches);
    if (x->matched < ITEMS_MAX)
        x->ids[x->matched] = m->id;
    x->matched++;
    return 0;
}

/* What is known cannot change any more by what comes. */
static bool is_decided(const struct expecting *x)
{
    return x->wanted.has_max ? x->matched > x->wanted.max : x->matched >= x->wanted.min;
}

static int look_at_some(struct expecting *x, struct store_reader *reader, struct store_list *list,
                        bool *has_more)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    int err = store_messages_list(reader, list, &arena, &page);
    for (size_t i = 0; !err && i < page.count && !is_decided(x); i++) {
        err = look_at(x, reader, &page.items[i]);
        *(list->oldest_first ? &list->after : &list->before) = page.items[i].id;
    }
    *has_more = !err && page.has_more && !is_decided(x);
    return err;
}

static int64_t cursor(const struct expecting *x)
{
    return x->seen > x->after ? x->seen : x->after;
}

static int look(struct expecting *x, struct store_reader *reader)
{
    struct store_list list = {
        .inbox_id = x->inbox_id,
        .after = cursor(x),
        .oldest_first = x->has_looked_back,
        .limit = STEP,
    };
    bool has_more = true;
    int err = api_count_pruned(reader, x->inbox_id, &x->pruned);
    while (!err && has_more && (x->has_looked_back || x->looked_at < LOOK_BACK))
        err = look_at_some(x, reader, &list, &has_more);
    x->has_looked_back = true;
    return err;
}

/* ---- the answer ---- */

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static json_t *matching_items(struct expecting *x, struct store_reader *reader)
{
    size_t count = x->matched < ITEMS_MAX ? (size_t)x->matched : ITEMS_MAX;
    json_t *items = json_array();
    qsort(x->ids, count, sizeof(x->ids[0]), ascending);
    for (size_t i = 0; i < count; i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_message m;
        if (store_message_get(reader, x->ids[i], &arena, &m) == 0)
            json_array_append_new(items, json_write(message_columns, &m));
    }
    return items;
}

static json_t *near_items(const struct expecting *x)
{
    json_t *items = json_array();
    for (size_t i = 0; i < NEAR && x->near[i].mismatches; i++)
        json_array_append_new(items,
                              json_pack("{s:I, s:O}", "message_id", (json_int_t)x->near[i].id,
                                        "mismatches", x->near[i].mismatches));
    return items;
}

static const char *messages(int64_t count)
{
    return count == 1 ? "message" : "messages";
}

static void put_wanted(const struct wanted *w, struct buf *out)
{
    if (w->has_max && w->max == 0)
        buf_printf(out, "no matching message");
    else if (w->has_max && w->max == w->min)
        buf_printf(out, "exactly %" PRId64 " matching %s", w->min, messages(w->min));
    else if (w->has_max)
        buf_printf(out, "%" PRId64 " to %" PRId64 " matching messages", w->min, w->max);
    else
        buf_printf(out, "at least %" PRId64 " matching %s", w->min, messages(w->min));
}

/* "Expected at least 1 matching message within 5000 ms; of 3 messages looked at, 0 match." */
static json_t *reason(const struct expecting *x)
{
    struct buf text AUTO(buf_done) = { 0 };
    buf_printf(&text, "Expected ");
    put_wanted(&x->wanted, &text);
    buf_printf(&text, " within %" PRId64 " ms; ", x->within_ms);
    if (x->looked_at == 0)
        buf_printf(&text, "no message came.");
    else
        buf_printf(&text, "of %" PRId64 " %s looked at, %" PRId64 " %s.", x->looked_at,
                   messages(x->looked_at), x->matched, x->matched == 1 ? "matches" : "match");
    return json_string(buf_text(&text));
}

static bool has_passed(const struct expecting *x)
{
    return x->matched >= x->wanted.min && (!x->wanted.has_max || x->matched <= x->wanted.max);
}

static struct http_response verdict(struct expecting *x, struct store_reader *reader)
{
    json_t *items = matching_items(x, reader);
    if (has_passed(x))
        return http_json(200,
                         json_pack("{s:b, s:o, s:I, s:I}", "passed", 1, "items", items, "cursor",
                                   (json_int_t)cursor(x), "pruned_count", (json_int_t)x->pruned));
    return http_json(417, json_pack("{s:b, s:o, s:o, s:o, s:I, s:I}", "passed", 0, "reason",
                                    reason(x), "near", near_items(x), "items", items, "cursor",
                                    (json_int_t)cursor(x), "pruned_count", (json_int_t)x->pruned));
}

static struct http_response failure(const struct expecting *x, int err)
{
    const char *field = expectation_given_up(x->expectation);
    if (!field)
        return api_store_problem(err, "inbox");
    return http_field_problem(
        400, field,
        "the regular expression takes too long with the messages there are, so "
        "that it cannot be said whether it matches: make it simpler");
}

static bool ask(struct http_request *r, void *arg, bool is_last, struct http_response *out)
{
    struct expecting *x = arg;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = look(x, reader);
    if (err)
        *out = failure(x, err);
    else if (is_decided(x) || is_last)
        *out = verdict(x, reader);
    else
        return false;
    return true;
}

/* ---- the request ---- */

static bool is_count(const json_t *json, int64_t *out)
{
    *out = json_integer_value(json);
    return json_is_integer(json) && *out >= 0 && *out <= COUNT_MAX;
}

/* A number asks for so many at least, 0 for none; {"min", "max"} for what it says. */
static bool read_count(const json_t *json, struct wanted *out)
{
    const json_t *min = json_object_get(json, "min"), *max = json_object_get(json, "max");
    *out = (struct wanted){ .min = 1 };
    if (!json)
        return true;
    if (json_is_integer(json)) {
        out->has_max = json_integer_value(json) == 0;
        return is_count(json, &out->min);
    }
    size_t known = (size_t)(min != NULL) + (size_t)(max != NULL);
    out->has_max = max != NULL;
    if (!min)
        out->min = 0;
    return known && known == json_object_size(json) && (!min || is_count(min, &out->min)) &&
           (!max || is_count(max, &out->max)) && (!max || out->min <= out->max);
}

struct http_response inbox_expect(struct http_request *r)
{
    struct expect_body body = { .within_ms = WITHIN_DEFAULT_MS };
    struct wanted wanted;
    int64_t inbox_id, newer;
    json_t *errors = NULL;
    http_read_body(r, &body);
    if (!json_is_object(body.match))
        return http_field_problem(400, "match", "must be an object that says what is expected");
    if (!read_count(body.count, &wanted))
        return http_field_problem(
            400, "count", "must be a number from 0 to %d, or an object with min or max", COUNT_MAX);
    int err = api_find_inbox(r, &inbox_id);
    if (!err)
        err = api_count_newer(r, inbox_id, body.after, &newer);
    if (err)
        return api_store_problem(err, "inbox");
    if (newer > STEP && !r->is_aside)
        return http_aside();
    struct expecting *x = xcalloc(1, sizeof(*x));
    x->expectation = expectation_read(body.match, &x->arena, &errors);
    if (!x->expectation) {
        expecting_free(x);
        return http_errors_problem(400, "The expectation is not as it must be", errors);
    }
    x->store = api_of(r)->config.store;
    x->body = json_incref(r->json);
    x->wanted = wanted;
    x->inbox_id = inbox_id;
    x->after = body.after;
    x->within_ms = body.within_ms;
    uint64_t deadline_us = clock_steady_us() + (uint64_t)body.within_ms * 1000;
    return api_later(r, inbox_id, deadline_us, ask, expecting_free, x);
}

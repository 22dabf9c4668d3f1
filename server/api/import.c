#include "api/import.h"

#include "api/draft.h"
#include "api/json.h"
#include "api/private.h"
#include "core/clock.h"
#include "intake/intake.h"

#include <errno.h>
#include <inttypes.h>

enum {
    TO_MAX = 1024
}; /* octets: a target that is much longer is none: whoever sends to more posts JSON */

struct import_query {
    const char *from, *to;
};

/* clang-format off */
const struct http_field import_query[] = {
    { "from", HTTP_TEXT, offsetof(struct import_query, from), 0, DRAFT_ADDRESS_MAX },
    { "to",   HTTP_TEXT, offsetof(struct import_query, to),   1, TO_MAX },
    { 0 },
};

/* clang-format on */

/* Of one request. What cannot be is said in `problem`. */
struct import {
    struct http_request *request;
    struct http_response problem; /* status 0: none yet */
    struct mail_addresses bcc;    /* of a composed message: nowhere in it */
};

static bool fail(struct import *im, struct http_response problem)
{
    im->problem = problem;
    return false;
}

/* ---- the envelope ---- */

static void append(struct store_envelope *e, const char *address)
{
    e->recipients[e->recipient_count++] = (struct store_recipient){ .address = address };
}

static void append_all(struct store_envelope *e, const struct mail_addresses *list)
{
    for (size_t i = 0; i < list->count; i++)
        append(e, list->items[i].address);
}

/* "a@b.test,c@d.test" */
static bool append_list(struct import *im, struct store_delivery *d, const char *text)
{
    struct span rest = span_of(text);
    while (rest.len) {
        const char *address = arena_copy(&d->arena, span_trim(span_cut(&rest, ',')));
        if (!draft_is_address(address))
            return fail(im, http_field_problem(400, "to", "must be addresses with commas between"));
        append(&d->message.envelope, address);
    }
    return true;
}

/* All that the message is for, and those that it does not say. */
static void append_named(struct import *im, struct store_delivery *d)
{
    const struct mail *m = &d->message.mail;
    append_all(&d->message.envelope, &m->to);
    append_all(&d->message.envelope, &m->cc);
    append_all(&d->message.envelope, &m->bcc);
    for (size_t i = 0; i < im->bcc.count; i++)
        append(&d->message.envelope, arena_strdup(&d->arena, im->bcc.items[i].address));
}

/* As with SMTP; but none is left out: who sends it can see to that. */
static bool check_count(struct import *im, size_t count)
{
    uint64_t max = api_of(im->request)->config.max_recipients;
    if (count == 0)
        return fail(im, http_field_problem(400, "to", "must be given: the message names nobody"));
    return count <= max ||
           fail(im, http_field_problem(400, "to",
                                       "may be %" PRIu64 " recipients at most (--max-recipients), "
                                       "and these are %zu",
                                       max, count));
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text > 127)
            return false;
    return true;
}

/* As the query says, else as the message does. */
static bool address(struct import *im, struct store_delivery *d)
{
    struct import_query q = { 0 };
    struct store_envelope *e = &d->message.envelope;
    const struct mail *m = &d->message.mail;
    size_t room = m->to.count + m->cc.count + m->bcc.count + im->bcc.count + TO_MAX;
    http_read_query(im->request, &q);
    e->recipients = arena_alloc(&d->arena, room * sizeof(*e->recipients));
    if (q.from && *q.from && !draft_is_address(q.from))
        return fail(im, http_field_problem(400, "from", "must be an address, or empty"));
    e->from = q.from          ? arena_strdup(&d->arena, q.from)
              : m->from.count ? m->from.items[0].address
                              : "";
    if (!q.to)
        append_named(im, d);
    else if (!append_list(im, d, q.to))
        return false;
    e->smtputf8 = !is_ascii(e->from);
    for (size_t i = 0; i < e->recipient_count; i++)
        e->smtputf8 |= !is_ascii(e->recipients[i].address);
    return check_count(im, e->recipient_count);
}

/* ---- into the store ---- */

static struct http_response stored(struct http_request *r, const struct store_delivery *d)
{
    struct store_message m;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = store_message_get(reader, d->message.id, &r->arena, &m);
    if (err) /* it was deleted already */
        return api_store_problem(err, "message");
    struct http_response res = http_json(201, json_write(message_columns, &m));
    http_set_header(&res, "Location",
                    arena_printf(&r->arena, "/api/v1/messages/%" PRId64, d->message.id));
    return res;
}

static struct http_response refused(const struct http_request *r, int err)
{
    if (err == -EMSGSIZE)
        return http_problem(
            413, "The message is larger than all that --max-bytes (%" PRId64 ") lets Mailstop keep",
            api_of(r)->config.max_bytes);
    return api_store_problem(err, "inbox");
}

/* Gives it to the store and waits: as with SMTP, what is answered has happened. */
static struct http_response give(struct http_request *r, struct intake *in)
{
    struct store_delivery *d = in->delivery;
    struct mailbox settled;
    mailbox_init(&settled, NULL, NULL);
    d->reply_to = &settled;
    intake_give(in, api_of(r)->config.store, NULL);
    (void)mailbox_wait_one(&settled);
    mailbox_done(&settled);
    return d->result ? refused(r, d->result) : stored(r, d);
}

/* The body was spooled as it came: it is the delivery's from now on. */
static void take(struct http_request *r, struct store_delivery *d)
{
    struct spool empty = d->raw;
    d->raw = *r->raw;
    *r->raw = empty;
}

struct http_response inbox_import(struct http_request *r)
{
    struct import im = { .request = r };
    struct intake in;
    int64_t inbox_id;
    int err = api_find_inbox(r, &inbox_id);
    if (err)
        return api_store_problem(err, "inbox");
    struct store_delivery *d = store_delivery_new(api_of(r)->config.spools);
    if (r->raw)
        take(r, d);
    else if (!draft_compose(r, &d->raw, &im.bcc, &im.problem)) {
        store_delivery_free(d);
        return im.problem;
    }
    intake_read(&in, d);
    d->message.inbox_id = inbox_id;
    d->message.received_at_ms = clock_now_ms();
    d->message.client = (struct store_client){ .ip = arena_strdup(&d->arena, r->ip), .helo = "" };
    struct http_response res;
    if (address(&im, d))
        res = give(r, &in);
    else {
        intake_drop(&in);
        res = im.problem;
    }
    store_delivery_free(d);
    return res;
}

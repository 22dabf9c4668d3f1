#include "api/message_content.h"

#include "api/access.h"
#include "api/content.h"
#include "api/json.h"
#include "api/message_json.h"

#include <inttypes.h>
#include <string.h>

struct raw_query {
    enum http_choice download;
};

/* clang-format off */
const struct http_field raw_query[] = {
    { "download", HTTP_BOOL, offsetof(struct raw_query, download), 0, 0 },
    { 0 },
};

/* Read before any handler, by api_admit(). */
const struct http_field part_query[] = {
    { "ticket", HTTP_TEXT, 0, API_TICKET_LEN, API_TICKET_LEN },
    { 0 },
};
/* clang-format on */

static int open_content(const struct http_request *r, struct content **out)
{
    return content_open(r, http_parameter_id(r, "id"), out);
}

/* A message never changes, but an id can be another message's in another database: the time it came
 * tells them apart. */
static const char *tag(struct http_request *r, const struct store_message *m, const char *what)
{
    return arena_printf(&r->arena, "\"%" PRId64 "-%" PRIx64 "-%s\"", m->id,
                        (uint64_t)m->received_at_ms, what);
}

/* ---- as received ---- */

struct http_response message_raw(struct http_request *r)
{
    struct raw_query q = { HTTP_UNSET };
    struct content *c;
    int err = open_content(r, &c);
    if (err)
        return api_store_problem(err, "message");
    const struct store_message *m = content_message(c);
    const char *name = arena_printf(&r->arena, "message-%" PRId64 ".eml", m->id);
    struct http_response res = content_send_raw(c, "message/rfc822");
    res.etag = tag(r, m, "raw");
    http_read_query(r, &q);
    if (q.download == HTTP_YES)
        http_set_header(&res, "Content-Disposition",
                        http_disposition(&r->arena, "attachment", name));
    return res;
}

/* ---- as text, as HTML ---- */

static struct http_response send_body(struct http_request *r, bool is_html)
{
    struct content *c;
    int err = open_content(r, &c);
    if (err)
        return api_store_problem(err, "message");
    const struct mail *mail = &content_message(c)->mail;
    int part = is_html ? mail->html_part : mail->text_part;
    if (part < 0) {
        content_free(c);
        return http_problem(404, "The message has no %s", is_html ? "HTML" : "text");
    }
    return content_send_text(c, &mail->parts[part],
                             is_html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
                             is_html ? api_ticket(r) : NULL);
}

struct http_response message_text(struct http_request *r)
{
    return send_body(r, false);
}

/* Where the message's pictures may come from. A policy cannot name an IPv6 address. */
static const char *parts_source(struct http_request *r)
{
    struct span host = http_header(r, "Host");
    if (span_starts_with(host, SPAN("[")))
        return "'self'";
    return arena_printf(&r->arena, "%.*s%s/api/v1/messages/%" PRId64 "/parts/", SPAN_ARG(host),
                        api_of(r)->config.base ? api_of(r)->config.base : "",
                        http_parameter_id(r, "id"));
}

struct html_query {
    enum http_choice remote_images;
};

const struct http_field html_query[] = {
    { "remote_images", HTTP_BOOL, offsetof(struct html_query, remote_images), 0, 0 },
    { 0 },
};

/* The document runs nothing, fetches nothing but its own message's parts, and pictures from
 * elsewhere if that is asked for; it belongs to no origin, and is framed by our page alone. What a
 * person follows opens in a window of its own. */
struct http_response message_html(struct http_request *r)
{
    struct html_query q = { HTTP_UNSET };
    http_read_query(r, &q);
    struct http_response res = send_body(r, true);
    if (res.status != 200)
        return res;
    http_set_header(&res, "Content-Security-Policy",
                    arena_printf(&r->arena,
                                 "sandbox allow-popups allow-popups-to-escape-sandbox; "
                                 "default-src 'none'; style-src 'unsafe-inline'; "
                                 "img-src data: %s%s; base-uri 'none'; form-action 'none'; "
                                 "frame-ancestors 'self'",
                                 parts_source(r),
                                 q.remote_images == HTTP_YES ? " http: https:" : ""));
    return res;
}

/* ---- the header ---- */

struct http_response message_headers(struct http_request *r)
{
    struct content *c;
    struct mail_header *fields;
    int err = open_content(r, &c);
    if (err)
        return api_store_problem(err, "message");
    size_t count = mail_headers(content_raw(c), &r->arena, &fields);
    content_free(c);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_write(header_columns, &fields[i]));
    return http_json(200, array);
}

/* ---- the parts ---- */

struct http_response message_parts(struct http_request *r)
{
    struct store_message message;
    struct store_reader *reader AUTO(api_return) = api_lease(r);
    int err = api_find_message(r, reader, &message);
    if (err)
        return api_store_problem(err, "message");
    json_t *tree = part_tree(&message.mail);
    return tree ? http_json(200, tree) : http_problem(404, "The message has no parts");
}

/* Types that a browser does nothing with but show or save. Everything else is octets. */
static const struct {
    const char *type;
    bool is_shown; /* in place; otherwise saved */
} safe_types[] = {
    { "image/png", true },         { "image/jpeg", true },       { "image/gif", true },
    { "image/webp", true },        { "image/avif", true },       { "image/bmp", true },
    { "text/plain", false },       { "text/csv", false },        { "text/calendar", false },
    { "application/json", false }, { "application/pdf", false }, { "application/zip", false },
};

static const char *part_type(const struct mail_part *part, bool *is_shown_out)
{
    for (size_t i = 0; i < ARRAY_LEN(safe_types); i++)
        if (strcmp(safe_types[i].type, part->content_type) == 0) {
            *is_shown_out = safe_types[i].is_shown;
            return safe_types[i].type;
        }
    *is_shown_out = false;
    return "application/octet-stream";
}

static struct http_response send_part(struct http_request *r, struct content *c,
                                      const struct mail_part *part)
{
    bool is_shown;
    const char *type = part_type(part, &is_shown);
    struct http_response res = content_send_part(c, part, type);
    res.etag = tag(r, content_message(c), part->number);
    http_set_header(
        &res, "Content-Disposition",
        http_disposition(&r->arena, is_shown ? "inline" : "attachment", part->filename));
    /* The document that shows it is sandboxed, so that it has no origin to be the same as. */
    if (is_shown)
        http_set_header(&res, "Cross-Origin-Resource-Policy", "cross-origin");
    return res;
}

struct http_response message_part(struct http_request *r)
{
    struct content *c;
    int err = open_content(r, &c);
    if (err)
        return api_store_problem(err, "message");
    const struct mail_part *part =
        mail_find_part(&content_message(c)->mail, http_parameter(r, "part"));
    if (part)
        return send_part(r, c, part);
    content_free(c);
    return http_problem(404, "The message has no such part");
}

#pragma once
/* What a test expects of a message, and where a message differs from it.
 *
 *     {"from": "app@shop.test", "subject": {"contains": "Reset"}, "headers": {"X-Tenant": "42"}}
 *
 * All members must hold. Each is a text (see matcher.h) or one of these:
 *
 *     addresses    what holds for one of them; a list holds if it pairs off with all of them, in
 * any order; {"contains": [...]} if it pairs off with some; [] if there are none attachments  a
 * list of {"filename", "content_type", ...}, likewise headers      by name; what holds for one
 * field of the name; null: there is none
 *                  {"not": ...} around any of these holds if it does not
 *     numbers      equal, or within {"min", "max"}
 */

#include "core/arena.h"
#include "store/store.h"

#include <jansson.h>

struct expectation;

enum expectation_needs { /* as bits: what must be read from the message's octets */
                         EXPECTATION_TEXT = 1 << 0,
                         EXPECTATION_HTML = 1 << 1,
                         EXPECTATION_HEADERS = 1 << 2,
};

/* A message, with what was read of it. */
struct evidence {
    const struct store_message *message;
    struct span text, html; /* as a reader sees it; the HTML's source; no ptr: there is none */
    const struct mail_header *headers;
    size_t header_count;
};

/* Reads {"from": ...}. NULL if something is wrong; *errors is then [{"field", "detail"}], the
 * caller's to free. `json` is borrowed as long as the expectation, which lives in `arena`. */
const struct expectation *expectation_read(const json_t *json, struct arena *arena,
                                           json_t **errors);

unsigned expectation_needs(const struct expectation *e);

/* [{"field", "expected", "actual"}] in the order of the fields' table, empty if all of it holds.
 * The caller's to free. */
json_t *expectation_mismatches(const struct expectation *e, const struct evidence *evidence);

/* The field whose regular expression took too long with what it was held against, as errors call
 * it: what came out since is not to be trusted. NULL: there is none. */
const char *expectation_given_up(const struct expectation *e);

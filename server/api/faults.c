#include "api/faults.h"

#include "api/private.h"
#include "faults/board.h"

/* Only what may be there; what it may be is the plan's own business. */
struct plan_body {
    int64_t seed;
    const json_t *preset, *rules;
};

const struct http_field fault_plan_body[] = {
    { "seed", HTTP_INTEGER, offsetof(struct plan_body, seed), 0, INT64_MAX },
    { "preset", HTTP_JSON, offsetof(struct plan_body, preset), 0, 0 },
    { "rules", HTTP_JSON, offsetof(struct plan_body, rules), 0, 0 },
    { 0 },
};

static struct http_response show(const struct http_request *r, int64_t inbox_id)
{
    return http_json(200, fault_board_show(api_of(r)->config.faults, inbox_id));
}

static struct http_response put(struct http_request *r, int64_t inbox_id)
{
    struct fault_error error = { 0 };
    struct fault_plan *p = fault_plan_read(r->json, inbox_id != STORE_ALL_SESSIONS, &error);
    if (!p)
        return http_field_problem(400, error.field, "%s", error.detail);
    char *text AUTO(free_ptr) = json_dumps(fault_plan_json(p), JSON_COMPACT);
    fault_plan_free(p); /* who is told of the text makes one of its own */
    int err = store_plan_put(api_of(r)->config.store, inbox_id, text);
    return err ? api_store_problem(err, "inbox") : show(r, inbox_id);
}

static struct http_response drop(const struct http_request *r, int64_t inbox_id)
{
    int err = store_plan_put(api_of(r)->config.store, inbox_id, NULL);
    return err ? api_store_problem(err, "inbox") : http_empty(204);
}

/* ---- of all sessions ---- */

struct http_response faults_get(struct http_request *r)
{
    return show(r, STORE_ALL_SESSIONS);
}

struct http_response faults_put(struct http_request *r)
{
    return put(r, STORE_ALL_SESSIONS);
}

struct http_response faults_delete(struct http_request *r)
{
    return drop(r, STORE_ALL_SESSIONS);
}

/* ---- of an inbox ---- */

struct http_response inbox_faults_get(struct http_request *r)
{
    int64_t id;
    int err = api_find_inbox(r, &id);
    return err ? api_store_problem(err, "inbox") : show(r, id);
}

struct http_response inbox_faults_put(struct http_request *r)
{
    int64_t id;
    int err = api_find_inbox(r, &id);
    return err ? api_store_problem(err, "inbox") : put(r, id);
}

struct http_response inbox_faults_delete(struct http_request *r)
{
    int64_t id;
    int err = api_find_inbox(r, &id);
    return err ? api_store_problem(err, "inbox") : drop(r, id);
}

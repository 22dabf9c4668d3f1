#include "faults/private.h"

#include <stdio.h>
#include <string.h>

static bool blame(struct fault_error *error, const char *field, const char *detail)
{
    snprintf(error->field, sizeof(error->field), "%s", field);
    snprintf(error->detail, sizeof(error->detail), "%s", detail);
    return false;
}

/* ---- reading ---- */

static bool read_rules(struct fault_plan *p, const json_t *rules, bool is_of_inbox,
                       struct fault_error *error)
{
    struct fault_error inner = { 0 };
    p->count = json_array_size(rules);
    p->rules = arena_alloc(&p->arena, (p->count + 1) * sizeof(*p->rules));
    for (size_t i = 0; i < p->count; i++) {
        if (fault_rule_read(json_array_get(rules, i), is_of_inbox, &p->arena, &p->rules[i], &inner))
            continue;
        snprintf(error->field, sizeof(error->field), "rules[%u]%s%.60s", (unsigned)i,
                 *inner.field ? "." : "", inner.field);
        memcpy(error->detail, inner.detail, sizeof(error->detail));
        return false;
    }
    return true;
}

/* The rules that are meant, the caller's to free. NULL: blamed. */
static json_t *find_rules(const json_t *json, bool is_of_inbox, struct fault_error *error)
{
    const json_t *rules = json_object_get(json, "rules");
    const json_t *preset = json_object_get(json, "preset");
    if ((rules != NULL) == (preset != NULL)) {
        blame(error, preset ? "preset" : "rules", "give either rules or a preset");
        return NULL;
    }
    if (preset) {
        struct buf detail AUTO(buf_done) = { 0 };
        json_t *made =
            json_is_string(preset) ? fault_preset(json_string_value(preset), is_of_inbox) : NULL;
        buf_printf(&detail, "must be one of ");
        fault_preset_names(&detail);
        if (!made)
            blame(error, "preset", buf_text(&detail));
        return made;
    }
    if (json_is_array(rules) && json_array_size(rules) <= FAULT_RULES_MAX)
        return json_deep_copy(rules);
    blame(error, "rules", "must be a list of at most 100 rules");
    return NULL;
}

static bool read_seed(const json_t *json, uint64_t *out, struct fault_error *error)
{
    const json_t *seed = json_object_get(json, "seed");
    if (seed && (!json_is_integer(seed) || json_integer_value(seed) < 0))
        return blame(error, "seed", "must be a whole number from 0 up");
    *out = (uint64_t)json_integer_value(seed);
    return true;
}

static bool is_small(const json_t *json, struct fault_error *error)
{
    if (json_dumpb(json, NULL, 0, JSON_COMPACT) <= FAULT_PLAN_MAX)
        return true;
    return blame(error, "rules", "must not take more than 32 KiB together");
}

struct fault_plan *fault_plan_read(const json_t *json, bool is_of_inbox, struct fault_error *error)
{
    uint64_t seed;
    if (!json_is_object(json)) {
        blame(error, "", "must be an object");
        return NULL;
    }
    if (!read_seed(json, &seed, error))
        return NULL;
    json_t *rules = find_rules(json, is_of_inbox, error);
    if (!rules)
        return NULL;
    struct fault_plan *p = xcalloc(1, sizeof(*p));
    p->seed = seed;
    p->json = json_pack("{s:I, s:o}", "seed", (json_int_t)seed, "rules", rules);
    if (!is_small(p->json, error) || !read_rules(p, rules, is_of_inbox, error)) {
        fault_plan_free(p);
        return NULL;
    }
    return p;
}

/* ---- of one rule ---- */

struct fault_plan *fault_plan_of(const struct fault_rule *rule)
{
    struct fault_plan *p = xcalloc(1, sizeof(*p));
    p->count = 1;
    p->rules = arena_alloc(&p->arena, sizeof(*p->rules));
    *p->rules = *rule;
    p->rules->reply.enhanced = arena_strdup(&p->arena, rule->reply.enhanced);
    p->rules->reply.text = arena_strdup(&p->arena, rule->reply.text);
    return p;
}

void fault_plan_free(struct fault_plan *p)
{
    if (!p)
        return;
    json_decref(p->json);
    arena_done(&p->arena);
    free(p);
}

/* ---- views ---- */

size_t fault_plan_count(const struct fault_plan *p)
{
    return p->count;
}

const struct fault_rule *fault_plan_rule(const struct fault_plan *p, size_t index)
{
    return &p->rules[index];
}

const json_t *fault_plan_json(const struct fault_plan *p)
{
    return p->json;
}

static void describe_reply(const struct fault_reply *reply, char *out, size_t size)
{
    struct span text = span_of(reply->text);
    struct span first = span_cut(&text, '\n');
    snprintf(out, size, "reply %d%s%s %.*s", reply->code, reply->enhanced ? " " : "",
             reply->enhanced ? reply->enhanced : "", SPAN_ARG(first));
}

static void describe_throttle(const struct fault_rule *rule, char *out, size_t size)
{
    snprintf(out, size, "throttle to %llu octets a second%s",
             (unsigned long long)(rule->in_rate ? rule->in_rate : rule->out_rate),
             rule->in_rate && rule->out_rate ? ""
             : rule->in_rate                 ? " from the client"
                                             : " to the client");
}

static void describe_hidden(const struct fault_rule *rule, char *out, size_t size)
{
    size_t len = (size_t)snprintf(out, size, "hide");
    for (size_t i = 0; rule->hidden[i] && len < size; i++)
        len += (size_t)snprintf(out + len, size - len, " %s", rule->hidden[i]);
}

static const char *name_of_drop(const struct fault_rule *rule)
{
    static const char *const names[] = {
        [FAULT_BEFORE_STORING] = "drop before the message is stored",
        [FAULT_BEFORE_REPLY] = "drop when the message is stored, before the reply",
        [FAULT_AFTER_REPLY] = "drop behind the reply",
    };
    return rule->stage == FAULT_DATA_END ? names[rule->drop] : "drop";
}

static const char *name_of_tls(enum fault_tls tls)
{
    static const char *const names[] = {
        [FAULT_TLS_NONE] = "TLS as ever",
        [FAULT_TLS_HANDSHAKE] = "fail the TLS handshake",
        [FAULT_TLS_EXPIRED] = "show a certificate that has expired",
        [FAULT_TLS_WRONG_NAME] = "show a certificate of another name",
    };
    return names[tls];
}

static void describe_act(const struct fault_rule *rule, char *out, size_t size)
{
    switch (rule->act) {
    case FAULT_NOTHING: snprintf(out, size, "go on"); break;
    case FAULT_REPLY: describe_reply(&rule->reply, out, size); break;
    case FAULT_DROP: snprintf(out, size, "%s", name_of_drop(rule)); break;
    case FAULT_STALL: snprintf(out, size, "stall"); break;
    case FAULT_HIDE: describe_hidden(rule, out, size); break;
    case FAULT_THROTTLE: describe_throttle(rule, out, size); break;
    case FAULT_TLS: snprintf(out, size, "%s", name_of_tls(rule->tls)); break;
    }
}

void fault_describe(const struct fault_rule *rule, char *out, size_t size)
{
    size_t len = 0;
    if (rule->delay_ms)
        len = (size_t)snprintf(out, size, "delay of %llu ms%s", (unsigned long long)rule->delay_ms,
                               rule->act == FAULT_NOTHING ? "" : ", then ");
    if (len < size && (rule->act != FAULT_NOTHING || !rule->delay_ms))
        describe_act(rule, out + len, size - len);
}

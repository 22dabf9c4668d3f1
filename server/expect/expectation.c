#include "expect/expectation.h"

#include "core/utf8.h"
#include "expect/matcher.h"

#include <string.h>

enum {
    ITEMS_MAX = 100,   /* of a list that is expected */
    ACTUAL_MAX = 500,  /* characters of a text that are shown */
    ACTUAL_ITEMS = 20, /* of a list that are shown */
};

/* How errors call what is expected of a message. */
#define ROOT "match"

struct rule;
struct reading;

/* What a value is: how an expectation of it is read, whether it holds, and what to show if not. */
struct kind {
    bool (*read)(struct reading *r, struct rule *rule, const json_t *json); /* false: blamed */
    bool (*holds)(const struct rule *rule, const void *at);
    json_t *(*show)(const struct rule *rule, const void *at);
};

struct field {
    const char *name; /* NULL ends a table */
    const struct kind *kind;
    size_t offset;  /* of the value in what the table is about */
    unsigned needs; /* enum expectation_needs */
};

/* What one field must be, as far as its kind uses it. */
struct rule {
    const struct field *field;
    const char *name;     /* "headers.X-Tenant" */
    const json_t *wanted; /* as the test said it */
    bool is_absent;       /* null: there must be none */
    const struct matcher *text;
    bool flag;
    int64_t min, max;
    const struct rule *parts; /* of headers: a rule for each name */
    const struct item {
        const struct rule *rules;
        const struct item *next;
    } * items;        /* of a list: what its elements must be */
    bool is_partial;  /* elements may be left over */
    bool is_unwanted; /* {"not": ...}: it must be no such list */
    const struct rule *next;
};

struct expectation {
    const struct rule *rules;
    unsigned needs;
    struct matcher_effort effort;
};

struct reading {
    struct matcher_reading matchers;
    unsigned needs;
};

/* ---- what is there, for people ---- */

static json_t *shown(struct span text)
{
    struct span front = utf8_front(text, ACTUAL_MAX);
    struct buf clean AUTO(buf_done) = { 0 };
    utf8_scrub(&clean, front);
    if (front.len < text.len)
        buf_append(&clean, SPAN("…"));
    return json_string(buf_text(&clean));
}

/* Lists are shown to a length, and then how many there are besides. */
static void show_item(json_t *list, size_t index, size_t count, json_t *item)
{
    if (index < ACTUAL_ITEMS)
        json_array_append_new(list, item);
    else
        json_decref(item);
    if (index == ACTUAL_ITEMS)
        json_array_append_new(list, json_sprintf("… and %zu more", count - ACTUAL_ITEMS));
}

/* ---- rules ---- */

static const char *sub_name(struct reading *r, const char *name, const char *member)
{
    return arena_printf(r->matchers.arena, "%s%s%s", name, *name ? "." : "", member);
}

static bool read_rule(struct reading *r, const struct field *field, const char *name,
                      const json_t *json, const struct rule **list)
{
    struct rule *rule = arena_alloc(r->matchers.arena, sizeof(*rule));
    *rule = (struct rule){ .field = field, .name = name, .wanted = json, .next = *list };
    rule->is_absent = json_is_null(json);
    r->needs |= field->needs;
    *list = rule;
    return field->kind->read(r, rule, json);
}

static const struct field *find_field(const struct field *fields, const char *name)
{
    while (fields->name && strcmp(fields->name, name) != 0)
        fields++;
    return fields->name ? fields : NULL;
}

static void blame_unknown(struct reading *r, const char *name, const struct field *fields)
{
    struct buf known AUTO(buf_done) = { 0 };
    for (const struct field *f = fields; f->name; f++)
        buf_printf(&known, "%s%s", f == fields ? "" : ", ", f->name);
    matcher_blame(&r->matchers, name, "is nothing that can be expected: use %s", buf_text(&known));
}

/* In the order of the table, whatever that of the object. */
static bool read_rules(struct reading *r, const struct field *fields, const char *name,
                       const json_t *object, const struct rule **out)
{
    const char *member;
    json_t *value;
    bool is_good = true;
    json_object_foreach((json_t *)object, member, value)
    {
        if (!find_field(fields, member)) {
            blame_unknown(r, sub_name(r, name, member), fields);
            is_good = false;
        }
    }
    size_t count = 0;
    while (fields[count].name)
        count++;
    for (const struct field *f = fields + count; f-- > fields;)
        if ((value = json_object_get(object, f->name)))
            is_good &= read_rule(r, f, sub_name(r, name, f->name), value, out);
    return is_good;
}

static bool rule_holds(const struct rule *rule, const void *thing)
{
    return rule->field->kind->holds(rule, (const char *)thing + rule->field->offset);
}

static bool all_hold(const struct rule *rules, const void *thing)
{
    for (const struct rule *rule = rules; rule; rule = rule->next)
        if (!rule_holds(rule, thing))
            return false;
    return true;
}

/* ---- texts: const char *, or struct span for what is read from the octets ---- */

static bool read_text(struct reading *r, struct rule *rule, const json_t *json)
{
    if (rule->is_absent)
        return true;
    rule->text = matcher_read(&r->matchers, rule->name, json);
    return rule->text != NULL;
}

/* As in addresses: letters compared without case. */
static bool read_caseless(struct reading *r, struct rule *rule, const json_t *json)
{
    r->matchers.ignores_case = true;
    bool is_read = read_text(r, rule, json);
    r->matchers.ignores_case = false;
    return is_read;
}

static bool text_holds(const struct rule *rule, const void *at)
{
    const char *text = *(const char *const *)at;
    if (rule->is_absent)
        return !text || !*text;
    return text && matcher_holds(rule->text, span_of(text));
}

static json_t *show_text(const struct rule *rule, const void *at)
{
    const char *text = *(const char *const *)at;
    (void)rule;
    return text ? shown(span_of(text)) : json_null();
}

static bool span_holds(const struct rule *rule, const void *at)
{
    const struct span *text = at;
    if (rule->is_absent)
        return !text->ptr;
    return text->ptr && matcher_holds(rule->text, *text);
}

static json_t *show_span(const struct rule *rule, const void *at)
{
    const struct span *text = at;
    (void)rule;
    return text->ptr ? shown(*text) : json_null();
}

static const struct kind text_kind = { read_text, text_holds, show_text };
static const struct kind caseless_kind = { read_caseless, text_holds, show_text };
static const struct kind span_kind = { read_text, span_holds, show_span };

/* ---- yes or no ---- */

static bool read_flag(struct reading *r, struct rule *rule, const json_t *json)
{
    rule->flag = json_is_true(json);
    if (!json_is_boolean(json))
        matcher_blame(&r->matchers, rule->name, "must be true or false");
    return json_is_boolean(json);
}

static bool flag_holds(const struct rule *rule, const void *at)
{
    return *(const bool *)at == rule->flag;
}

static json_t *show_flag(const struct rule *rule, const void *at)
{
    (void)rule;
    return json_boolean(*(const bool *)at);
}

/* The index of a part, -1 for none. */
static bool part_holds(const struct rule *rule, const void *at)
{
    return (*(const int *)at >= 0) == rule->flag;
}

static json_t *show_part(const struct rule *rule, const void *at)
{
    (void)rule;
    return json_boolean(*(const int *)at >= 0);
}

static const struct kind flag_kind = { read_flag, flag_holds, show_flag };
static const struct kind part_kind = { read_flag, part_holds, show_part };

/* ---- numbers ---- */

static bool read_bound(const json_t *range, const char *name, int64_t *out, size_t *known)
{
    const json_t *bound = json_object_get(range, name);
    if (!bound)
        return true;
    ++*known;
    *out = json_integer_value(bound);
    return json_is_integer(bound) && *out >= 0;
}

static bool read_number(struct reading *r, struct rule *rule, const json_t *json)
{
    size_t known = 0;
    rule->max = INT64_MAX;
    if (json_is_integer(json) && json_integer_value(json) >= 0) {
        rule->min = rule->max = json_integer_value(json);
        return true;
    }
    if (json_is_object(json) && read_bound(json, "min", &rule->min, &known) &&
        read_bound(json, "max", &rule->max, &known) && known && known == json_object_size(json))
        return true;
    matcher_blame(&r->matchers, rule->name,
                  "must be a number, or an object such as {\"min\": 1, \"max\": 9}");
    return false;
}

static bool is_within(const struct rule *rule, uint64_t number)
{
    return number >= (uint64_t)rule->min && number <= (uint64_t)rule->max;
}

static bool size_holds(const struct rule *rule, const void *at)
{
    return is_within(rule, *(const uint64_t *)at);
}

static json_t *show_size(const struct rule *rule, const void *at)
{
    (void)rule;
    return json_integer((json_int_t) * (const uint64_t *)at);
}

static bool warnings_hold(const struct rule *rule, const void *at)
{
    return is_within(rule, ((const struct store_message *)at)->warning_count);
}

static json_t *show_warnings(const struct rule *rule, const void *at)
{
    const struct store_message *m = at;
    json_t *codes = json_array();
    (void)rule;
    for (size_t i = 0; i < m->warning_count; i++)
        show_item(codes, i, m->warning_count, json_string(m->warnings[i].code));
    return codes;
}

static const struct kind size_kind = { read_number, size_holds, show_size };
static const struct kind warnings_kind = { read_number, warnings_hold, show_warnings };

/* ---- lists ---- */

/* Reads what one element must be. */
typedef bool read_item(struct reading *r, const char *name, const json_t *json,
                       const struct rule **out);

static bool read_items(struct reading *r, struct rule *rule, const json_t *list, read_item *read)
{
    size_t i;
    json_t *json;
    bool is_good = true;
    if (json_array_size(list) > ITEMS_MAX) {
        matcher_blame(&r->matchers, rule->name, "may list %d at most", ITEMS_MAX);
        return false;
    }
    json_array_foreach(list, i, json)
    {
        struct item *item = arena_alloc(r->matchers.arena, sizeof(*item));
        const char *name = arena_printf(r->matchers.arena, "%s[%zu]", rule->name, i);
        item->next = rule->items;
        is_good &= read(r, name, json, &item->rules);
        rule->items = item;
    }
    return is_good;
}

/* A list names all elements, {"contains": list} some of them; anything else is what holds for one
 * of them at least. */
static bool read_list(struct reading *r, struct rule *rule, const json_t *json, read_item *read)
{
    const json_t *unwanted = json_object_size(json) == 1 ? json_object_get(json, "not") : NULL;
    rule->is_unwanted = unwanted != NULL;
    json = unwanted ? unwanted : json;
    const json_t *some = json_object_get(json, "contains");
    if (json_is_array(json))
        return read_items(r, rule, json, read);
    rule->is_partial = true;
    if (json_is_array(some) && json_object_size(json) == 1)
        return read_items(r, rule, some, read);
    struct item *item = arena_alloc(r->matchers.arena, sizeof(*item));
    rule->items = item;
    return read(r, rule->name, json, &item->rules);
}

struct elements {
    const void **items;
    size_t count;
    size_t *taken_by; /* by which expected item, counted from 1; 0: none */
};

/* Finds an element for the item, if need be by moving an earlier item to another of its own. */
static bool pair_off(const struct item *const *items, size_t item, struct elements *e, bool *seen)
{
    for (size_t i = 0; i < e->count; i++) {
        if (seen[i] || !all_hold(items[item]->rules, e->items[i]))
            continue;
        seen[i] = true;
        if (e->taken_by[i] == 0 || pair_off(items, e->taken_by[i] - 1, e, seen)) {
            e->taken_by[i] = item + 1;
            return true;
        }
    }
    return false;
}

static bool elements_hold(const struct rule *rule, struct elements *e)
{
    const struct item *items[ITEMS_MAX + 1];
    size_t count = 0;
    for (const struct item *item = rule->items; item; item = item->next)
        items[count++] = item;
    bool is_paired = rule->is_partial ? count <= e->count : count == e->count;
    e->taken_by = xcalloc(e->count + 1, sizeof(*e->taken_by));
    bool *seen = xcalloc(e->count + 1, sizeof(*seen));
    for (size_t i = 0; i < count && is_paired; i++) {
        memset(seen, 0, e->count);
        is_paired = pair_off(items, i, e, seen);
    }
    free(seen);
    free(e->taken_by);
    free(e->items);
    return is_paired != rule->is_unwanted;
}

static struct elements elements_new(size_t max)
{
    return (struct elements){ .items = xcalloc(max + 1, sizeof(void *)) };
}

/* ---- addresses ---- */

static const struct field address_fields[] = {
    { "address", &caseless_kind, offsetof(struct mail_address, address), 0 },
    { "name", &text_kind, offsetof(struct mail_address, name), 0 },
    { 0 },
};

static bool read_address(struct reading *r, const char *name, const json_t *json,
                         const struct rule **out)
{
    bool is_split = json_object_get(json, "address") || json_object_get(json, "name");
    return is_split ? read_rules(r, address_fields, name, json, out)
                    : read_rule(r, &address_fields[0], name, json, out);
}

static bool read_addresses(struct reading *r, struct rule *rule, const json_t *json)
{
    return rule->is_absent || read_list(r, rule, json, read_address);
}

static bool addresses_hold(const struct rule *rule, const void *at)
{
    const struct mail_addresses *list = at;
    struct elements e = elements_new(list->count);
    for (size_t i = 0; i < list->count; i++)
        e.items[e.count++] = &list->items[i];
    return elements_hold(rule, &e);
}

static json_t *show_addresses(const struct rule *rule, const void *at)
{
    const struct mail_addresses *list = at;
    json_t *items = json_array();
    (void)rule;
    for (size_t i = 0; i < list->count; i++) {
        const struct mail_address *a = &list->items[i];
        show_item(items, i, list->count,
                  *a->name ? json_sprintf("%s <%s>", a->name, a->address)
                           : json_string(a->address));
    }
    return items;
}

/* Those of the envelope have no names. */
static bool recipients_hold(const struct rule *rule, const void *at)
{
    const struct store_envelope *envelope = at;
    struct mail_addresses list = { .count = envelope->recipient_count };
    list.items = xcalloc(list.count + 1, sizeof(*list.items));
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = (struct mail_address){ "", envelope->recipients[i].address };
    bool holds = addresses_hold(rule, &list);
    free(list.items);
    return holds;
}

static json_t *show_recipients(const struct rule *rule, const void *at)
{
    const struct store_envelope *envelope = at;
    json_t *items = json_array();
    (void)rule;
    for (size_t i = 0; i < envelope->recipient_count; i++)
        show_item(items, i, envelope->recipient_count,
                  json_string(envelope->recipients[i].address));
    return items;
}

static const struct kind addresses_kind = { read_addresses, addresses_hold, show_addresses };
static const struct kind recipients_kind = { read_addresses, recipients_hold, show_recipients };

/* ---- attachments ---- */

static const struct field attachment_fields[] = {
    { "filename", &text_kind, offsetof(struct mail_part, filename), 0 },
    { "content_type", &caseless_kind, offsetof(struct mail_part, content_type), 0 },
    { "content_id", &text_kind, offsetof(struct mail_part, content_id), 0 },
    { "size", &size_kind, offsetof(struct mail_part, size), 0 },
    { 0 },
};

static bool read_attachment(struct reading *r, const char *name, const json_t *json,
                            const struct rule **out)
{
    if (json_is_object(json) && json_object_size(json))
        return read_rules(r, attachment_fields, name, json, out);
    matcher_blame(&r->matchers, name, "must be an object such as {\"filename\": \"a.pdf\"}");
    return false;
}

static bool read_attachments(struct reading *r, struct rule *rule, const json_t *json)
{
    return rule->is_absent || read_list(r, rule, json, read_attachment);
}

static bool attachments_hold(const struct rule *rule, const void *at)
{
    const struct mail *mail = at;
    struct elements e = elements_new(mail->part_count);
    for (size_t i = 0; i < mail->part_count; i++)
        if (mail->parts[i].is_attachment)
            e.items[e.count++] = &mail->parts[i];
    return elements_hold(rule, &e);
}

static json_t *show_attachments(const struct rule *rule, const void *at)
{
    const struct mail *mail = at;
    json_t *items = json_array();
    size_t count = 0, index = 0;
    (void)rule;
    for (size_t i = 0; i < mail->part_count; i++)
        count += mail->parts[i].is_attachment;
    for (size_t i = 0; i < mail->part_count; i++) {
        const struct mail_part *p = &mail->parts[i];
        if (p->is_attachment)
            show_item(items, index++, count,
                      json_pack("{s:s?, s:s, s:I}", "filename", p->filename, "content_type",
                                p->content_type, "size", (json_int_t)p->size));
    }
    return items;
}

static const struct kind attachments_kind = { read_attachments, attachments_hold,
                                              show_attachments };

/* ---- headers ---- */

static const char *header_name(const struct rule *rule)
{
    return rule->name + sizeof(ROOT ".headers.") - 1;
}

static bool header_holds(const struct rule *rule, const void *at)
{
    const struct evidence *evidence = at;
    bool is_there = false;
    const char *name = header_name(rule);
    for (size_t i = 0; i < evidence->header_count; i++) {
        const struct mail_header *h = &evidence->headers[i];
        if (!span_ieq(span_of(h->name), span_of(name)))
            continue;
        is_there = true;
        if (!rule->is_absent && matcher_holds(rule->text, span_of(h->value)))
            return true;
    }
    return rule->is_absent && !is_there;
}

static json_t *show_header(const struct rule *rule, const void *at)
{
    const struct evidence *evidence = at;
    json_t *values = json_array();
    const char *name = header_name(rule);
    for (size_t i = 0; i < evidence->header_count; i++)
        if (span_ieq(span_of(evidence->headers[i].name), span_of(name)))
            show_item(values, json_array_size(values), evidence->header_count,
                      shown(span_of(evidence->headers[i].value)));
    if (json_array_size(values) != 1)
        return values;
    json_t *one = json_incref(json_array_get(values, 0));
    json_decref(values);
    return one;
}

static const struct kind header_kind = { read_text, header_holds, show_header };
static const struct field header_field = { "", &header_kind, 0, EXPECTATION_HEADERS };

/* The rules of the names stand beside the others: each is told by itself. */
static bool read_headers(struct reading *r, struct rule *rule, const json_t *json)
{
    const char *name;
    json_t *value;
    bool is_good = json_is_object(json) && json_object_size(json) <= ITEMS_MAX;
    if (!is_good)
        matcher_blame(&r->matchers, rule->name,
                      "must be an object of %d names at most, such as {\"X-Tenant\": \"42\"}",
                      ITEMS_MAX);
    json_object_foreach(is_good ? (json_t *)json : NULL, name, value) is_good &=
        read_rule(r, &header_field, sub_name(r, rule->name, name), value, &rule->parts);
    return is_good;
}

static bool headers_hold(const struct rule *rule, const void *at)
{
    return all_hold(rule->parts, at);
}

static const struct kind headers_kind = { read_headers, headers_hold, NULL };

/* ---- the message ---- */

#define OF_MESSAGE(member) offsetof(struct store_message, member)
#define OF_EVIDENCE(member) offsetof(struct evidence, member)

/* clang-format off */
/* What needs something read is looked up in the evidence, the others in the message. */
static const struct field fields[] = {
    { "from",          &addresses_kind,   OF_MESSAGE(mail.from),       0 },
    { "sender",        &addresses_kind,   OF_MESSAGE(mail.sender),     0 },
    { "reply_to",      &addresses_kind,   OF_MESSAGE(mail.reply_to),   0 },
    { "to",            &addresses_kind,   OF_MESSAGE(mail.to),         0 },
    { "cc",            &addresses_kind,   OF_MESSAGE(mail.cc),         0 },
    { "bcc",           &addresses_kind,   OF_MESSAGE(mail.bcc),        0 },
    { "envelope_from", &caseless_kind,    OF_MESSAGE(envelope.from),   0 },
    { "envelope_to",   &recipients_kind,  OF_MESSAGE(envelope),        0 },
    { "subject",       &text_kind,        OF_MESSAGE(mail.subject),    0 },
    { "message_id",    &text_kind,        OF_MESSAGE(mail.message_id), 0 },
    { "has_text",      &part_kind,        OF_MESSAGE(mail.text_part),  0 },
    { "has_html",      &part_kind,        OF_MESSAGE(mail.html_part),  0 },
    { "size",          &size_kind,        OF_MESSAGE(size),            0 },
    { "read",          &flag_kind,        OF_MESSAGE(is_read),         0 },
    { "pinned",        &flag_kind,        OF_MESSAGE(is_pinned),       0 },
    { "attachments",   &attachments_kind, OF_MESSAGE(mail),            0 },
    { "warnings",      &warnings_kind,    0,                           0 },
    { "text",          &span_kind,        OF_EVIDENCE(text),           EXPECTATION_TEXT },
    { "html",          &span_kind,        OF_EVIDENCE(html),           EXPECTATION_HTML },
    { "headers",       &headers_kind,     0,                           EXPECTATION_HEADERS },
    { 0 },
};
/* clang-format on */

const struct expectation *expectation_read(const json_t *json, struct arena *arena, json_t **errors)
{
    struct expectation *e = arena_alloc(arena, sizeof(*e));
    struct reading r = { .matchers = { .arena = arena, .effort = &e->effort } };
    *e = (struct expectation){ 0 };
    bool is_read = read_rules(&r, fields, ROOT, json, &e->rules);
    e->needs = r.needs;
    *errors = r.matchers.errors;
    return is_read ? e : NULL;
}

unsigned expectation_needs(const struct expectation *e)
{
    return e->needs;
}

const char *expectation_given_up(const struct expectation *e)
{
    return e->effort.given_up;
}

static void compare(const struct rule *rule, const void *thing, json_t *mismatches)
{
    for (const struct rule *part = rule->parts; part; part = part->next)
        compare(part, thing, mismatches);
    if (rule->parts || rule_holds(rule, thing))
        return;
    json_t *actual = rule->field->kind->show(rule, (const char *)thing + rule->field->offset);
    json_array_append_new(mismatches,
                          json_pack("{s:s, s:O, s:o}", "field", rule->name + sizeof(ROOT),
                                    "expected", rule->wanted, "actual", actual));
}

json_t *expectation_mismatches(const struct expectation *e, const struct evidence *evidence)
{
    json_t *mismatches = json_array();
    for (const struct rule *rule = e->rules; rule; rule = rule->next) {
        bool is_read = rule->field->needs;
        compare(rule, is_read ? (const void *)evidence : (const void *)evidence->message,
                mismatches);
    }
    return mismatches;
}

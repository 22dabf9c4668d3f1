#include "core/buf.h"
#include "faults/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    PATTERN_MAX = 320,
    LINES_MAX = 20,
    LINE_MAX_OCTETS =
        400, /* of the 512 that RFC 5321 4.5.3.1.5 allows with all that is around it */
    RATE_MAX = 1000000000,
    COUNT_MAX = 1000000000,
    SECONDS_MAX = 7 * 24 * 3600,
};

struct reading {
    struct arena *arena;
    struct fault_rule *rule;
    struct fault_error *error;
    bool is_of_inbox;
    const char *act;       /* the member that says what is done; NULL: none yet */
    const char *direction; /* of a throttle */
    bool has_drop_moment, has_delay;
};

static bool blame(struct reading *r, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool blame(struct reading *r, const char *field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    snprintf(r->error->field, sizeof(r->error->field), "%s", field);
    vsnprintf(r->error->detail, sizeof(r->error->detail), format, args);
    va_end(args);
    return false;
}

/* ---- values ---- */

static bool read_number(struct reading *r, const char *field, const json_t *json, int64_t min,
                        int64_t max, uint64_t *out)
{
    int64_t n = json_integer_value(json);
    bool is_right = json_is_integer(json) && n >= min && n <= max;
    if (is_right)
        *out = (uint64_t)n;
    else
        (void)blame(r, field, "must be a whole number from %lld to %lld", (long long)min,
                    (long long)max);
    return is_right;
}

static int find_name(const char *const *names, size_t count, const json_t *json)
{
    for (size_t i = 0; i < count; i++)
        if (json_is_string(json) && names[i] && strcmp(names[i], json_string_value(json)) == 0)
            return (int)i;
    return -1;
}

/* One of the names, by its index; those that are NULL are none. */
static bool read_name(struct reading *r, const char *field, const char *const *names, size_t count,
                      const json_t *json, int *out)
{
    struct buf all AUTO(buf_done) = { 0 };
    int found = find_name(names, count, json);
    if (found >= 0) {
        *out = found;
        return true;
    }
    for (size_t i = 0; i < count; i++)
        if (names[i])
            buf_printf(&all, "%s%s", all.len ? ", " : "", names[i]);
    (void)blame(r, field, "must be one of %s", buf_text(&all));
    return false;
}

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
            return false;
    return true;
}

static bool read_pattern(struct reading *r, const char *field, const json_t *json, const char **out)
{
    size_t len = json_string_length(json);
    struct span text = { json_string_value(json), len };
    bool has_blank = false;
    for (size_t i = 0; i < len; i++)
        has_blank |= (unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7F;
    if (!json_is_string(json) || len == 0 || len > PATTERN_MAX || has_blank)
        return blame(r, field,
                     "must be a text of 1 to %d octets without blanks, where * stands for any "
                     "characters",
                     PATTERN_MAX);
    *out = arena_copy(r->arena, text);
    return true;
}

/* ---- replies ---- */

/* clang-format off */
static const struct fault_reply usual[] = {
    { 251, "2.1.5",  "User not local; will forward" },
    { 252, "2.1.5",  "Cannot verify the user; will try to deliver" },
    { 421, "4.3.2",  "Service not available; closing" },
    { 450, "4.2.0",  "Mailbox not available now; try again later" },
    { 451, "4.3.0",  "Local error; try again later" },
    { 452, "4.3.1",  "Insufficient storage; try again later" },
    { 454, "4.7.0",  "Not available now, for a temporary reason" },
    { 455, "4.5.4",  "The parameters cannot be met now" },
    { 500, "5.5.2",  "Syntax error; command unrecognized" },
    { 501, "5.5.4",  "Syntax error in parameters" },
    { 502, "5.5.1",  "Command not implemented" },
    { 503, "5.5.1",  "Bad sequence of commands" },
    { 504, "5.5.4",  "Parameter not implemented" },
    { 521, "5.3.2",  "No mail is accepted here" },
    { 530, "5.7.0",  "Authentication required" },
    { 534, "5.7.9",  "The authentication mechanism is too weak" },
    { 535, "5.7.8",  "Authentication credentials invalid" },
    { 538, "5.7.11", "Encryption required for the authentication mechanism" },
    { 541, "5.7.1",  "Rejected as spam" },
    { 550, "5.1.1",  "No such user" },
    { 551, "5.1.6",  "User not local; try another address" },
    { 552, "5.2.2",  "Mailbox full" },
    { 553, "5.1.3",  "Mailbox name not allowed" },
    { 554, "5.3.0",  "Transaction failed" },
    { 555, "5.5.4",  "Parameters not recognized or not implemented" },
    { 556, "5.1.10", "The domain accepts no mail" },
};
/* clang-format on */

struct fault_reply fault_usual_reply(int code)
{
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (usual[i].code == code)
            return usual[i];
    return (struct fault_reply){ code, code < 500 ? "4.0.0" : "5.0.0", "Refused" };
}

/* RFC 5321 4.2: the second digit is 0 to 5. What is no refusal would have to be kept; but to be
 * forwarded is one way to be accepted. */
static bool read_code(struct reading *r, const json_t *json)
{
    int64_t code = json_integer_value(json);
    bool is_refusal = code >= 400 && code < 600 && code / 10 % 10 <= 5;
    bool may_accept = r->rule->stage == FAULT_RCPT && (code == 251 || code == 252);
    if (!json_is_integer(json) || (!is_refusal && !may_accept))
        return blame(r, "reply.code", "must be a refusal, 400 to 459 or 500 to 559%s",
                     r->rule->stage == FAULT_RCPT ? "; at rcpt also 251 and 252" : "");
    r->rule->reply = fault_usual_reply((int)code);
    return true;
}

/* Up to three digits without leading zeros. */
static bool is_sub_code(struct span s)
{
    uint64_t number;
    return s.len <= 3 && parse_u64(s, &number) && (s.len == 1 || *s.ptr != '0');
}

/* RFC 3463 2: class.subject.detail. */
static bool is_enhanced(struct span s, int code)
{
    struct span first = span_cut(&s, '.');
    struct span second = span_cut(&s, '.');
    return first.len == 1 && first.ptr[0] - '0' == code / 100 && is_sub_code(second) &&
           is_sub_code(s);
}

static bool read_enhanced(struct reading *r, const json_t *json)
{
    int code = r->rule->reply.code;
    if (!json_is_string(json) || !is_enhanced(span_of(json_string_value(json)), code))
        return blame(r, "reply.enhanced", "must be like \"%d.2.1\": the class is that of the code",
                     code / 100);
    r->rule->reply.enhanced = arena_strdup(r->arena, json_string_value(json));
    return true;
}

static bool is_line(const json_t *json)
{
    size_t len = json_string_length(json);
    return json_is_string(json) && len <= LINE_MAX_OCTETS &&
           is_printable((struct span){ json_string_value(json), len });
}

static bool read_text(struct reading *r, const json_t *json)
{
    struct buf text AUTO(buf_done) = { 0 };
    size_t count = json_is_array(json) ? json_array_size(json) : 1;
    bool is_good = count >= 1 && count <= LINES_MAX;
    for (size_t i = 0; i < count && is_good; i++) {
        const json_t *line = json_is_array(json) ? json_array_get(json, i) : json;
        is_good = is_line(line);
        if (is_good)
            buf_printf(&text, "%s%s", i ? "\n" : "", json_string_value(line));
    }
    if (!is_good)
        return blame(r, "reply.text",
                     "must be a line of at most %d octets of printable ASCII, or a list of 1 to "
                     "%d of them",
                     LINE_MAX_OCTETS, LINES_MAX);
    r->rule->reply.text = arena_strdup(r->arena, buf_text(&text));
    return true;
}

static bool has_only(struct reading *r, const char *field, const json_t *object,
                     const char *const *names, size_t count)
{
    const char *key;
    json_t *value;
    char inner[64];
    json_object_foreach((json_t *)object, key, value)
    {
        size_t i = 0;
        while (i < count && strcmp(names[i], key) != 0)
            i++;
        if (i < count)
            continue;
        snprintf(inner, sizeof(inner), "%s.%.40s", field, key);
        return blame(r, inner, "is not known here");
    }
    return true;
}

static bool read_reply(struct reading *r, const char *field, const json_t *json)
{
    static const char *const names[] = { "code", "enhanced", "text" };
    const json_t *enhanced = json_object_get(json, "enhanced");
    const json_t *text = json_object_get(json, "text");
    if (!json_is_object(json))
        return blame(r, field, "must be an object with a code");
    if (!has_only(r, field, json, names, ARRAY_LEN(names)))
        return false;
    r->rule->act = FAULT_REPLY;
    return read_code(r, json_object_get(json, "code")) &&
           (!enhanced || read_enhanced(r, enhanced)) && (!text || read_text(r, text));
}

/* ---- what is done ---- */

static bool read_delay(struct reading *r, const char *field, const json_t *json)
{
    r->has_delay = true;
    return read_number(r, field, json, 1, FAULT_DELAY_MAX_MS, &r->rule->delay_ms);
}

static bool read_drop(struct reading *r, const char *field, const json_t *json)
{
    if (!json_is_true(json))
        return blame(r, field, "must be true");
    r->rule->act = FAULT_DROP;
    return true;
}

static bool read_stall(struct reading *r, const char *field, const json_t *json)
{
    if (!json_is_true(json))
        return blame(r, field, "must be true");
    r->rule->act = FAULT_STALL;
    return true;
}

static bool read_when(struct reading *r, const char *field, const json_t *json)
{
    static const char *const names[] = { [FAULT_BEFORE_STORING] = "before-storing",
                                         [FAULT_BEFORE_REPLY] = "before-reply",
                                         [FAULT_AFTER_REPLY] = "after-reply" };
    int which;
    if (!read_name(r, field, names, ARRAY_LEN(names), json, &which))
        return false;
    r->rule->drop = (enum fault_drop)which;
    r->has_drop_moment = true;
    return true;
}

static bool read_throttle(struct reading *r, const char *field, const json_t *json)
{
    r->rule->act = FAULT_THROTTLE;
    uint64_t rate;
    if (!read_number(r, field, json, 1, RATE_MAX, &rate))
        return false;
    r->rule->in_rate = r->rule->out_rate = rate;
    return true;
}

static bool read_direction(struct reading *r, const char *field, const json_t *json)
{
    static const char *const names[] = { "both", "from-client", "to-client" };
    int which;
    if (!read_name(r, field, names, ARRAY_LEN(names), json, &which))
        return false;
    r->direction = names[which];
    return true;
}

static bool read_fail(struct reading *r, const char *field, const json_t *json)
{
    static const char *const names[] = {
        [FAULT_TLS_NONE] = "withheld",
        [FAULT_TLS_HANDSHAKE] = "handshake",
        [FAULT_TLS_EXPIRED] = "expired-certificate",
        [FAULT_TLS_WRONG_NAME] = "wrong-name-certificate",
    };
    int which;
    if (!read_name(r, field, names, ARRAY_LEN(names), json, &which))
        return false;
    r->rule->tls = (enum fault_tls)which;
    r->rule->act = FAULT_TLS;
    if (which != FAULT_TLS_NONE)
        return true;
    r->rule->act = FAULT_HIDE; /* what is not offered is withheld when EHLO comes */
    r->rule->stage = FAULT_HELO;
    r->rule->hidden[0] = "STARTTLS";
    return true;
}

const char *const fault_hidable[] = {
    "PIPELINING", "SIZE",     "8BITMIME",   "ENHANCEDSTATUSCODES",
    "SMTPUTF8",   "CHUNKING", "BINARYMIME", "DSN",
    "LIMITS",     "STARTTLS", "AUTH",       "XCLIENT",
    NULL,
};

static bool read_hide(struct reading *r, const char *field, const json_t *json)
{
    size_t count = json_is_array(json) ? json_array_size(json) : 1;
    r->rule->act = FAULT_HIDE;
    if (count < 1 || count >= FAULT_HIDDEN_MAX)
        return blame(r, field, "must be a keyword of EHLO, or a list of 1 to %d of them",
                     FAULT_HIDDEN_MAX - 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_is_array(json) ? json_array_get(json, i) : json;
        int which;
        if (!read_name(r, field, fault_hidable, ARRAY_LEN(fault_hidable), name, &which))
            return false;
        r->rule->hidden[i] = fault_hidable[which];
    }
    return true;
}

/* As the field's servers say it: RFC 5321 has 452 for now, 552 for good. */
static bool read_full(struct reading *r, const char *field, const json_t *json)
{
    int64_t code = json_integer_value(json);
    if (code != 452 && code != 552)
        return blame(r, field, "must be 452 (full for now) or 552 (full)");
    r->rule->act = FAULT_REPLY;
    r->rule->reply =
        (struct fault_reply){ (int)code, code == 452 ? "4.2.2" : "5.2.2", "Mailbox full" };
    return true;
}

/* ---- when it applies ---- */

static bool read_address(struct reading *r, const char *field, const json_t *json)
{
    return read_pattern(r, field, json, &r->rule->address);
}

static bool read_sender(struct reading *r, const char *field, const json_t *json)
{
    return read_pattern(r, field, json, &r->rule->sender);
}

static bool read_helo(struct reading *r, const char *field, const json_t *json)
{
    return read_pattern(r, field, json, &r->rule->helo);
}

static bool read_ip(struct reading *r, const char *field, const json_t *json)
{
    return read_pattern(r, field, json, &r->rule->ip);
}

static bool read_times(struct reading *r, const char *field, const json_t *json)
{
    return read_number(r, field, json, 1, COUNT_MAX, &r->rule->times);
}

static bool read_after(struct reading *r, const char *field, const json_t *json)
{
    return read_number(r, field, json, 0, COUNT_MAX, &r->rule->after);
}

static bool read_every(struct reading *r, const char *field, const json_t *json)
{
    return read_number(r, field, json, 1, COUNT_MAX, &r->rule->every);
}

static bool read_bytes(struct reading *r, const char *field, const json_t *json)
{
    return read_number(r, field, json, 1, INT64_MAX, &r->rule->bytes);
}

static bool read_probability(struct reading *r, const char *field, const json_t *json)
{
    double p = json_number_value(json);
    if (!json_is_number(json) || !(p > 0 && p <= 1))
        return blame(r, field, "must be a number above 0, up to 1");
    r->rule->probability = p;
    return true;
}

static bool read_greylist(struct reading *r, const char *field, const json_t *json)
{
    static const char *const names[] = { "seconds" };
    uint64_t seconds;
    if (!json_is_object(json))
        return blame(r, field, "must be an object with seconds");
    if (!has_only(r, field, json, names, ARRAY_LEN(names)) ||
        !read_number(r, "greylist.seconds", json_object_get(json, "seconds"), 0, SECONDS_MAX,
                     &seconds))
        return false;
    r->rule->is_greylist = true;
    r->rule->greylist_ms = (int64_t)seconds * 1000;
    return true;
}

static bool read_rate_limit(struct reading *r, const char *field, const json_t *json)
{
    static const char *const names[] = { "count", "window_seconds" };
    uint64_t seconds;
    if (!json_is_object(json))
        return blame(r, field, "must be an object with count and window_seconds");
    if (!has_only(r, field, json, names, ARRAY_LEN(names)) ||
        !read_number(r, "rate_limit.count", json_object_get(json, "count"), 1, COUNT_MAX,
                     &r->rule->rate_count) ||
        !read_number(r, "rate_limit.window_seconds", json_object_get(json, "window_seconds"), 1,
                     SECONDS_MAX, &seconds))
        return false;
    r->rule->rate_window_ms = (int64_t)seconds * 1000;
    return true;
}

/* ---- the rule ---- */

static const char *const stage_names[] = {
    [FAULT_CONNECT] = "connect", [FAULT_HELO] = "helo",         [FAULT_STARTTLS] = "starttls",
    [FAULT_AUTH] = "auth",       [FAULT_MAIL] = "mail",         [FAULT_RCPT] = "rcpt",
    [FAULT_DATA] = "data",       [FAULT_DATA_END] = "data_end", [FAULT_RSET] = "rset",
    [FAULT_QUIT] = "quit",       [FAULT_SESSION] = "session",
};

#define AT(stage) (1u << FAULT_##stage)

enum {
    EVERYWHERE = (1u << FAULT_STAGES) - 1,
    IN_DIALOGUE = EVERYWHERE & ~AT(SESSION),
    OF_MESSAGE = AT(RCPT) | AT(DATA) | AT(DATA_END),
    EARLY = AT(CONNECT) | AT(STARTTLS), /* before an inbox can be known */
};

/* clang-format off */
static const struct member {
    const char *name;
    bool (*read)(struct reading *r, const char *field, const json_t *json);
    unsigned stages; /* where it makes sense */
    bool is_act;     /* of which a rule has one */
} members[] = {
    { "address",     read_address,     OF_MESSAGE,                                  false },
    { "sender",      read_sender,      OF_MESSAGE | AT(MAIL),                       false },
    { "helo",        read_helo,        IN_DIALOGUE & ~AT(CONNECT),                  false },
    { "ip",          read_ip,          EVERYWHERE,                                  false },
    { "times",       read_times,       EVERYWHERE,                                  false },
    { "after",       read_after,       EVERYWHERE,                                  false },
    { "every",       read_every,       EVERYWHERE,                                  false },
    { "probability", read_probability, EVERYWHERE,                                  false },
    { "bytes",       read_bytes,       AT(DATA),                                    false },
    { "greylist",    read_greylist,    AT(RCPT),                                    false },
    { "rate_limit",  read_rate_limit,  IN_DIALOGUE,                                 false },
    { "delay_ms",    read_delay,       IN_DIALOGUE,                                 false },
    { "reply",       read_reply,       IN_DIALOGUE,                                 true },
    { "full",        read_full,        OF_MESSAGE | AT(MAIL),                       true },
    { "drop",        read_drop,        IN_DIALOGUE,                                 true },
    { "stall",       read_stall,       IN_DIALOGUE,                                 true },
    { "fail",        read_fail,        AT(STARTTLS),                                true },
    { "hide",        read_hide,        AT(HELO),                                    true },
    { "throttle_bytes_per_second", read_throttle, AT(SESSION),                      true },
    { "when",        read_when,        AT(DATA_END),                                false },
    { "direction",   read_direction,   AT(SESSION),                                 false },
};
/* clang-format on */

static const struct member *find_member(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

static bool blame_stage(struct reading *r, const struct member *m)
{
    struct buf all AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < FAULT_STAGES; i++)
        if (m->stages & 1u << i)
            buf_printf(&all, "%s%s", all.len ? ", " : "", stage_names[i]);
    return blame(r, m->name, "makes no sense at %s; it belongs to %s", stage_names[r->rule->stage],
                 buf_text(&all));
}

static bool read_member(struct reading *r, unsigned stage, const char *name, const json_t *json)
{
    const struct member *m = find_member(name);
    if (!m)
        return blame(r, name, "is not known");
    if (!(m->stages & stage))
        return blame_stage(r, m);
    if (m->is_act && r->act)
        return blame(r, name, "contradicts %s: a rule does one thing", r->act);
    if (m->is_act)
        r->act = m->name;
    return m->read(r, m->name, json);
}

static bool read_stage(struct reading *r, const json_t *json)
{
    int stage;
    if (!read_name(r, "stage", stage_names, FAULT_STAGES, json, &stage))
        return false;
    r->rule->stage = (enum fault_stage)stage;
    if (r->is_of_inbox && EARLY & 1u << stage)
        return blame(r, "stage",
                     "%s comes before an inbox is known; it belongs to the plan of all "
                     "sessions",
                     stage_names[stage]);
    return true;
}

/* What greylists and limits say where they are not told. */
static void complete(struct reading *r)
{
    struct fault_rule *rule = r->rule;
    if (r->act || r->has_delay || !(rule->is_greylist || rule->rate_count))
        return;
    r->act = "reply";
    rule->act = FAULT_REPLY;
    rule->reply = (struct fault_reply){ 450, "4.7.1",
                                        rule->is_greylist ? "Greylisted; try again later"
                                                          : "Too much at once; try again later" };
}

/* What only shows when all of it is read. */
static bool check(struct reading *r)
{
    struct fault_rule *rule = r->rule;
    if (!r->act && !r->has_delay)
        return blame(r, "",
                     "does nothing; give one of reply, full, drop, stall, fail, hide, "
                     "throttle_bytes_per_second, or a delay_ms");
    if (r->has_drop_moment && rule->act != FAULT_DROP)
        return blame(r, "when", "says when to drop; give drop");
    if (rule->bytes && rule->act == FAULT_REPLY)
        return blame(r, "reply",
                     "cannot be said while a message comes; leave bytes out, or give "
                     "drop, stall or delay_ms");
    if (r->direction && rule->act != FAULT_THROTTLE)
        return blame(r, "direction", "is that of throttle_bytes_per_second");
    if (r->direction && strcmp(r->direction, "from-client") == 0)
        rule->out_rate = 0;
    if (r->direction && strcmp(r->direction, "to-client") == 0)
        rule->in_rate = 0;
    return true;
}

bool fault_rule_read(const json_t *json, bool is_of_inbox, struct arena *arena,
                     struct fault_rule *out, struct fault_error *error)
{
    struct reading r = { arena, out, error, .is_of_inbox = is_of_inbox };
    const char *key;
    json_t *value;
    *out = (struct fault_rule){ .probability = 1 };
    if (!json_is_object(json))
        return blame(&r, "", "must be an object with a stage");
    if (!read_stage(&r, json_object_get(json, "stage")))
        return false;
    unsigned stage = 1u << out->stage;
    json_object_foreach((json_t *)json, key,
                        value) if (strcmp(key, "stage") != 0 &&
                                   !read_member(&r, stage, key, value)) return false;
    complete(&r);
    return check(&r);
}

#include "smtp/proto/params.h"

#include "smtp/proto/address.h"
#include "smtp/proto/private.h"
#include "smtp/proto/xtext.h"

#include <inttypes.h>

struct param {
    const char *keyword;
    unsigned caps; /* the extensions that know it */
    /* `value` is empty when there was none. NULL, or the refusal. */
    const struct smtp_reply *(*take)(struct smtp_engine *e, struct span value);
};

enum {
    MAX_KEYWORD_SHOWN = 64,
    MAX_AUTH = 500, /* octets as sent: RFC 4954 3 */
};

static const struct smtp_reply bad_param = { 501, "5.5.4",
                                             "Parameters are KEYWORD or KEYWORD=value" };
static const struct smtp_reply bad_size = { 501, "5.5.4", "SIZE= takes a number of octets" };
static const struct smtp_reply bad_body = { 501, "5.5.4",
                                            "BODY= takes 7BIT, 8BITMIME or BINARYMIME" };
static const struct smtp_reply hidden_body = { 504, "5.5.4", "That BODY= is not offered here" };
static const struct smtp_reply bad_auth = { 501, "5.5.4",
                                            "AUTH= takes <> or the xtext of an address" };
static const struct smtp_reply bad_smtputf8 = { 501, "5.5.4", "SMTPUTF8 takes no value" };

bool engine_decode_xtext(struct smtp_engine *e, struct span text, struct span *out)
{
    char *octets = arena_alloc(&e->command_arena, text.len);
    out->ptr = octets;
    return smtp_xtext_decode(text, octets, &out->len);
}

static bool is_number(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return s.len > 0;
}

/* RFC 1870: a message declared too large is refused before it is sent. */
static const struct smtp_reply *take_size(struct smtp_engine *e, struct span value)
{
    uint64_t size;
    uint64_t limit = e->config->limits.message_bytes;
    if (!is_number(value))
        return &bad_size;
    if (!parse_u64(value, &size) || size > limit)
        return engine_refusal(e, 552, "5.3.4", "A message may have at most %" PRIu64 " octets",
                              limit);
    e->envelope.size = size;
    return NULL;
}

/* RFC 6152 and RFC 3030 3 */
static const struct smtp_reply *take_body(struct smtp_engine *e, struct span value)
{
    static const struct {
        const char *name;
        unsigned caps; /* all of which it needs */
        enum smtp_body_type type;
    } bodies[] = {
        { "7BIT", 0, SMTP_BODY_7BIT },
        { "8BITMIME", SMTP_CAP_8BITMIME, SMTP_BODY_8BITMIME },
        { "BINARYMIME", SMTP_CAP_CHUNKING | SMTP_CAP_BINARYMIME, SMTP_BODY_BINARYMIME },
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        if (!span_ieq(value, span_of(bodies[i].name)))
            continue;
        e->envelope.body = bodies[i].type;
        return engine_offers(e, bodies[i].caps) ? NULL : &hidden_body;
    }
    return &bad_body;
}

/* RFC 6531 3.4 */
static const struct smtp_reply *take_smtputf8(struct smtp_engine *e, struct span value)
{
    if (value.len)
        return &bad_smtputf8;
    e->envelope.smtputf8 = true;
    return NULL;
}

/* RFC 4954 5: who submitted the message first; <> if that is not known. */
static const struct smtp_reply *take_auth(struct smtp_engine *e, struct span value)
{
    struct span address;
    struct smtp_mailbox mailbox;
    if (span_eq(value, SPAN("<>")))
        return NULL;
    if (value.len > MAX_AUTH || !engine_decode_xtext(e, value, &address) ||
        smtp_mailbox_parse(address, &mailbox))
        return &bad_auth;
    e->envelope.auth = address;
    return NULL;
}

/* clang-format off */
/* Both end in a row without a keyword. */
static const struct param mail_params[] = {
    { "SIZE",     SMTP_CAP_SIZE,     take_size },
    { "BODY",     SMTP_CAP_8BITMIME | SMTP_CAP_BINARYMIME, take_body },
    { "SMTPUTF8", SMTP_CAP_SMTPUTF8, take_smtputf8 },
    { "AUTH",     SMTP_CAP_AUTH,     take_auth },
    { "RET",      SMTP_CAP_DSN,      smtp_dsn_ret },
    { "ENVID",    SMTP_CAP_DSN,      smtp_dsn_envid },
    { 0 },
};

static const struct param rcpt_params[] = {
    { "NOTIFY",   SMTP_CAP_DSN,      smtp_dsn_notify },
    { "ORCPT",    SMTP_CAP_DSN,      smtp_dsn_orcpt },
    { 0 },
};
/* clang-format on */

static bool is_keyword_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* esmtp-keyword; what has passed may be shown in a reply. */
static bool is_keyword(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_keyword_char(s.ptr[i]))
            return false;
    return s.len > 0 && s.len <= MAX_KEYWORD_SHOWN && s.ptr[0] != '-';
}

static const struct param *find_param(const struct param *params, struct span keyword)
{
    while (params->keyword && !span_ieq(keyword, span_of(params->keyword)))
        params++;
    return params->keyword ? params : NULL;
}

/* One parameter; *seen has a bit for each row that was given before. */
static const struct smtp_reply *parse_one(struct smtp_engine *e, const struct param *params,
                                          struct span value, unsigned *seen)
{
    bool has_value = span_find(value, '=') < value.len;
    struct span keyword = span_cut(&value, '=');
    if (!is_keyword(keyword) || (has_value && value.len == 0))
        return &bad_param;
    const struct param *p = find_param(params, keyword);
    unsigned caps = e->config->caps & ~e->hidden; /* AUTH= goes on when AUTH is no longer offered */
    if (!p || !(caps & p->caps))
        return engine_refusal(e, 555, "5.5.4", "Unsupported parameter: %.*s", SPAN_ARG(keyword));
    unsigned bit = 1U << (p - params);
    if (*seen & bit)
        return engine_refusal(e, 501, "5.5.4", "%s is given twice", p->keyword);
    *seen |= bit;
    return p->take(e, value);
}

static const struct smtp_reply *parse_all(struct smtp_engine *e, const struct param *params,
                                          struct span args)
{
    unsigned seen = 0;
    const struct smtp_reply *refusal = NULL;
    while (args.len && !refusal) {
        struct span param = span_cut(&args, ' ');
        if (param.len) /* several spaces separate like one */
            refusal = parse_one(e, params, param, &seen);
    }
    if (seen && !refusal && !e->envelope.is_esmtp)
        engine_note(e, SMTP_NOTE_PARAMETERS_AFTER_HELO);
    return refusal;
}

const struct smtp_reply *smtp_params_of_mail(struct smtp_engine *e, struct span args)
{
    return parse_all(e, mail_params, args);
}

const struct smtp_reply *smtp_params_of_rcpt(struct smtp_engine *e, struct span args)
{
    return parse_all(e, rcpt_params, args);
}

#include "core/utf8.h"
#include "smtp/proto/address.h"
#include "smtp/proto/params.h"
#include "smtp/proto/private.h"
#include "smtp/proto/xtext.h"

/* The parameters for delivery status notifications: RFC 3461, and RFC 6533 for what is not ASCII.
 * Mailstop sends none; it checks them and keeps them for whoever tests that they are asked for. */

enum { MAX_ENVID = 100, MAX_ORCPT = 500 }; /* octets as sent: RFC 3461 4.4 and 4.2 */

static const struct smtp_reply bad_ret = { 501, "5.5.4", "RET= takes FULL or HDRS" };
static const struct smtp_reply bad_envid = {
    501, "5.5.4", "ENVID= takes xtext of at most 100 printable characters"
};
static const struct smtp_reply bad_notify = { 501, "5.5.4",
                                              "NOTIFY= takes NEVER, or of SUCCESS,FAILURE,DELAY" };
static const struct smtp_reply bad_orcpt = { 501, "5.5.4", "ORCPT= takes type;address" };
static const struct smtp_reply long_orcpt = { 501, "5.5.4", "ORCPT= takes at most 500 characters" };
static const struct smtp_reply bad_xtext = { 501, "5.5.4",
                                             "ORCPT= takes xtext of printable characters" };
static const struct smtp_reply bad_unitext = {
    501, "5.5.4", "ORCPT=utf-8; takes an address with \\x{HEX} for what is not ASCII"
};

const struct smtp_reply *smtp_dsn_ret(struct smtp_engine *e, struct span value)
{
    bool is_full = span_ieq(value, SPAN("FULL"));
    if (!is_full && !span_ieq(value, SPAN("HDRS")))
        return &bad_ret;
    e->envelope.ret = is_full ? SMTP_RET_FULL : SMTP_RET_HDRS;
    return NULL;
}

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
            return false;
    return s.len > 0;
}

const struct smtp_reply *smtp_dsn_envid(struct smtp_engine *e, struct span value)
{
    struct span envid;
    if (value.len > MAX_ENVID || !engine_decode_xtext(e, value, &envid) || !is_printable(envid))
        return &bad_envid;
    e->envelope.envid = envid;
    return NULL;
}

static unsigned notify_bit(struct span word)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {
        { "NEVER", SMTP_NOTIFY_NEVER },
        { "SUCCESS", SMTP_NOTIFY_SUCCESS },
        { "FAILURE", SMTP_NOTIFY_FAILURE },
        { "DELAY", SMTP_NOTIFY_DELAY },
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (span_ieq(word, span_of(words[i].word)))
            return words[i].bit;
    return 0;
}

const struct smtp_reply *smtp_dsn_notify(struct smtp_engine *e, struct span value)
{
    unsigned notify = 0;
    bool goes_on;
    do {
        goes_on = span_find(value, ',') < value.len; /* a comma at the end has nothing behind it */
        unsigned bit = notify_bit(span_cut(&value, ','));
        if (!bit)
            return &bad_notify;
        notify |= bit;
    } while (goes_on);
    if ((notify & SMTP_NOTIFY_NEVER) && notify != SMTP_NOTIFY_NEVER)
        return &bad_notify;
    e->envelope.asked.notify = notify;
    return NULL;
}

static bool decode_unitext(struct smtp_engine *e, struct span text, struct span *out)
{
    char *octets = arena_alloc(&e->command_arena, text.len);
    out->ptr = octets;
    return smtp_unitext_decode(text, e->envelope.smtputf8, octets, &out->len) && out->len > 0 &&
           !engine_has_controls(*out);
}

/* Of an address that is not ASCII Postfix makes xtext, not unitext, in whatever type it is. */
static bool is_address(const struct smtp_engine *e, struct span s)
{
    if (e->envelope.smtputf8)
        return s.len > 0 && utf8_is_valid(s) && !engine_has_controls(s);
    return is_printable(s);
}

static bool is_atom(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!smtp_is_atext((unsigned char)s.ptr[i]))
            return false;
    return s.len > 0;
}

const struct smtp_reply *smtp_dsn_orcpt(struct smtp_engine *e, struct span value)
{
    struct span text = value, address;
    struct span type = span_cut(&text, ';');
    if (value.len > MAX_ORCPT)
        return &long_orcpt;
    if (!is_atom(type) || text.len == 0)
        return &bad_orcpt;
    if (span_ieq(type, SPAN("utf-8"))) {
        if (!decode_unitext(e, text, &address))
            return &bad_unitext;
    } else if (!engine_decode_xtext(e, text, &address) || !is_address(e, address)) {
        return &bad_xtext;
    }
    e->envelope.asked.orcpt =
        span_of(arena_printf(&e->command_arena, "%.*s;%.*s", SPAN_ARG(type), SPAN_ARG(address)));
    return NULL;
}

/* XCLIENT, as Postfix's XCLIENT_README describes it: a proxy that is trusted tells whom it speaks
 * for. What it says is checked here and given to the host, which decides what to make of it; the
 * session begins anew with the greeting. */

#include "core/utf8.h"
#include "smtp/proto/address.h"
#include "smtp/proto/private.h"

enum { MAX_ATTRIBUTE = 255 };

static bool is_text(struct span *value)
{
    return value->len <= MAX_ATTRIBUTE && utf8_is_valid(*value) && !engine_has_controls(*value);
}

/* "192.0.2.1" or "IPV6:2001:db8::1", of which the address is kept. */
static bool is_address(struct span *value)
{
    struct span prefix = SPAN("IPV6:");
    if (!span_istarts_with(*value, prefix))
        return smtp_is_ipv4(*value);
    *value = span_slice(*value, prefix.len, value->len);
    return smtp_is_ipv6(*value);
}

static bool is_port(struct span *value)
{
    uint64_t port;
    return parse_u64(*value, &port) && port > 0 && port <= UINT16_MAX;
}

static bool is_protocol(struct span *value)
{
    return span_ieq(*value, SPAN("SMTP")) || span_ieq(*value, SPAN("ESMTP"));
}

static const struct attribute {
    const char *name;
    bool (*check)(struct span *value); /* may cut off what is not part of the value */
} attributes[SMTP_XCLIENT_ATTRIBUTES] = {
    [SMTP_XCLIENT_NAME] = { "NAME", is_text },
    [SMTP_XCLIENT_ADDR] = { "ADDR", is_address },
    [SMTP_XCLIENT_PORT] = { "PORT", is_port },
    [SMTP_XCLIENT_PROTO] = { "PROTO", is_protocol },
    [SMTP_XCLIENT_HELO] = { "HELO", is_text },
    [SMTP_XCLIENT_LOGIN] = { "LOGIN", is_text },
    [SMTP_XCLIENT_DESTADDR] = { "DESTADDR", is_address },
    [SMTP_XCLIENT_DESTPORT] = { "DESTPORT", is_port },
};

static const struct smtp_reply unknown = { 501, "5.5.4", "XCLIENT knows no such attribute" };

void engine_show_attributes(const struct smtp_engine *e, struct buf *out)
{
    (void)e;
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
        buf_printf(out, " %s", attributes[i].name);
}

/* "[UNAVAILABLE]" and "[TEMPUNAVAIL]" are given, and empty. */
static const struct smtp_reply *take(struct smtp_engine *e, size_t i, struct span text)
{
    struct smtp_xclient_value *out = &e->xclient.values[i];
    struct span value;
    if (out->is_given)
        return engine_refusal(e, 501, "5.5.4", "%s is given twice", attributes[i].name);
    out->is_given = true;
    if (span_ieq(text, SPAN("[UNAVAILABLE]")) || span_ieq(text, SPAN("[TEMPUNAVAIL]")))
        return NULL;
    if (!engine_decode_xtext(e, text, &value) || !value.len || !attributes[i].check(&value))
        return engine_refusal(e, 501, "5.5.4", "Bad value of %s", attributes[i].name);
    out->text = value;
    return NULL;
}

static const struct smtp_reply *take_word(struct smtp_engine *e, struct span word)
{
    struct span value = word;
    struct span name = span_cut(&value, '=');
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
        if (span_ieq(name, span_of(attributes[i].name)))
            return take(e, i, value);
    return &unknown;
}

enum smtp_event engine_run_xclient(struct smtp_engine *e, struct span args)
{
    const struct smtp_reply *refusal = NULL;
    e->xclient = (struct smtp_xclient){ 0 };
    while (args.len && !refusal) {
        struct span word = span_cut(&args, ' ');
        if (word.len)
            refusal = take_word(e, word);
    }
    if (refusal)
        return engine_refuse(e, refusal);
    e->login = (struct smtp_login){ .username = e->xclient.values[SMTP_XCLIENT_LOGIN].text };
    return engine_ask(e, SMTP_ASK_XCLIENT);
}

/* The name that logged in at the proxy counts as if it had logged in here. */
void engine_accept_xclient(struct smtp_engine *e)
{
    struct span login = e->login.username;
    engine_end_login(e);
    engine_forget_client(e);
    if (login.len)
        e->envelope.username = (struct span){ arena_copy(&e->identity, login), login.len };
}

const struct smtp_xclient *smtp_engine_xclient(const struct smtp_engine *e)
{
    return &e->xclient;
}

#include "smtp/proto/address.h"
#include "smtp/proto/params.h"
#include "smtp/proto/private.h"

/* MAIL and RCPT. */

enum { USUAL_LOCAL_PART = 64 }; /* octets every server takes: RFC 5321 4.5.3.1.1 */

static const char needs_smtputf8[] = "A non-ASCII address needs SMTPUTF8 in MAIL FROM";
static const struct smtp_reply too_many_rcpts = { 452, "4.5.3", "Too many recipients" };

/* Takes "FROM:<path>" or "TO:<path>" and the spaces behind it. */
static bool take_path(struct smtp_engine *e, struct span keyword, struct span *args,
                      struct span *path)
{
    if (!span_istarts_with(*args, keyword))
        return false;
    struct span behind = span_slice(*args, keyword.len, args->len);
    struct span rest = span_trim(behind);
    bool has_space = rest.len < behind.len;
    if (!smtp_path_take(&rest, path) || (rest.len && *rest.ptr != ' '))
        return false;
    if (has_space)
        engine_note(e, SMTP_NOTE_SPACE_IN_PATH);
    *args = span_trim(rest);
    return true;
}

/* How a bad address is refused, and one that needs SMTPUTF8: RFC 6531 3.5. */
struct address_codes {
    int bad;
    const char *bad_enhanced;
    int non_ascii;
};

static const struct address_codes sender_codes = { 501, "5.1.7", 550 };
static const struct address_codes rcpt_codes = { 553, "5.1.3", 553 };

static const struct smtp_reply *take_address(struct smtp_engine *e, struct span path,
                                             const struct address_codes *codes, struct span *out)
{
    struct smtp_mailbox mailbox;
    const char *fault = smtp_mailbox_parse(path, &mailbox);
    if (fault)
        return engine_refusal(e, codes->bad, codes->bad_enhanced, "%s", fault);
    if (!mailbox.is_ascii && !e->envelope.smtputf8) {
        engine_note(e, SMTP_NOTE_NON_ASCII);
        return engine_refusal(e, codes->non_ascii, "5.6.7", "%s", needs_smtputf8);
    }
    if (mailbox.local_part.len > USUAL_LOCAL_PART)
        engine_note(e, SMTP_NOTE_LONG_LOCAL_PART);
    if (mailbox.has_route)
        engine_note(e, SMTP_NOTE_SOURCE_ROUTE);
    *out = mailbox.text;
    return NULL;
}

/* Parameters come first, for SMTPUTF8 decides what the address may be. */
static const struct smtp_reply *parse_mail(struct smtp_engine *e, struct span args)
{
    struct span path;
    if (!take_path(e, SPAN("FROM:"), &args, &path))
        return engine_bad_syntax(e);
    const struct smtp_reply *refusal = smtp_params_of_mail(e, args);
    if (refusal || path.len == 0) /* <>: nobody, as notifications are sent */
        return refusal;
    return take_address(e, path, &sender_codes, &e->envelope.from);
}

enum smtp_event engine_run_mail(struct smtp_engine *e, struct span args)
{
    size_t most = e->config->limits.mails;
    if (most && e->mails >= most) { /* it was told so: RFC 9422 */
        engine_reply(e, 421, "4.7.0", "%s Too many messages in this session", e->config->hostname);
        return engine_close(e);
    }
    const struct smtp_reply *refusal = parse_mail(e, args);
    if (!refusal)
        return engine_ask(e, SMTP_ASK_MAIL);
    engine_reset(e);
    return engine_refuse(e, refusal);
}

/* RFC 5321 4.1.1.3: <Postmaster> alone needs no domain. */
static const struct smtp_reply *parse_rcpt(struct smtp_engine *e, struct span args)
{
    struct span path;
    if (!take_path(e, SPAN("TO:"), &args, &path))
        return engine_bad_syntax(e);
    const struct smtp_reply *refusal = smtp_params_of_rcpt(e, args);
    if (refusal)
        return refusal;
    if (!span_ieq(path, SPAN("postmaster")))
        return take_address(e, path, &rcpt_codes, &e->envelope.asked.address);
    e->envelope.asked.address = path;
    return NULL;
}

enum smtp_event engine_run_rcpt(struct smtp_engine *e, struct span args)
{
    const struct smtp_reply *refusal = parse_rcpt(e, args);
    if (!refusal && e->envelope.rcpt_count >= e->config->limits.recipients)
        refusal = &too_many_rcpts;
    if (!refusal)
        return engine_ask(e, SMTP_ASK_RCPT);
    engine_refuse_rcpt(e);
    return engine_refuse(e, refusal);
}

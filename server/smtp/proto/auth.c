/* Login: RFC 4954. What the client sends is decoded into the arena `secrets`, which is wiped when
 * the login is over, however it ends. */

#include "core/base64.h"
#include "core/utf8.h"
#include "smtp/proto/private.h"

#include <assert.h>
#include <string.h>

enum { MAX_USERNAME = 255, DIGEST_HEX = 32 };

/* One exchange of prompt and response. */
struct step {
    const char *prompt; /* NULL: the challenge made of the host's nonce */
    /* Takes the decoded response into e->login. NULL, or what is wrong with it. */
    const char *(*take)(struct smtp_engine *e, struct span response);
};

struct smtp_mechanism {
    const char *name;
    bool is_cleartext;    /* the password itself is sent */
    bool has_initial;     /* the client speaks first, so that AUTH may bring its response along */
    struct step steps[3]; /* ends in one that takes nothing */
};

/* ---- what responses say ---- */

/* Names go into logs, the API and the page. */
static const char *take_username(struct smtp_engine *e, struct span name)
{
    if (name.len == 0 || name.len > MAX_USERNAME)
        return "A user name has 1 to 255 octets";
    if (!utf8_is_valid(name) || engine_has_controls(name))
        return "A user name is UTF-8 without control characters";
    e->login.username = name;
    return NULL;
}

static const char *take_password(struct smtp_engine *e, struct span password)
{
    e->login.password = password;
    return NULL;
}

/* RFC 4616: [authzid] NUL authcid NUL passwd */
static const char *take_plain(struct smtp_engine *e, struct span response)
{
    struct span rest = response;
    struct span authzid = span_cut(&rest, '\0');
    struct span username = span_cut(&rest, '\0');
    size_t nuls = 0;
    for (size_t i = 0; i < response.len; i++)
        nuls += response.ptr[i] == '\0';
    if (nuls != 2)
        return "PLAIN is [authzid] NUL user NUL password";
    if (!utf8_is_valid(authzid) || engine_has_controls(authzid))
        return "An authorization identity is UTF-8 without control characters";
    e->login.authzid = authzid;
    e->login.password = rest;
    return take_username(e, username);
}

static bool is_hex(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!memchr("0123456789abcdefABCDEF", s.ptr[i], 22))
            return false;
    return true;
}

/* RFC 2195: the user name, which may have spaces, and the digest in hexadecimal */
static const char *take_digest(struct smtp_engine *e, struct span response)
{
    size_t name_len = response.len > DIGEST_HEX ? response.len - DIGEST_HEX - 1 : response.len;
    struct span digest = span_slice(response, name_len + 1, response.len);
    if (digest.len != DIGEST_HEX || response.ptr[name_len] != ' ' || !is_hex(digest))
        return "CRAM-MD5 is user SP 32 hexadecimal digits";
    e->login.digest = digest;
    return take_username(e, span_slice(response, 0, name_len));
}

static const struct smtp_mechanism mechanisms[] = {
    { "PLAIN", true, true, { { "", take_plain } } },
    { "LOGIN", true, true, { { "Username:", take_username }, { "Password:", take_password } } },
    { "CRAM-MD5", false, false, { { NULL, take_digest } } },
};

/* ---- the exchange ---- */

static const struct smtp_reply unknown_mechanism = { 504, "5.5.4",
                                                     "Unrecognized authentication mechanism" };
static const struct smtp_reply needs_tls = {
    538, "5.7.11", "Encryption required for requested authentication mechanism"
};
static const struct smtp_reply no_initial = { 501, "5.7.0",
                                              "That mechanism takes no initial response" };
static const struct smtp_reply cancelled = { 501, "5.7.0", "Authentication cancelled" };
static const struct smtp_reply not_base64 = { 501, "5.5.2", "Cannot decode as base64" };
const struct smtp_reply engine_auth_too_long = { 500, "5.5.6",
                                                 "Authentication exchange line is too long" };

static bool is_clear(const struct smtp_engine *e, const struct smtp_mechanism *m)
{
    return m->is_cleartext && !(e->peer & SMTP_PEER_ENCRYPTED);
}

void engine_show_mechanisms(const struct smtp_engine *e, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
        if (!e->config->auth_needs_tls || !is_clear(e, &mechanisms[i]))
            buf_printf(out, " %s", mechanisms[i].name);
}

void engine_end_login(struct smtp_engine *e)
{
    arena_wipe(&e->secrets);
    e->login = (struct smtp_login){ 0 };
    e->mechanism = NULL;
}

static enum smtp_event fail(struct smtp_engine *e, const struct smtp_reply *refusal)
{
    engine_end_login(e);
    e->mode = MODE_COMMAND;
    return engine_refuse(e, refusal);
}

static enum smtp_event prompt(struct smtp_engine *e, struct span text)
{
    struct buf encoded AUTO(buf_done) = { 0 };
    base64_encode(&encoded, text);
    e->mode = MODE_AUTH;
    return engine_reply(e, 334, NULL, "%s", buf_text(&encoded));
}

static enum smtp_event begin_step(struct smtp_engine *e)
{
    const struct step *step = &e->mechanism->steps[e->login_step];
    if (!step->take) {
        e->mode = MODE_COMMAND;
        return engine_ask(e, SMTP_ASK_AUTH);
    }
    return step->prompt ? prompt(e, span_of(step->prompt)) : engine_ask(e, SMTP_ASK_NONCE);
}

static enum smtp_event take_response(struct smtp_engine *e, struct span text)
{
    char *bytes = arena_alloc(&e->secrets, BASE64_ROOM(text.len));
    size_t len;
    if (!base64_decode(text, bytes, &len))
        return fail(e, &not_base64);
    const char *fault = e->mechanism->steps[e->login_step++].take(e, (struct span){ bytes, len });
    if (fault)
        return fail(e, engine_refusal(e, 501, "5.5.2", "%s", fault));
    return begin_step(e);
}

enum smtp_event engine_run_auth(struct smtp_engine *e, struct span args)
{
    struct span name = span_cut(&args, ' ');
    struct span initial = span_trim(args);
    size_t i = 0;
    while (i < ARRAY_LEN(mechanisms) && !span_ieq(name, span_of(mechanisms[i].name)))
        i++;
    if (i == ARRAY_LEN(mechanisms))
        return fail(e, &unknown_mechanism);
    e->mechanism = &mechanisms[i];
    if (e->config->auth_needs_tls && is_clear(e, e->mechanism))
        return fail(e, &needs_tls);
    if (initial.len && !e->mechanism->has_initial)
        return fail(e, &no_initial);
    if (is_clear(e, e->mechanism))
        engine_note_lasting(e, SMTP_NOTE_CLEARTEXT_LOGIN);
    e->login = (struct smtp_login){ .mechanism = e->mechanism->name };
    e->login_step = 0;
    if (initial.len == 0)
        return begin_step(e);
    return take_response(e, span_eq(initial, SPAN("=")) ? SPAN("") : initial);
}

static enum smtp_event take_line(struct smtp_engine *e)
{
    struct span text = smtp_line_text(&e->line);
    if (e->line.is_too_long)
        return fail(e, &engine_auth_too_long);
    return span_eq(text, SPAN("*")) ? fail(e, &cancelled) : take_response(e, text);
}

enum smtp_event engine_read_auth(struct smtp_engine *e, struct span *in)
{
    enum smtp_event event;
    if (!engine_has_line(e, in, SMTP_MAX_AUTH_LINE, &event))
        return event;
    event = take_line(e);
    smtp_line_wipe(&e->line);
    return event;
}

/* ---- the host's part ---- */

void smtp_engine_nonce(struct smtp_engine *e, const char *nonce)
{
    enum smtp_event question = engine_take_question(e);
    assert(question == SMTP_ASK_NONCE);
    (void)question;
    char *challenge = arena_printf(&e->secrets, "<%s@%s>", nonce, e->config->hostname);
    e->login.challenge = span_of(challenge);
    prompt(e, e->login.challenge);
}

const struct smtp_login *smtp_engine_login(const struct smtp_engine *e)
{
    return &e->login;
}

void engine_accept_login(struct smtp_engine *e)
{
    struct span name = e->login.username;
    e->envelope.username = (struct span){ arena_copy(&e->identity, name), name.len };
    engine_end_login(e);
}

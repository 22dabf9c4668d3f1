#include "smtp/proto/engine.h"

#include "smtp/proto/address.h"
#include "smtp/proto/private.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum {
    HELO_NOTES = SMTP_NOTE_HELO_NO_NAME | SMTP_NOTE_HELO_BARE_IP | SMTP_NOTE_HELO_UNQUALIFIED,
};

/* ---- life ---- */

struct smtp_engine *smtp_engine_new(const struct smtp_config *config, unsigned peer)
{
    struct smtp_engine *e = xcalloc(1, sizeof(*e));
    e->config = config;
    e->peer = peer;
    e->mode = MODE_COMMAND;
    e->phase = PHASE_HELLO;
    engine_put_greeting(e);
    return e;
}

void smtp_engine_free(struct smtp_engine *e)
{
    if (!e)
        return;
    buf_done(&e->out);
    smtp_line_wipe(&e->line);
    arena_wipe(&e->secrets);
    buf_done(&e->shown);
    arena_done(&e->command_arena);
    arena_done(&e->client);
    arena_done(&e->identity);
    arena_done(&e->transaction);
    free(e);
}

void smtp_engine_trust(struct smtp_engine *e)
{
    e->peer |= SMTP_PEER_TRUSTED;
}

/* ---- state ---- */

void engine_put_greeting(struct smtp_engine *e)
{
    engine_reply(e, 220, NULL, "%s ESMTP Mailstop", e->config->hostname);
}

bool engine_offers(const struct smtp_engine *e, unsigned cap)
{
    unsigned caps = e->config->caps & ~e->hidden;
    if (e->peer & SMTP_PEER_ENCRYPTED)
        caps &= ~(unsigned)SMTP_CAP_STARTTLS;
    if (e->envelope.username.len)
        caps &= ~(unsigned)SMTP_CAP_AUTH;
    if (!(e->peer & SMTP_PEER_TRUSTED))
        caps &= ~(unsigned)SMTP_CAP_XCLIENT;
    return (caps & cap) == cap;
}

void engine_note(struct smtp_engine *e, unsigned notes)
{
    e->notes |= notes;
    e->envelope.notes |= notes;
}

void engine_note_lasting(struct smtp_engine *e, unsigned notes)
{
    e->lasting_notes |= notes;
    engine_note(e, notes);
}

/* What survives is what HELO and AUTH said. */
void engine_reset(struct smtp_engine *e)
{
    arena_done(&e->transaction);
    e->rcpts = NULL;
    e->rcpt_room = 0;
    e->has_refused_rcpt = false;
    e->envelope = (struct smtp_envelope){ .helo = e->envelope.helo,
                                          .is_esmtp = e->envelope.is_esmtp,
                                          .username = e->envelope.username,
                                          .notes = e->lasting_notes };
    if (e->phase != PHASE_HELLO)
        e->phase = PHASE_IDLE;
}

void engine_forget_client(struct smtp_engine *e)
{
    e->phase = PHASE_HELLO;
    e->lasting_notes = 0;
    e->envelope = (struct smtp_envelope){ 0 };
    arena_done(&e->client);
    arena_done(&e->identity);
    engine_reset(e);
}

enum smtp_event engine_abandon(struct smtp_engine *e)
{
    bool has_body = e->phase == PHASE_CHUNK;
    engine_reset(e);
    return has_body ? SMTP_DISCARD : SMTP_NEED_INPUT;
}

enum smtp_event engine_greet(struct smtp_engine *e, struct span helo, bool is_esmtp)
{
    arena_done(&e->client);
    e->envelope.helo = (struct span){ arena_copy(&e->client, helo), helo.len };
    e->envelope.is_esmtp = is_esmtp;
    enum smtp_event event = engine_abandon(e);
    e->phase = PHASE_IDLE;
    e->lasting_notes &= ~(unsigned)HELO_NOTES;
    e->envelope.notes = e->lasting_notes;
    engine_note_lasting(e, smtp_helo_notes(helo));
    return event;
}

enum smtp_event engine_ask(struct smtp_engine *e, enum smtp_event question)
{
    e->question = question;
    return question;
}

enum smtp_event engine_close(struct smtp_engine *e)
{
    e->mode = MODE_CLOSED;
    return SMTP_CLOSE;
}

/* ---- readers, one for each mode ---- */

static const struct smtp_reply line_too_long = { 500, "5.5.2", "Command line too long" };

static bool is_new_line(const struct smtp_engine *e)
{
    return e->line.bytes.len == 0 || e->line.is_complete;
}

/* What it means that a line begins while the reply to the one before has not left. */
static unsigned note_of_haste(const struct smtp_engine *e)
{
    if (!e->envelope.is_esmtp || !engine_offers(e, SMTP_CAP_PIPELINING))
        return SMTP_NOTE_EARLY_COMMAND;
    return engine_ends_group(e) ? SMTP_NOTE_BEYOND_GROUP : 0;
}

bool engine_has_line(struct smtp_engine *e, struct span *in, size_t max_bytes,
                     enum smtp_event *event)
{
    *event = SMTP_NEED_INPUT;
    bool was_told = e->is_line_told;
    if (!was_told && in->len && e->out.len && is_new_line(e))
        engine_note(e, note_of_haste(e));
    if (!was_told && smtp_line_read(&e->line, in, max_bytes) == SMTP_LINE_NEED_INPUT)
        return false;
    e->is_line_told = e->config->wants_lines && !was_told;
    if (e->is_line_told) {
        *event = SMTP_LINE;
        return false;
    }
    if (smtp_line_ends_bare(&e->line))
        engine_note(e, SMTP_NOTE_BARE_LF_COMMAND);
    return true;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool is_auth(struct span line)
{
    return span_istarts_with(line, SPAN("AUTH"));
}

/* AUTH may be longer than other commands (RFC 4954 4), and which it is shows in the line. */
static const struct smtp_reply *refuse_length(const struct smtp_engine *e)
{
    if (is_auth(buf_span(&e->line.bytes)))
        return e->line.is_too_long ? &engine_auth_too_long : NULL;
    return e->line.bytes.len > e->config->limits.command_line_bytes ? &line_too_long : NULL;
}

static enum smtp_event read_command(struct smtp_engine *e, struct span *in)
{
    enum smtp_event event;
    size_t max_bytes = larger(e->config->limits.command_line_bytes + 1, SMTP_MAX_AUTH_LINE);
    if (!engine_has_line(e, in, max_bytes, &event))
        return event;
    struct span line = smtp_line_text(&e->line);
    const struct smtp_reply *refusal = refuse_length(e);
    e->is_near_login = is_auth(line) || (e->is_near_login && !engine_knows_verb(line));
    e->command = NULL;
    event = refusal ? engine_refuse(e, refusal) : engine_run_command(e, line);
    if (e->line.total_bytes > engine_usual_line(e))
        engine_note(e, SMTP_NOTE_LONG_COMMAND);
    if (e->is_near_login)
        smtp_line_wipe(&e->line);
    return event;
}

static enum smtp_event read_step(struct smtp_engine *e, struct span *in)
{
    (void)in;
    e->mode = MODE_COMMAND;
    return engine_run_step(e);
}

static enum smtp_event read_tls_due(struct smtp_engine *e, struct span *in)
{
    (void)in;
    e->mode = MODE_TLS;
    return SMTP_STARTTLS;
}

static enum smtp_event swallow(struct span *in)
{
    *in = span_slice(*in, in->len, in->len);
    return SMTP_NEED_INPUT;
}

/* Commands sent in the clear behind STARTTLS must not be run as if they had come through TLS. */
static enum smtp_event read_tls(struct smtp_engine *e, struct span *in)
{
    if (in->len)
        engine_note(e, SMTP_NOTE_TEXT_BEHIND_STARTTLS);
    return swallow(in);
}

static enum smtp_event read_closing(struct smtp_engine *e, struct span *in)
{
    (void)in;
    return engine_close(e);
}

static enum smtp_event read_closed(struct smtp_engine *e, struct span *in)
{
    (void)e;
    return swallow(in);
}

typedef enum smtp_event reader(struct smtp_engine *e, struct span *in);

static reader *const readers[] = {
    [MODE_COMMAND] = read_command,
    [MODE_STEP] = read_step,
    [MODE_AUTH] = engine_read_auth,
    [MODE_DATA] = engine_read_data,
    [MODE_CHUNK] = engine_read_chunk,
    [MODE_TLS_DUE] = read_tls_due,
    [MODE_TLS] = read_tls,
    [MODE_CLOSING] = read_closing,
    [MODE_CLOSED] = read_closed,
};

/* A reader returns SMTP_NEED_INPUT when it has nothing to tell the host. */
enum smtp_event smtp_engine_next(struct smtp_engine *e, struct span *in)
{
    assert(e->question == SMTP_NEED_INPUT);
    enum smtp_event event;
    do
        event = readers[e->mode](e, in);
    while (event == SMTP_NEED_INPUT && in->len);
    return event;
}

/* ---- from outside ---- */

/* RFC 3207 4.2: "The server MUST discard any knowledge obtained from the client". What it did wrong
 * is still told to whoever looks at the session. */
void smtp_engine_tls_started(struct smtp_engine *e)
{
    assert(e->mode == MODE_TLS);
    e->peer |= SMTP_PEER_ENCRYPTED;
    e->mode = MODE_COMMAND;
    engine_forget_client(e);
}

void smtp_engine_end(struct smtp_engine *e, const struct smtp_reply *reply)
{
    if (e->mode < MODE_MUTE)
        engine_say(e, reply);
    engine_end_login(e);
    e->question = SMTP_NEED_INPUT;
    e->mode = MODE_CLOSED;
}

void smtp_engine_hide(struct smtp_engine *e, unsigned caps)
{
    e->hidden = caps;
}

/* ---- views ---- */

const struct smtp_step *smtp_engine_step(const struct smtp_engine *e)
{
    return &e->step;
}

static enum smtp_shown kind_of_line(const struct smtp_engine *e, struct span line)
{
    if (e->mode == MODE_AUTH)
        return SMTP_SHOWN_RESPONSE;
    if (engine_knows_verb(line) || is_auth(line))
        return SMTP_SHOWN_COMMAND;
    return e->is_near_login ? SMTP_SHOWN_RESPONSE : SMTP_SHOWN_UNKNOWN;
}

struct span smtp_engine_line(struct smtp_engine *e)
{
    struct span line = smtp_line_octets(&e->line);
    uint64_t size = smtp_line_size(&e->line);
    enum smtp_shown kind = kind_of_line(e, smtp_line_text(&e->line));
    if (smtp_shown_is_plain(kind, line, size))
        return line;
    buf_clear(&e->shown);
    smtp_shown_append(&e->shown, kind, line, size);
    return buf_span(&e->shown);
}

struct span smtp_engine_body(const struct smtp_engine *e)
{
    return e->body;
}

uint64_t smtp_engine_octets(const struct smtp_engine *e)
{
    return e->octets;
}

struct buf *smtp_engine_output(struct smtp_engine *e)
{
    return &e->out;
}

const struct smtp_envelope *smtp_engine_envelope(const struct smtp_engine *e)
{
    return &e->envelope;
}

unsigned smtp_engine_notes(const struct smtp_engine *e)
{
    return e->notes;
}

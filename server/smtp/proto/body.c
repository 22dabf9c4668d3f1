/* The message: DATA with its dots, and BDAT with its chunks (RFC 3030).
 *
 * BDAT says how many octets follow it, whatever becomes of it. A size that cannot be read ends the
 * session, or the octets would be taken for commands; any other refusal is said behind them. */

#include "smtp/proto/private.h"

#include <inttypes.h>

/* No message is that large, and to read past more would take for ever. */
#define MAX_CHUNK_BYTES UINT32_MAX

static const struct smtp_reply needs_bdat = { 503, "5.5.1", "BODY=BINARYMIME needs BDAT" };
static const struct smtp_reply bad_chunk = { 501, "5.5.4", "Syntax: BDAT size [LAST]; closing" };
static const struct smtp_reply chunk_failed = { 503, "5.5.1",
                                                "A chunk before this one failed; send RSET" };

/* ---- what both share ---- */

static void begin_body(struct smtp_engine *e)
{
    e->text = (struct smtp_text){ 0 };
    e->body_bytes = 0;
    e->is_discarding = false;
}

static void note_text(struct smtp_engine *e)
{
    if (e->text.notes & ~e->envelope.notes)
        engine_note(e, e->text.notes);
    e->envelope.lines = e->text.lines;
}

static void look_at_body(struct smtp_engine *e)
{
    if (e->envelope.body == SMTP_BODY_BINARYMIME) /* it has no lines */
        return;
    smtp_text_look(&e->text, e->body);
    note_text(e);
}

/* The first octets too many discard the message; the rest is read past, or it would be taken for
 * commands. What is looked at must not depend on where the stream was cut, so all is. */
static enum smtp_event take_body(struct smtp_engine *e)
{
    look_at_body(e);
    e->commands = 0;
    if (e->is_discarding)
        return SMTP_NEED_INPUT;
    if (e->body.len > e->config->limits.message_bytes - e->body_bytes) {
        e->is_discarding = true;
        return SMTP_DISCARD;
    }
    e->body_bytes += e->body.len;
    return SMTP_BODY;
}

static enum smtp_event refuse_size(struct smtp_engine *e)
{
    engine_reset(e);
    return engine_reply(e, 552, "5.3.4", "The message has more than %" PRIu64 " octets",
                        e->config->limits.message_bytes);
}

static enum smtp_event end_body(struct smtp_engine *e)
{
    if (e->envelope.body != SMTP_BODY_BINARYMIME)
        smtp_text_end(&e->text);
    note_text(e);
    return engine_ask(e, SMTP_ASK_MESSAGE);
}

/* ---- DATA ---- */

enum smtp_event engine_run_data(struct smtp_engine *e, struct span args)
{
    (void)args;
    if (e->envelope.body == SMTP_BODY_BINARYMIME)
        return engine_refuse(e, &needs_bdat);
    begin_body(e);
    e->dot = (struct smtp_dot){ 0 };
    e->mode = MODE_DATA;
    e->is_body_awaited = true;
    return engine_reply(e, 354, NULL, "End data with <CR><LF>.<CR><LF>");
}

static enum smtp_event end_data(struct smtp_engine *e)
{
    e->mode = MODE_COMMAND;
    e->command = NULL; /* the text may begin a group: RFC 2920 3.1 */
    return e->is_discarding ? refuse_size(e) : end_body(e);
}

enum smtp_event engine_read_data(struct smtp_engine *e, struct span *in)
{
    if (e->is_body_awaited && in->len) {
        e->is_body_awaited = false;
        if (e->out.len)
            engine_note(e, SMTP_NOTE_EARLY_DATA);
    }
    switch (smtp_dot_read(&e->dot, in, &e->body)) {
    case SMTP_DOT_OCTETS: e->octets += e->body.len; return take_body(e);
    case SMTP_DOT_END: return end_data(e);
    case SMTP_DOT_NEED_INPUT: break;
    }
    return SMTP_NEED_INPUT;
}

/* ---- BDAT ---- */

static enum smtp_event end_chunk(struct smtp_engine *e)
{
    const struct smtp_chunk chunk = e->chunk;
    e->mode = MODE_COMMAND;
    e->has_failed_chunk = (chunk.refusal || e->is_discarding) && !chunk.is_last;
    if (chunk.refusal == &chunk_failed) /* a pipelined one is nothing that the client did wrong */
        return engine_reply(e, chunk_failed.code, chunk_failed.enhanced, "%s", chunk_failed.text);
    if (chunk.is_hosts) {
        engine_say(e, chunk.refusal);
        return chunk.refusal->code == 421 ? engine_close(e) : SMTP_NEED_INPUT;
    }
    if (chunk.refusal)
        return engine_refuse(e, chunk.refusal);
    if (e->is_discarding)
        return refuse_size(e);
    if (chunk.is_last)
        return end_body(e);
    e->phase = PHASE_CHUNK;
    return engine_reply(e, 250, "2.0.0", "%" PRIu64 " octets received", chunk.bytes);
}

enum smtp_event engine_read_chunk(struct smtp_engine *e, struct span *in)
{
    if (e->chunk.left == 0)
        return end_chunk(e);
    size_t len = e->chunk.left < in->len ? (size_t)e->chunk.left : in->len;
    e->body = span_slice(*in, 0, len);
    *in = span_slice(*in, len, in->len);
    e->chunk.left -= len;
    e->octets += len;
    enum smtp_event event = len && !e->chunk.refusal ? take_body(e) : SMTP_NEED_INPUT;
    return event == SMTP_NEED_INPUT && e->chunk.left == 0 ? end_chunk(e) : event;
}

static bool parse_chunk(struct span args, struct smtp_chunk *out, struct span *behind)
{
    uint64_t bytes;
    if (!parse_u64(span_cut(&args, ' '), &bytes) || bytes > MAX_CHUNK_BYTES)
        return false;
    *behind = span_trim(args);
    *out = (struct smtp_chunk){ .bytes = bytes,
                                .left = bytes,
                                .is_last = span_ieq(*behind, SPAN("LAST")) };
    return true;
}

enum smtp_event engine_run_bdat(struct smtp_engine *e, struct span args)
{
    struct span behind;
    if (!parse_chunk(args, &e->chunk, &behind)) {
        engine_reply(e, bad_chunk.code, bad_chunk.enhanced, "%s", bad_chunk.text);
        return engine_close(e);
    }
    e->chunk.refusal = e->has_failed_chunk ? &chunk_failed : e->payload_refusal;
    e->chunk.is_hosts = e->is_payload_refused_by_host;
    if (!e->chunk.refusal && behind.len && !e->chunk.is_last)
        e->chunk.refusal = engine_bad_syntax(e);
    e->mode = MODE_CHUNK;
    if (!e->chunk.refusal && e->phase == PHASE_RCPT)
        begin_body(e);
    enum smtp_event event = SMTP_NEED_INPUT;
    if (e->chunk.refusal && e->phase == PHASE_CHUNK)
        event = engine_abandon(e); /* what came before it is of no use without it */
    return event == SMTP_NEED_INPUT && e->chunk.left == 0 ? end_chunk(e) : event;
}

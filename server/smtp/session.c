#include "smtp/session.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "warnings/warnings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- all of them ---- */

enum {
    BEAT_MS = 25,   /* how long ends wait for each other */
    YOUNG_MS = 500, /* how long a session lasts before it is reported open */
    SILENT_A_SECOND = 200,
    SILENT_AT_ONCE = 2000,
    REFUSED_A_SECOND = 1,
    REFUSED_AT_ONCE = 10,
    PIECE = 4096, /* octets; what counts as one of them */
    SECOND_US = 1000000,
    MINUTE_US = 60 * SECOND_US,
};

static struct store_report *report_of(struct list *link)
{
    return container_of(link, struct store_report, link);
}

static struct session *young_of(struct list *link)
{
    return container_of(link, struct session, young);
}

/* Together: each transaction of the store costs more than what is in it. */
static void give_reports(struct sessions *all)
{
    while (!list_is_empty(&all->reports)) {
        struct store_report *r = report_of(all->reports.next);
        list_remove(&r->link);
        store_session_report(all->store, r);
    }
}

static void report(struct session *s, enum store_outcome outcome);

static void report_lasting(struct sessions *all)
{
    uint64_t now_us = clock_steady_us();
    while (!list_is_empty(&all->young)) {
        struct session *s = young_of(all->young.next);
        if (now_us - s->transcript.begun_us < (uint64_t)YOUNG_MS * 1000)
            return;
        list_remove(&s->young);
        report(s, STORE_OPEN);
    }
}

static void on_beat(uv_timer_t *beat)
{
    struct sessions *all = beat->data;
    report_lasting(all);
    give_reports(all);
    if (list_is_empty(&all->young))
        (void)uv_timer_stop(beat);
}

static void wake(struct sessions *all)
{
    if (!uv_is_active((uv_handle_t *)&all->beat))
        (void)uv_timer_start(&all->beat, on_beat, BEAT_MS, BEAT_MS);
}

void sessions_start(struct sessions *all, uv_loop_t *loop, struct store *store)
{
    *all = (struct sessions){
        .store = store,
        .silent.allowance = { .each_us = SECOND_US / SILENT_A_SECOND, .at_once = SILENT_AT_ONCE },
        .refused.allowance = { .each_us = SECOND_US / REFUSED_A_SECOND,
                               .at_once = REFUSED_AT_ONCE },
    };
    list_init(&all->young);
    list_init(&all->reports);
    (void)uv_timer_init(loop, &all->beat);
    all->beat.data = all;
}

void sessions_stop(struct sessions *all)
{
    give_reports(all);
    uv_close((uv_handle_t *)&all->beat, NULL);
}

/* ---- reports ---- */

static const char *copy(struct arena *arena, struct span text)
{
    return text.len ? arena_copy(arena, text) : NULL;
}

static struct store_client client_of(const struct session *s, struct arena *arena)
{
    const struct smtp_envelope *e = smtp_engine_envelope(s->engine);
    struct store_client client = session_client(s);
    client.ip = arena_strdup(arena, client.ip);
    client.helo = copy(arena, e->helo);
    client.tls = arena_strdup(arena, client.tls);
    client.cipher = arena_strdup(arena, client.cipher);
    client.username = copy(arena, e->username);
    return client;
}

static void warn(struct store_report *r, unsigned notes)
{
    const struct store_message client = { .client = r->session.client };
    const struct warning_facts facts = { .message = &client, .notes = notes };
    struct warnings found = warnings_of_session(&facts, &r->arena);
    r->session.warnings = found.items;
    r->session.warning_count = found.count;
}

static struct span take(struct arena *arena, const struct buf *entries)
{
    return (struct span){ arena_copy(arena, buf_span(entries)), entries->len };
}

/* What went with a message is with the message. */
static void put_dialogue(struct session *s, struct store_report *r)
{
    struct buf opening AUTO(buf_done) = { 0 }, closing AUTO(buf_done) = { 0 };
    transcript_copy_opening(&s->transcript, &opening);
    if (s->message_count == 0)
        buf_append(&closing, buf_span(&opening));
    transcript_copy_rest(&s->transcript, &closing);
    r->closing = take(&r->arena, &closing);
    if (s->is_over || s->is_opening_reported || !s->transcript.is_begun)
        return; /* one that grows would not be what the first message's piece begins with */
    r->opening = take(&r->arena, &opening);
    s->is_opening_reported = true;
}

static void note(struct session *s, const char *text)
{
    transcript_note(&s->transcript, clock_steady_us(), text);
}

static void note_left_out(struct session *s, struct quota *q)
{
    if (q->left_out)
        note(s, arena_printf(&s->arena,
                             "Not recorded before this one: %llu sessions without a message, "
                             "which came too fast",
                             (unsigned long long)q->left_out));
    q->left_out = 0;
}

static void leave_out(struct session *s, struct quota *q)
{
    uint64_t now_us = clock_steady_us();
    if (!s->is_over)
        return; /* it may be recorded yet */
    q->left_out++;
    if (q->said_us && now_us - q->said_us < MINUTE_US)
        return;
    q->said_us = now_us;
    log_warn("smtp", "sessions without a message come too fast; not all are recorded",
             log_str("ip", s->stream->ip));
}

/* Scanners and floods do not get to fill the database. */
static bool may_report(struct session *s)
{
    struct quota *q = s->is_refused ? &s->all->refused : &s->all->silent;
    if (s->message_count || s->is_reported)
        return true;
    uint64_t pieces = 1 + transcript_len(&s->transcript) / PIECE;
    if (allowance_take(&q->allowance, clock_steady_us(), pieces)) {
        note_left_out(s, q);
        return true;
    }
    leave_out(s, q);
    return false;
}

/* A client that leaves after its messages, without QUIT, is one with a pool of connections. */
static bool is_failed(const struct session *s, enum store_outcome outcome)
{
    if (s->refusal.reply)
        return true;
    if (outcome == STORE_DROPPED && s->message_count)
        return smtp_engine_envelope(s->engine)->rcpt_count > 0;
    return outcome != STORE_OPEN && outcome != STORE_QUIT;
}

static void report(struct session *s, enum store_outcome outcome)
{
    if (!may_report(s))
        return;
    s->is_reported = true;
    struct store_report *r = store_report_new();
    r->session = (struct store_session){
        .id = s->id,
        .inbox_id = s->inbox_id,
        .started_at_ms = s->started_at_ms,
        .client = client_of(s, &r->arena),
        .outcome = outcome,
        .is_failed = is_failed(s, outcome),
        .refusal = { arena_strdup(&r->arena, s->refusal.command),
                     arena_strdup(&r->arena, s->refusal.reply) },
        .is_truncated = s->transcript.is_truncated,
        .message_count = s->message_count,
    };
    if (s->is_over) {
        r->session.ended_at_ms = clock_now_ms();
        r->session.bytes_in = s->stream->bytes_in;
        r->session.bytes_out = s->stream->bytes_out;
    }
    warn(r, smtp_engine_notes(s->engine));
    put_dialogue(s, r);
    list_append(&s->all->reports, &r->link);
    wake(s->all);
}

/* ---- one ---- */

void session_start(struct session *s, struct sessions *all, struct net_stream *stream,
                   struct smtp_engine *engine)
{
    *s = (struct session){
        .all = all,
        .stream = stream,
        .engine = engine,
        .id = store_session_id(all->store),
        .inbox_id = STORE_DEFAULT_INBOX,
        .started_at_ms = clock_now_ms(),
    };
    transcript_start(&s->transcript, &all->held, clock_steady_us());
    list_append(&all->young, &s->young);
    wake(all);
}

void session_done(struct session *s)
{
    list_remove(&s->young);
    transcript_done(&s->transcript);
    arena_done(&s->arena);
}

static void put_warning(struct session *s, const struct store_warning *w)
{
    char text[256];
    snprintf(text, sizeof(text), "Warning %s: %s (%s)", w->code, w->detail, w->reference);
    note(s, text);
}

/* What was noted in one transaction may be noted anew in the next. */
static void take_notes(struct session *s, unsigned which)
{
    unsigned all = smtp_engine_notes(s->engine) & which;
    unsigned now = smtp_engine_envelope(s->engine)->notes & which;
    unsigned fresh = (all & ~s->noted) | (now & ~s->noted_now);
    struct store_warning w;
    s->noted = all | (s->noted & ~which);
    s->noted_now = now | (s->noted_now & ~which);
    while (warnings_take_note(&fresh, &w))
        put_warning(s, &w);
}

/* These are noted when a line has begun to come. */
enum { OF_NEXT_LINE = SMTP_NOTE_EARLY_COMMAND | SMTP_NOTE_BEYOND_GROUP };

void session_take_notes(struct session *s)
{
    take_notes(s, ~(unsigned)OF_NEXT_LINE);
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* What goes on with a login is masked, and no command. */
static void take_command(struct session *s, struct span line)
{
    size_t len = 0;
    while (len < line.len && len < sizeof(s->asked) - 1 && is_letter(line.ptr[len]))
        len++;
    if (len == 0)
        return;
    for (size_t i = 0; i < len; i++)
        s->asked[i] = (char)(line.ptr[i] & ~0x20); /* upper case */
    s->asked[len] = '\0';
}

void session_take_line(struct session *s)
{
    take_command(s, smtp_engine_line(s->engine));
    transcript_client(&s->transcript, clock_steady_us(), smtp_engine_line(s->engine));
    take_notes(s, OF_NEXT_LINE);
}

static const char *asked_last(const struct session *s)
{
    if (s->transcript.data || s->transcript.is_data_told)
        return "end of data";
    return *s->asked ? s->asked : "connect";
}

enum { REFUSED_FROM = 400 };

/* `line` up to its end, which may be CR. */
static void take_refusal(struct session *s, int code, struct span line)
{
    if (code < REFUSED_FROM || s->refusal.reply)
        return;
    struct span reply = span_cut(&line, '\r');
    s->refusal = (struct store_refusal){ arena_strdup(&s->arena, asked_last(s)),
                                         arena_copy(&s->arena, reply) };
}

/* The last line of a reply has a space behind its code, or nothing. */
static void take_codes(struct session *s, struct span lines)
{
    while (lines.len) {
        struct span line = span_cut(&lines, '\n');
        uint64_t code;
        bool goes_on = line.len > 3 && line.ptr[3] == '-';
        if (goes_on || !parse_u64(span_slice(line, 0, 3), &code))
            continue;
        metric_add_code(metrics.smtp_replies, (int)code);
        take_refusal(s, (int)code, line);
    }
}

void session_take_replies(struct session *s)
{
    if (s->stream->is_tls_first && !s->tls)
        return; /* what waits for TLS is not said yet, and perhaps never */
    struct span out = buf_span(s->stream->out);
    uint64_t said = s->stream->bytes_out + out.len;
    assert(said <= s->taken + out.len);
    if (said > s->taken) {
        session_take_notes(s);
        struct span news = span_slice(out, out.len - (size_t)(said - s->taken), out.len);
        take_codes(s, news);
        transcript_server(&s->transcript, clock_steady_us(), news);
    }
    s->taken = said;
}

void session_take_data(struct session *s)
{
    uint64_t octets = smtp_engine_octets(s->engine);
    transcript_data(&s->transcript, octets - s->data);
    s->data = octets;
}

void session_fault(struct session *s, const char *what)
{
    transcript_fault(&s->transcript, clock_steady_us(), what);
}

void session_secure(struct session *s)
{
    struct tls_facts tls = net_stream_tls(s->stream);
    s->tls = arena_strdup(&s->arena, tls.version);
    s->cipher = arena_strdup(&s->arena, tls.cipher);
    metric_add(strcmp(s->tls, "TLS1.3") == 0 ? &metrics.smtp_tls_1_3 : &metrics.smtp_tls_1_2, 1);
    note(s, arena_printf(&s->arena, "TLS began: %s, %s", s->tls, s->cipher));
}

/* What is given twice replaces what was; NAME, PROTO, DESTADDR and DESTPORT are in the transcript,
 * and HELO is said again. */
void session_speak_for(struct session *s, const struct smtp_xclient *x)
{
    const struct smtp_xclient_value *addr = &x->values[SMTP_XCLIENT_ADDR];
    const struct smtp_xclient_value *port = &x->values[SMTP_XCLIENT_PORT];
    uint64_t number = 0;
    if (addr->is_given && !netaddr_normalize(addr->text, s->ip))
        (void)strcpy(s->ip, "unknown");
    if (port->is_given)
        s->port = parse_u64(port->text, &number) ? (unsigned)number : 0;
}

struct store_client session_client(const struct session *s)
{
    const struct net_stream *stream = s->stream;
    return (struct store_client){
        .ip = *s->ip ? s->ip : stream->ip,
        .port = (int)(*s->ip ? s->port : stream->port),
        .tls = s->tls,
        .cipher = s->cipher,
        .is_tls_implicit = stream->is_tls_first,
    };
}

static void copy_dialogue(struct session *s, struct store_delivery *d)
{
    struct buf dialogue AUTO(buf_done) = { 0 };
    if (s->message_count == 0)
        transcript_copy_opening(&s->transcript, &dialogue);
    transcript_copy_rest(&s->transcript, &dialogue);
    d->dialogue = take(&d->arena, &dialogue);
}

void session_deliver(struct session *s, struct store_delivery *d)
{
    if (!s->transcript.is_data_told) /* else a fault came in between */
        transcript_data_end(&s->transcript, clock_steady_us());
    session_take_notes(s);
    if (s->message_count && !s->is_opening_reported) {
        list_remove(&s->young);
        report(s, STORE_OPEN);
        give_reports(s->all); /* before the message, which needs the opening */
    }
    d->message.session_id = s->id;
    copy_dialogue(s, d);
}

void session_stored(struct session *s, const struct store_delivery *d)
{
    s->message_count += d->copies;
    s->inbox_id = d->message.inbox_id;
    transcript_drop_rest(&s->transcript);
}

void session_end(struct session *s, enum store_outcome outcome, const char *what)
{
    if (s->is_over)
        return;
    s->is_over = true;
    metric_add(&metrics.smtp_sessions[outcome], 1);
    list_remove(&s->young);
    session_take_notes(s);
    if (what)
        note(s, what);
    report(s, outcome);
}

/* What it was greeted with was not sent. */
void session_end_refused(struct session *s, const char *reply)
{
    s->is_refused = true;
    transcript_restart(&s->transcript);
    if (!s->stream->is_tls_first) { /* else it is not sent either */
        transcript_server(&s->transcript, s->transcript.begun_us, span_of(reply));
        take_refusal(s, s->transcript.last_code, span_of(reply));
    }
    session_end(s, STORE_REFUSED, "There was no room for another connection");
}

#pragma once
/* What the files of the engine share.
 *
 * Two variables say where a session stands. `phase` is the place in the order of commands of
 * RFC 5321 4.1.4, one bit each, so that a command's table row can name several. `mode` is what the
 * next octets are, and picks the reader for them.
 *
 * Memory: what belongs to HELO lives in the arena `client`, to a login in `identity`, to a
 * transaction in `transaction`, and each is emptied when its object is replaced. A question borrows
 * from the command line, or from what was decoded into `command_arena`, and only a yes copies. So
 * nothing grows when a client repeats itself. */

#include "core/arena.h"
#include "core/buf.h"
#include "smtp/proto/dot.h"
#include "smtp/proto/engine.h"
#include "smtp/proto/line.h"
#include "smtp/proto/shown.h"
#include "smtp/proto/text.h"

enum phase {
    PHASE_HELLO = 1 << 0, /* before HELO or EHLO */
    PHASE_IDLE = 1 << 1,
    PHASE_MAIL = 1 << 2,  /* a sender, no recipient yet */
    PHASE_RCPT = 1 << 3,  /* a sender and at least one recipient */
    PHASE_CHUNK = 1 << 4, /* a part of the message has come by BDAT */
    PHASE_ANY = PHASE_HELLO | PHASE_IDLE | PHASE_MAIL | PHASE_RCPT | PHASE_CHUNK,
};

enum mode {
    MODE_COMMAND,
    MODE_STEP,                /* a command may run */
    MODE_AUTH,                /* a response of the client: auth.c */
    MODE_DATA,                /* a dot-stuffed message */
    MODE_CHUNK,               /* octets that BDAT announced */
    MODE_MUTE,                /* in this and those below nothing may be said */
    MODE_TLS_DUE = MODE_MUTE, /* 220 is in the output, SMTP_STARTTLS is due */
    MODE_TLS,                 /* the handshake; what comes here is none of it */
    MODE_CLOSING,             /* the last reply is in the output, SMTP_CLOSE is due */
    MODE_CLOSED,
};

enum { REFUSAL_TEXT_SIZE = 128 };

/* The octets that BDAT announced. */
struct smtp_chunk {
    uint64_t bytes, left;
    bool is_last;
    const struct smtp_reply *refusal; /* to be said when they have come */
    bool is_hosts;                    /* which the host has made */
};

struct command; /* a row of the table in commands.c */

struct smtp_engine {
    const struct smtp_config *config;
    unsigned peer;   /* enum smtp_peer bits */
    unsigned hidden; /* enum smtp_cap bits */
    enum mode mode;
    enum phase phase;
    enum smtp_event question; /* the open ASK; SMTP_NEED_INPUT: none */
    struct buf out;
    size_t last_line; /* where the last line of the reply being written begins in `out` */
    struct smtp_line line;
    bool is_line_told;             /* SMTP_LINE was the last event: the line is yet to be taken */
    bool is_near_login;            /* AUTH came, and since then nothing that is a command */
    struct buf shown;              /* what smtp_engine_line() had to change */
    const struct command *command; /* the last one that came; NULL if unknown */
    struct smtp_step step;         /* how it came, if it was asked about */
    size_t errors, login_failures, mails, commands;
    unsigned notes;         /* of the session; those of the transaction are in the envelope */
    unsigned lasting_notes; /* those of HELO and AUTH, which outlive a transaction */

    struct arena client, identity, transaction, command_arena;
    struct smtp_envelope envelope;
    struct smtp_rcpt *rcpts; /* room for rcpt_room */
    size_t rcpt_room;
    bool has_refused_rcpt;

    struct arena secrets; /* of a login that is under way; wiped */
    struct smtp_login login;
    const struct smtp_mechanism *mechanism; /* a row of the table in auth.c */
    size_t login_step;
    struct smtp_xclient xclient;

    struct smtp_dot dot;
    struct smtp_chunk chunk;
    const struct smtp_reply *payload_refusal; /* of a command whose octets come all the same */
    bool is_payload_refused_by_host;
    struct smtp_text text;
    struct span body;
    uint64_t body_bytes;
    uint64_t octets;       /* of all messages */
    bool is_body_awaited;  /* DATA was answered and nothing has come yet */
    bool is_discarding;    /* the message went over the limit */
    bool has_failed_chunk; /* and the last was not among those that have come */

    struct smtp_reply refusal; /* what engine_refusal() made */
    char refusal_text[REFUSAL_TEXT_SIZE];
};

/* ---- replies: reply.c ---- */

/* One line of a reply; engine_end_reply() makes the line before it the last. */
void engine_put_line(struct smtp_engine *e, int code, const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void engine_end_reply(struct smtp_engine *e);

/* A reply of one line. Returns SMTP_NEED_INPUT: there is nothing to tell the host. */
enum smtp_event engine_reply(struct smtp_engine *e, int code, const char *enhanced,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A reply in as many lines as its text has. */
void engine_say(struct smtp_engine *e, const struct smtp_reply *reply);

/* Refuses a command. When it is one too many, 421 goes out instead and the session ends. */
enum smtp_event engine_refuse(struct smtp_engine *e, const struct smtp_reply *refusal);

/* A refusal whose text is made up here. Valid until the next one. */
const struct smtp_reply *engine_refusal(struct smtp_engine *e, int code, const char *enhanced,
                                        const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- state: engine.c ---- */

/* STARTTLS and AUTH are no longer offered once they have succeeded, XCLIENT not to everybody. */
bool engine_offers(const struct smtp_engine *e, unsigned cap);
void engine_note(struct smtp_engine *e, unsigned notes);
void engine_note_lasting(struct smtp_engine *e, unsigned notes);

/* Reads on until a line is complete, and tells the host if it wants to hear. True, once for each
 * line: it is to be taken now. False: *event is to be returned. */
bool engine_has_line(struct smtp_engine *e, struct span *in, size_t max_bytes,
                     enum smtp_event *event);

/* Begins a session as HELO does, with a copy of the name; returns as engine_abandon(). */
enum smtp_event engine_greet(struct smtp_engine *e, struct span helo, bool is_esmtp);

/* Forgets all that the client said: RFC 3207 4.2. */
void engine_forget_client(struct smtp_engine *e);

void engine_put_greeting(struct smtp_engine *e);

/* Forgets the transaction, as RSET does. */
void engine_reset(struct smtp_engine *e);

/* The same, and the event for the host: SMTP_DISCARD if it holds octets of a message. */
enum smtp_event engine_abandon(struct smtp_engine *e);

/* Opens a question and returns it. */
enum smtp_event engine_ask(struct smtp_engine *e, enum smtp_event question);

/* Closes the open question and returns it. */
enum smtp_event engine_take_question(struct smtp_engine *e);

/* Ends the session after the reply that is in the output; returns SMTP_CLOSE. */
enum smtp_event engine_close(struct smtp_engine *e);

/* ---- commands ---- */

/* Runs one command line, given without its end. */
enum smtp_event engine_run_command(struct smtp_engine *e, struct span line);

/* Runs the command that was asked about. */
enum smtp_event engine_run_step(struct smtp_engine *e);

/* The host refuses that: what comes of it. */
void engine_refuse_step(struct smtp_engine *e, const struct smtp_reply *reply);

/* The refusal of arguments that `command` does not understand. */
const struct smtp_reply *engine_bad_syntax(struct smtp_engine *e);

bool engine_has_controls(struct span s);

/* params.c: decodes into `command_arena`. False if it is no xtext. */
bool engine_decode_xtext(struct smtp_engine *e, struct span text, struct span *out);

/* Octets that the last command's line may have: RFC 5321 4.5.3.1.4, and what extensions add. */
size_t engine_usual_line(const struct smtp_engine *e);

/* Whether the last command may not have another behind it before its reply: RFC 2920 3.1. */
bool engine_ends_group(const struct smtp_engine *e);

/* Whether a command line begins with a verb that is known, offered or not. */
bool engine_knows_verb(struct span line);

/* hello.c */
enum smtp_event engine_run_helo(struct smtp_engine *e, struct span args);
enum smtp_event engine_run_ehlo(struct smtp_engine *e, struct span args);
enum smtp_event engine_run_starttls(struct smtp_engine *e, struct span args);

/* auth.c */
enum smtp_event engine_run_auth(struct smtp_engine *e, struct span args);
enum smtp_event engine_read_auth(struct smtp_engine *e, struct span *in);
void engine_accept_login(struct smtp_engine *e);

/* Wipes what is known of a login, if one is under way. */
void engine_end_login(struct smtp_engine *e);

/* What follows the keyword AUTH in the reply to EHLO. */
void engine_show_mechanisms(const struct smtp_engine *e, struct buf *out);

extern const struct smtp_reply engine_auth_too_long;

/* xclient.c */
enum smtp_event engine_run_xclient(struct smtp_engine *e, struct span args);
void engine_accept_xclient(struct smtp_engine *e);

/* What follows the keyword XCLIENT in the reply to EHLO. */
void engine_show_attributes(const struct smtp_engine *e, struct buf *out);

/* transaction.c */
enum smtp_event engine_run_mail(struct smtp_engine *e, struct span args);
enum smtp_event engine_run_rcpt(struct smtp_engine *e, struct span args);

/* Forgets the recipient in question. */
void engine_refuse_rcpt(struct smtp_engine *e);

/* body.c */
enum smtp_event engine_run_data(struct smtp_engine *e, struct span args);
enum smtp_event engine_read_data(struct smtp_engine *e, struct span *in);
enum smtp_event engine_run_bdat(struct smtp_engine *e, struct span args);
enum smtp_event engine_read_chunk(struct smtp_engine *e, struct span *in);

#pragma once
/* The SMTP server protocol (RFC 5321) without sockets, clocks or threads: bytes go in, reply
 * bytes and events come out. One engine serves one connection and is used by one thread.
 *
 *     while ((event = smtp_engine_next(e, &input)) != SMTP_NEED_INPUT)
 *         ...react to the event...
 *     ...write smtp_engine_output(e) to the client, then read more...
 *
 * How the bytes were split between reads never changes what comes out, SMTP_NOTES_OF_TIMING
 * excepted. */

#include "core/buf.h"
#include "core/span.h"

struct smtp_engine;

/* SMTP service extensions that may be offered, as bits. */
enum smtp_cap {
    SMTP_CAP_PIPELINING = 1 << 0,          /* RFC 2920 */
    SMTP_CAP_SIZE = 1 << 1,                /* RFC 1870 */
    SMTP_CAP_8BITMIME = 1 << 2,            /* RFC 6152 */
    SMTP_CAP_ENHANCEDSTATUSCODES = 1 << 3, /* RFC 2034 */
    SMTP_CAP_SMTPUTF8 = 1 << 4,            /* RFC 6531 */
    SMTP_CAP_STARTTLS = 1 << 5,            /* RFC 3207; the host can do the handshake */
    SMTP_CAP_AUTH = 1 << 6,                /* RFC 4954; the host checks who it is */
    SMTP_CAP_DSN = 1 << 7,                 /* RFC 3461: taken down, nothing is sent */
    SMTP_CAP_CHUNKING = 1 << 8,            /* RFC 3030: BDAT */
    SMTP_CAP_BINARYMIME = 1 << 9,          /* RFC 3030; offered together with CHUNKING alone */
    SMTP_CAP_LIMITS = 1 << 10,             /* RFC 9422 */
    SMTP_CAP_XCLIENT = 1 << 11,            /* Postfix's XCLIENT_README; offered to who is trusted */
};

/* What the host knows of the client before it speaks, as bits. */
enum smtp_peer {
    SMTP_PEER_ENCRYPTED = 1 << 0, /* TLS came first: there is no STARTTLS */
    SMTP_PEER_TRUSTED = 1 << 1,   /* may say by XCLIENT whom it speaks for */
};

struct smtp_limits {
    uint64_t message_bytes;    /* what SIZE announces; a larger message gets 552 */
    size_t recipients;         /* per transaction; more get 452 4.5.3 */
    size_t mails;              /* transactions per session; one more gets 421 4.7.0; 0: no limit */
    size_t command_line_bytes; /* line end included; a longer line gets 500 5.5.2 */
    /* Commands refused with 5xx since the last message. One more gets 421 4.7.0 and ends the
     * session. What the host refuses does not count. */
    size_t errors;
    size_t login_failures; /* of the session; one more gets 421 4.7.0 */
    /* Commands since the last message, or since octets of one came. One more gets 421 4.7.0 and
     * ends the session; 0: no limit. */
    size_t commands;
};

enum { SMTP_MAX_AUTH_LINE = 12288 }; /* octets of a line with a response in it: RFC 4954 4 */

/* Borrowed by the engine for its whole life. */
struct smtp_config {
    const char *hostname; /* in the greeting and in replies that name the server */
    unsigned caps;        /* enum smtp_cap bits */
    bool require_tls;     /* 530 to all but NOOP, EHLO, STARTTLS and QUIT before TLS: RFC 3207 4 */
    bool require_auth;    /* 530 to all but those that RFC 4954 6 names, and HELP */
    bool auth_needs_tls;  /* no password goes over the line in the clear: 538 */
    bool wants_lines;     /* SMTP_LINE comes, for a transcript */
    bool asks_steps;      /* SMTP_ASK_STEP comes */
    struct smtp_limits limits;
};

enum smtp_event {
    SMTP_NEED_INPUT,   /* all input is consumed */
    SMTP_LINE,         /* a line of the client, about to be acted on: smtp_engine_line() */
    SMTP_BODY,         /* more octets of the message: smtp_engine_body() */
    SMTP_ASK_STEP,     /* may this command run, which has no question of its own?
                          smtp_engine_step() */
    SMTP_ASK_STARTTLS, /* can TLS begin? 454 4.7.0 if not now. The ASKs wait for an answer */
    SMTP_ASK_NONCE,    /* for CRAM-MD5: smtp_engine_nonce() */
    SMTP_ASK_AUTH,     /* who it is and what proves it: smtp_engine_login() */
    SMTP_ASK_XCLIENT,  /* whom a proxy speaks for: smtp_engine_xclient() */
    SMTP_ASK_MAIL,     /* MAIL was understood: may this sender send? */
    SMTP_ASK_RCPT,     /* RCPT was understood: smtp_envelope.asked */
    SMTP_ASK_MESSAGE,  /* the whole message has arrived: is it stored? */
    SMTP_DISCARD,      /* the message in progress is abandoned; drop its octets */
    SMTP_STARTTLS,     /* flush the output and shake hands, then smtp_engine_tls_started() */
    SMTP_CLOSE,        /* flush the output and close */
};

/* What an answer says in words of the host. `enhanced` (RFC 3463) may be NULL, and is left out
 * where ENHANCEDSTATUSCODES is not offered; `text` is printable ASCII, in lines with LF between
 * them. */
struct smtp_reply {
    int code;
    const char *enhanced;
    const char *text;
};

/* Harmless sins that were accepted, for whoever tells the user. EARLY_DATA, EARLY_COMMAND and
 * BEYOND_GROUP are what was at hand while the reply before it was still in the output (RFC 2920
 * 3.1); later arrivals cannot be told apart from patience. */
enum smtp_note {
    SMTP_NOTE_BARE_LF_COMMAND = 1 << 0,       /* a command line ended in LF alone */
    SMTP_NOTE_EARLY_DATA = 1 << 1,            /* text was sent behind DATA before 354 */
    SMTP_NOTE_BARE_LF_BODY = 1 << 2,          /* LF without CR in the message: RFC 5321 2.3.8 */
    SMTP_NOTE_BARE_CR_BODY = 1 << 3,          /* CR without LF in the message */
    SMTP_NOTE_LONG_BODY_LINE = 1 << 4,        /* over 998 octets: RFC 5322 2.1.1 */
    SMTP_NOTE_SPACE_IN_PATH = 1 << 5,         /* "MAIL FROM: <a@b>": RFC 5321 3.3 has none there */
    SMTP_NOTE_PARAMETERS_AFTER_HELO = 1 << 6, /* ESMTP parameters without EHLO */
    SMTP_NOTE_LONG_LOCAL_PART = 1 << 7,       /* over 64 octets: RFC 5321 4.5.3.1.1 */
    SMTP_NOTE_TEXT_BEHIND_STARTTLS = 1 << 8,  /* dropped: RFC 3207 4.2 */
    SMTP_NOTE_CLEARTEXT_LOGIN = 1 << 9,       /* a password without TLS: RFC 4954 4 */
    SMTP_NOTE_NUL_BODY = 1 << 10,             /* NUL in the message: RFC 5322 2.2, 3.5 */
    SMTP_NOTE_8BIT_BODY = 1 << 11,            /* octets over 127 in the message */
    SMTP_NOTE_UNENDED_BODY = 1 << 12,         /* no CRLF at its end, which BDAT allows */
    SMTP_NOTE_HELO_NO_NAME = 1 << 13,         /* no name and no address literal: RFC 5321 4.1.1.1 */
    SMTP_NOTE_HELO_BARE_IP = 1 << 14,         /* an address without brackets: RFC 5321 4.1.3 */
    SMTP_NOTE_HELO_UNQUALIFIED = 1 << 15,     /* a name without a dot: RFC 5321 2.3.5 */
    SMTP_NOTE_NON_ASCII = 1 << 16,            /* an address refused for want of SMTPUTF8 */
    SMTP_NOTE_LONG_COMMAND = 1 << 17,         /* over 512 octets, or what extensions allow beyond */
    SMTP_NOTE_SOURCE_ROUTE = 1 << 18,         /* "<@a.test:b@c.test>": RFC 5321 appendix C */
    SMTP_NOTE_EARLY_COMMAND = 1 << 19,        /* before the reply to the last, without PIPELINING */
    SMTP_NOTE_BEYOND_GROUP = 1 << 20,         /* the same behind a command that ends a group */
};

/* When the sender wants to hear (RFC 3461 4.1), as bits. NEVER stands alone. */
enum smtp_notify {
    SMTP_NOTIFY_NEVER = 1 << 0,
    SMTP_NOTIFY_SUCCESS = 1 << 1,
    SMTP_NOTIFY_FAILURE = 1 << 2,
    SMTP_NOTIFY_DELAY = 1 << 3,
};

/* How much of the message a notification is to bring back: RFC 3461 4.3. */
enum smtp_ret { SMTP_RET_UNSTATED, SMTP_RET_FULL, SMTP_RET_HDRS };

enum {
    SMTP_NOTES_OF_TIMING = SMTP_NOTE_EARLY_DATA | SMTP_NOTE_EARLY_COMMAND | SMTP_NOTE_BEYOND_GROUP
};

enum smtp_body_type {
    SMTP_BODY_UNSTATED,
    SMTP_BODY_7BIT,
    SMTP_BODY_8BITMIME,
    SMTP_BODY_BINARYMIME
};

/* Where in the message something was noted first: the number of the line, from 1; 0 is nowhere. LF
 * ends a line, with or without CR. A message of BODY=BINARYMIME has no lines and no such notes. */
struct smtp_note_lines {
    uint64_t bare_lf, bare_cr, long_line, nul, eight_bit, unended;
};

/* Addresses are as the client wrote them, without brackets and source route (RFC 5321 4.1.2, so
 * local parts may be quoted). They are UTF-8 without control characters, ASCII unless SMTPUTF8 was
 * given, and "postmaster" is the only one without a domain. */
struct smtp_rcpt {
    struct span address;
    unsigned notify;   /* enum smtp_notify bits; 0 if not given */
    struct span orcpt; /* "rfc822;ann@b.test", decoded: UTF-8 without control characters, ASCII
                          unless the type is utf-8; empty if not given */
};

/* The transaction as it stands. Everything is owned by the engine and valid until the next call of
 * smtp_engine_next(), _answer(), _stored(), _end() or _free(). */
struct smtp_envelope {
    struct span helo; /* as the client gave it, of any encoding; empty before HELO or EHLO */
    bool is_esmtp;    /* EHLO rather than HELO */
    /* Who logged in: 1 to 255 octets of UTF-8 without control characters; empty if nobody did. */
    struct span username;
    struct span from; /* the reverse-path; empty for <> */
    uint64_t size;    /* SIZE= of MAIL; 0 if not given */
    enum smtp_body_type body;
    bool smtputf8;
    struct span auth; /* AUTH= of MAIL, decoded: an address; empty if not given or <> */
    enum smtp_ret ret;
    struct span envid;      /* decoded: printable ASCII; empty if not given */
    struct smtp_rcpt asked; /* during SMTP_ASK_RCPT: the recipient in question */
    const struct smtp_rcpt *rcpts;
    size_t rcpt_count;
    unsigned
        notes; /* enum smtp_note bits: since the last transaction ended, and of HELO and AUTH */
    struct smtp_note_lines lines;
};

/* A login that waits for its answer, and is wiped by it. */
struct smtp_login {
    const char *mechanism; /* "PLAIN", "LOGIN" or "CRAM-MD5"; NULL: XCLIENT, and no proof */
    struct span authzid;   /* of PLAIN, and often empty: whom to act for */
    struct span username;  /* as smtp_envelope.username */
    struct span password;  /* of PLAIN and LOGIN: any octets */
    /* Of CRAM-MD5: the digest is HMAC-MD5 over the challenge, keyed with the password, in 32
     * hexadecimal digits of either case. */
    struct span challenge, digest;
};

enum smtp_xclient_attribute {
    SMTP_XCLIENT_NAME, /* of the client's host */
    SMTP_XCLIENT_ADDR, /* as 192.0.2.1 or 2001:db8::1 */
    SMTP_XCLIENT_PORT,
    SMTP_XCLIENT_PROTO, /* SMTP or ESMTP */
    SMTP_XCLIENT_HELO,
    SMTP_XCLIENT_LOGIN,    /* who logged in; goes into the envelope */
    SMTP_XCLIENT_DESTADDR, /* where the client connected to */
    SMTP_XCLIENT_DESTPORT,
    SMTP_XCLIENT_ATTRIBUTES
};

/* Whom a proxy speaks for. Text is decoded: UTF-8 without control characters, of at most 255
 * octets; empty if it is given as not available. */
struct smtp_xclient {
    struct smtp_xclient_value {
        bool is_given;
        struct span text;
    } values[SMTP_XCLIENT_ATTRIBUTES];
};

/* The cap of an extension by its EHLO keyword, of either case; 0 if there is none. */
unsigned smtp_cap_find(struct span keyword);

/* The greeting (220) is in the output from the start. `config` is borrowed; `peer` is of
 * enum smtp_peer bits. */
struct smtp_engine *smtp_engine_new(const struct smtp_config *config, unsigned peer);
void smtp_engine_free(struct smtp_engine *e);

/* Makes it SMTP_PEER_TRUSTED. */
void smtp_engine_trust(struct smtp_engine *e);

/* Consumes from the front of *in up to the next event. Not while an ASK is open. After SMTP_CLOSE
 * it swallows whatever comes. Call it after each answer, even when no input is left. */
enum smtp_event smtp_engine_next(struct smtp_engine *e, struct span *in);

/* Answers the open ASK: NULL accepts in the engine's words, a reply below 400 in the host's, and
 * any other is sent to the client as the refusal. 421 ends the session: SMTP_CLOSE is next (RFC
 * 5321 3.8). */
void smtp_engine_answer(struct smtp_engine *e, const struct smtp_reply *reply);

/* During SMTP_ASK_STEP: HELO, EHLO, DATA, the first BDAT of a message, RSET or QUIT, after all that
 * speaks against it has been looked at but its arguments. The octets behind a BDAT that is refused
 * come all the same, and the refusal is said behind them. */
struct smtp_step {
    const char *verb; /* in capitals */
    struct span args;
};

const struct smtp_step *smtp_engine_step(const struct smtp_engine *e);

/* Extensions of the config that are not offered from now on, as enum smtp_cap bits. */
void smtp_engine_hide(struct smtp_engine *e, unsigned caps);

/* During SMTP_ASK_AUTH. 535 5.7.8 refuses credentials, 454 4.7.0 says that they could not be
 * checked; NULL accepts the login, and the name goes into the envelope. */
const struct smtp_login *smtp_engine_login(const struct smtp_engine *e);

/* Answers SMTP_ASK_NONCE with printable ASCII without spaces and "<>@" that was never used before:
 * the challenge is "<nonce@hostname>" (RFC 2195). */
void smtp_engine_nonce(struct smtp_engine *e, const char *nonce);

/* During SMTP_ASK_XCLIENT, when smtp_engine_login() is whom the proxy calls logged in, if anybody.
 * NULL accepts it: 220, and the client says EHLO again. */
const struct smtp_xclient *smtp_engine_xclient(const struct smtp_engine *e);

/* Accepts the message of SMTP_ASK_MESSAGE with "250 2.0.0 Ok: stored as ID". */
void smtp_engine_stored(struct smtp_engine *e, int64_t id);

/* After SMTP_STARTTLS, when the handshake has succeeded: all that the client said before is
 * forgotten. Until then smtp_engine_next() swallows its input, and the host gives it what it had
 * read behind STARTTLS, which is not TLS: somebody might have put it there (RFC 3207 6). If the
 * handshake fails there is nothing left but to close. */
void smtp_engine_tls_started(struct smtp_engine *e);

/* Ends the session from outside (idle, shutdown): puts the reply into the output, forgets any open
 * ASK and swallows all further input. Says nothing in a session that has ended or in the middle of
 * a handshake. */
void smtp_engine_end(struct smtp_engine *e, const struct smtp_reply *reply);

/* After SMTP_LINE: the line without its end, as it may be recorded, valid until the next call of
 * smtp_engine_next(). Passwords and what may be one are "********" in it; what goes on beyond 2048
 * octets ends in "... (N octets)". Otherwise it is as it came, control octets and all. What the
 * next events append to the output is the reply to it. */
struct span smtp_engine_line(struct smtp_engine *e);

/* After SMTP_BODY: octets of the message with dot-stuffing undone. They lie in the input or in
 * constants, and are valid until the input changes. */
struct span smtp_engine_body(const struct smtp_engine *e);

/* Octets of messages in the whole session, also of those that were refused and read past. */
uint64_t smtp_engine_octets(const struct smtp_engine *e);

/* Replies not yet sent. Whoever writes them calls buf_consume() or buf_clear() on it. */
struct buf *smtp_engine_output(struct smtp_engine *e);

const struct smtp_envelope *smtp_engine_envelope(const struct smtp_engine *e);

/* enum smtp_note bits of the whole session, the message in progress included. */
unsigned smtp_engine_notes(const struct smtp_engine *e);

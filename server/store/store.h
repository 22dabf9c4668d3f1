#pragma once
/* What Mailstop keeps: inboxes, messages, and the sessions they came by. This is the contract;
 * sqlite/ is the engine behind it, and a second engine would implement this page.
 *
 * Writes are done by one writer thread, everything that queued up during its last transaction
 * being the next one. A write has happened when its function returns 0, or when the delivery is
 * posted back: from then on it survives a crash, and every read sees it.
 *
 * Reads need a leased reader, which one thread uses at a time. What is read lives in the caller's
 * arena. Errors are negative errno: -ENOENT no such thing, -ENOSPC no room (disk or limit), -EBUSY
 * locked by someone else, -EROFS not writable, -EIO anything else. The store logs the cause. */

#include "core/arena.h"
#include "core/list.h"
#include "core/mailbox.h"
#include "core/source.h"
#include "core/spool.h"
#include "mail/mail.h"

struct store;
struct store_reader;

/* What an inbox keeps; the oldest messages beyond it go, save those that are pinned. 0: no bound.
 */
struct store_limits {
    int64_t max_messages;
    int64_t max_age_seconds;
    int64_t max_bytes; /* as received */
};

/* Reads what search looks at: mail_read_content(), which the store does not call by itself. */
typedef void store_read_content(const struct source *raw, const struct mail *mail,
                                struct arena *arena, struct mail_content *out);

struct store_config {
    const char *path;     /* of the database; ":memory:" keeps nothing after exit */
    bool is_uncompressed; /* what is stored from now on; either kind can be read */
    int64_t max_inboxes;  /* that may be made; 0: no bound */
    uint64_t search_ms;   /* that the searches of a reader may take, counted from the first since it
                             was leased; beyond: -ETIMEDOUT. 0: no bound */
    /* Told of each fault plan in force (see below) while the store is opened, and of changes on the
     * writer's thread once they are committed; `plan` is NULL if there is none any more. It must
     * not call the store. NULL: nobody. */
    void (*plan_told)(void *arg, int64_t inbox_id, const char *plan);
    void *plan_arg;
    struct store_limits limits; /* of an inbox that has none of its own */
    int64_t max_bytes;          /* of all inboxes together; a message that is larger is refused */
    /* For messages that were stored before there was a search. Called on a thread of the store's;
     * NULL: they are not found. */
    store_read_content *read_content;
};

/* Opens the database, makes it and its folders if there is none, and brings it up to date. On
 * failure `*why` is one sentence for the operator that says what is wrong and what to do. Only one
 * process has a database open; it may be looked at with the sqlite3 shell meanwhile. */
int store_open(const struct store_config *config, struct store **out, struct buf *why);

/* Finishes what is queued. All readers must be back. NULL is accepted. */
void store_close(struct store *s);

/* 0 if a message could be stored now, as far as can be told without storing one. Answers at once
 * while storing works; otherwise it has the writer try, and waits for that. */
int store_check(struct store *s);

/* ---- verifying ---- */

/* Whom store_verify() tells. */
struct store_verify {
    /* One sentence: what is wrong, and what to do. Where there is much of it, the first hundred. */
    void (*found)(void *arg, const char *fault);
    /* `check` is over, and found so many faults. */
    void (*over)(void *arg, const char *check, uint64_t faults);
    /* From time to time while a check lasts. */
    void (*progress)(void *arg, const char *check, uint64_t done, uint64_t total);
    void *arg;
};

/* Looks through a database without changing it, also while another process has it open. 0 if it
 * could look at all of it, whatever it found; otherwise `*why` is a sentence for the operator. */
int store_verify(const char *path, const struct store_verify *to, struct buf *why);

/* ---- inboxes ---- */

enum { STORE_DEFAULT_INBOX = 1 }; /* the id of `default`, which always exists */

/* Octets; what is longer has to be refused before it comes here. */
enum {
    STORE_INBOX_NAME_MAX = 64,
    STORE_USERNAME_MAX = 128,
    STORE_PATTERNS_MAX = 100, /* of one inbox */
    STORE_PATTERN_MAX = 320,  /* an address can be as long (RFC 5321 4.5.3.1) */
    STORE_COPIES_MAX = 100,   /* of one message */
};

/* 1 to 64 of "a-z A-Z 0-9 . _ -", not all digits, for that is an id, and neither "." nor "..". */
bool store_inbox_name_is_valid(struct span name);

/* Printable UTF-8. */
bool store_username_is_valid(struct span username);

/* Of recipients: UTF-8 without blanks. */
bool store_pattern_is_valid(struct span pattern);

struct store_texts {
    const char **items;
    size_t count;
};

/* Names and usernames are compared without case, and what is the one of an inbox is neither the
 * name nor the username of another. */
struct store_inbox {
    int64_t id;
    const char *name;
    int64_t created_at_ms;
    int64_t expires_at_ms;         /* 0: never. It is gone from then on */
    const char *username;          /* the name it was made with, unless a login made it */
    const char *password;          /* NULL: any will do */
    const char *api_token;         /* opens this inbox over the API */
    struct store_texts recipients; /* patterns, as glob_matches() has them */
    struct store_limits limits;    /* its own; 0: that of the store holds */
    int64_t pruned_count;          /* messages that went because of limits */
    int64_t message_count, unread_count;
    int64_t size_bytes;         /* of its messages, as received */
    int64_t last_message_at_ms; /* 0: never had one */
};

/* What is valid is for the caller to see to. */
struct store_inbox_wish {
    const char *name;     /* NULL: one is made up, of the username if there is one */
    const char *username; /* NULL: the name */
    bool takes_any_password;
    int64_t expires_at_ms;
    struct store_texts recipients;
    struct store_limits limits;
};

/* These wait until the change is committed. -EEXIST: the name is taken. */

/* Makes an inbox with a password and a token. -EDQUOT: there are as many as may be. */
int store_inbox_create(struct store *s, const struct store_inbox_wish *wish, int64_t *id_out);

struct store_inbox_change {
    const char *name; /* NULL: stays; the username stays in any case */
    bool sets_expiry, sets_recipients;
    bool sets_max_messages, sets_max_age, sets_max_bytes;
    int64_t expires_at_ms;
    struct store_texts recipients;
    struct store_limits limits;
};

int store_inbox_change(struct store *s, int64_t id, const struct store_inbox_change *change);

/* Gives it another password and another token; from then on no other password will do. */
int store_inbox_renew(struct store *s, int64_t id);

/* Its messages and sessions go along. However many there are, nobody sees them from then on; their
 * room is given back in the background. `default` is never given. */
int store_inbox_delete(struct store *s, int64_t id);

/* The inbox of whoever logs in as `username`, which is valid: the one with that username, else the
 * one of that name. With `may_create` one that takes any password is made where there is none.
 * -ENOENT; -EDQUOT as above. */
int store_inbox_login(struct store *s, const char *username, bool may_create, struct arena *arena,
                      struct store_inbox *out);

/* Where a recipient's mail goes if nobody has logged in: the first inbox one of whose patterns
 * matches, or `default`. Any thread; it does not look into the database. */
int64_t store_inbox_of_recipient(struct store *s, struct span address);

/* ---- fault plans ---- */

enum { STORE_ALL_SESSIONS = 0 }; /* whose plan, in place of an inbox */

/* Keeps a plan of an inbox, or of all sessions, in the place of the one there was; NULL: there is
 * none any more. The text is its giver's own business. Waits until it is committed and told.
 * -ENOENT: no such inbox. */
int store_plan_put(struct store *s, int64_t inbox_id, const char *plan);

/* ---- queries ---- */

/* Bounds of a query, beside those of its depth and terms, which it is told in a fault. */
enum {
    STORE_QUERY_MAX_OCTETS = 2048,
    STORE_QUERY_MAX_LOOKS = 100000, /* phrases and parts of words are looked for in so many of the
                                       messages that its other words leave; beyond: -E2BIG */
};

/* A query of the search language. It is made without a store, may be asked of any, and lives in the
 * arena it was made in. */
struct store_query;

struct store_query_fault {
    size_t position;    /* in characters, from 0 */
    const char *detail; /* what was expected there, for people */
};

/* NULL: it is no query, and *fault says why. `text` is UTF-8 without NUL. */
const struct store_query *store_query_parse(struct span text, int64_t now_ms, struct arena *arena,
                                            struct store_query_fault *fault);

/* Whether it finds a message for good or not at all: nothing it asks for can be changed later, as
 * tags can. */
bool store_query_is_lasting(const struct store_query *q);

/* One of the terms that must all hold. */
struct store_query_term {
    const char *text; /* as it was written */
    const struct store_query *query;
};

/* What the query is made of, to tell which term a message fails: one at least. They live in
 * `arena`, and as long as the query. */
size_t store_query_terms(const struct store_query *q, struct arena *arena,
                         struct store_query_term **out);

/* ---- messages ---- */

struct store_recipient {
    const char *address;
    const char *notify; /* "NEVER", or of SUCCESS, FAILURE, DELAY with commas between them; NULL if
                           not given (RFC 3461 4.1) */
    const char *orcpt;  /* "rfc822;ann@b.test", decoded; NULL if not given (RFC 3461 4.2) */
};

struct store_envelope {
    const char *from; /* "" for the null reverse-path */
    struct store_recipient *recipients;
    size_t recipient_count;
    const char *body; /* "7BIT", "8BITMIME", "BINARYMIME"; NULL if not stated */
    bool smtputf8;
    const char *ret;   /* "FULL", "HDRS"; NULL if not given (RFC 3461 4.3) */
    const char *envid; /* decoded; NULL if not given (RFC 3461 4.4) */
};

struct store_client {
    const char *ip;
    int port; /* 0: none, as with a Unix socket */
    const char *helo;
    const char *tls;      /* "TLS1.3"; NULL: in plain text */
    const char *cipher;   /* NULL as `tls` */
    bool is_tls_implicit; /* TLS came before the greeting */
    const char *username; /* who logged in; NULL: nobody */
};

/* What a stricter server would have refused. */
struct store_warning {
    const char *code; /* "bare-lf" */
    const char *detail;
    const char *reference; /* "RFC 5321 2.3.8" */
};

struct store_message {
    int64_t id; /* grows; also the cursor for "after this one" */
    int64_t inbox_id;
    const char *inbox;  /* its name */
    int64_t session_id; /* 0: it came by no SMTP session */
    int64_t received_at_ms;
    uint64_t size; /* octets, as received */
    struct store_envelope envelope;
    struct store_client client;
    struct mail mail;
    bool is_read, is_pinned;
    const char **tags; /* the user's own words */
    size_t tag_count;
    struct store_warning *warnings;
    size_t warning_count;
};

/* ---- sessions ---- */

enum store_outcome {
    STORE_OPEN,       /* not over yet */
    STORE_QUIT,       /* as it should be */
    STORE_DROPPED,    /* the client went away */
    STORE_TIMEOUT,    /* it said nothing for too long, or the session lasted too long */
    STORE_REFUSED,    /* we closed */
    STORE_TLS_FAILED, /* the handshake did */
    STORE_SHUTDOWN,   /* the server stopped */
    STORE_OUTCOME_COUNT,
};

/* "quit"; NULL for STORE_OPEN. */
const char *store_outcome_name(enum store_outcome outcome);

/* A reply of 400 or more. */
struct store_refusal {
    const char *command; /* what it answered: "RCPT", "connect" or "end of data" */
    const char *reply;   /* its last line; NULL: there was none */
};

/* An SMTP session. */
struct store_session {
    int64_t id;       /* grows, in the order in which sessions begin */
    int64_t inbox_id; /* whose login it was, else where its last message went, else `default` */
    const char *inbox;
    int64_t started_at_ms, ended_at_ms; /* the latter is 0 while it is open */
    struct store_client client;         /* what is known of it last */
    enum store_outcome outcome;
    bool is_failed;               /* it did not end as it should, or something was refused in it */
    struct store_refusal refusal; /* the first */
    uint64_t bytes_in, bytes_out; /* of the dialogue and the messages; 0 while it is open */
    bool is_truncated;            /* more was said than is kept */
    struct store_warning *warnings;
    size_t warning_count;
    int64_t message_count; /* stored by it, copies counted; 0 if none of them was left when it
                              ended */
    int64_t *messages;     /* those that are there, oldest first; STORE_SESSION_MESSAGES at most */
    size_t messages_listed;
};

enum { STORE_SESSION_MESSAGES = 100 };

enum store_entry_kind { /* kept in databases: numbers stay */
                        STORE_ENTRY_CLIENT = 0,
                        STORE_ENTRY_SERVER = 1,
                        STORE_ENTRY_NOTE = 2,  /* what happened, and was not said */
                        STORE_ENTRY_DATA = 3,  /* octets of a message from the client */
                        STORE_ENTRY_FAULT = 4, /* what was done on purpose, because of a rule */
};

/* Of the transcript of a session. */
struct store_entry {
    enum store_entry_kind kind;
    uint64_t at;        /* since the session began, in tenths of a millisecond */
    struct span text;   /* a line without its end, any octets; no secrets */
    uint64_t octets;    /* of STORE_ENTRY_DATA */
    int64_t message_id; /* of STORE_ENTRY_DATA: what it became; 0: nothing */
};

/* ---- deliveries ---- */

/* A message on its way into the store. Whoever holds it owns it. Made by store_delivery_new
 * alone: the engine keeps things of its own behind it. */
struct store_delivery {
    struct letter letter;
    struct arena arena; /* of everything `message` points at */
    struct spool raw;
    struct store_message message; /* all but id, inbox and size filled in by the giver. An
                                     inbox_id of 0 leaves the inbox to the recipients: each inbox
                                     with a pattern for one gets a copy, or else `default` */
    /* What else is to be found in it; needed until store_deliver() returns. NULL: nothing. */
    const struct mail_content *content;
    struct span dialogue;     /* entries (entries.h): what was said since the session's last
                                 message, or since it began, up to the end of this one */
    struct mailbox *reply_to; /* where it is posted when it is settled */
    void *owner;              /* the giver's own */
    const void *facts;        /* likewise, for whoever reads the message; in `arena` */
    int result;               /* when settled: 0 is stored, with message.id and inbox_id set,
                                 of the first copy; -ENOENT is no such inbox, -E2BIG more than
                                 STORE_COPIES_MAX copies */
    int64_t copies;           /* that are stored, when it is settled */
};

/* `spools` is borrowed. */
struct store_delivery *store_delivery_new(struct spools *spools);
void store_delivery_free(struct store_delivery *d);

/* Gives the delivery to the writer; what is costly (compressing, encoding) is done before that, on
 * the caller's thread. It comes back by `reply_to`. */
void store_deliver(struct store *s, struct store_delivery *d);

/* Ids of sessions are given out before anything of them is stored. Any thread. */
int64_t store_session_id(struct store *s);

/* What is known of a session, on its way into the store: when it has ended, and before if it lasts.
 * A session that was not reported yet is known by its messages alone, and not listed. Made by
 * store_report_new alone. */
struct store_report {
    struct list link;             /* the giver's own */
    struct arena arena;           /* of everything the rest points at */
    struct store_session session; /* all but inbox and messages filled in by the giver */
    struct span opening; /* entries (entries.h): what was said before the first transaction;
                            empty: as reported before, or as with the only message */
    struct span closing; /* what went with no message; it may begin with the opening */
};

struct store_report *store_report_new(void);

/* Takes it. Nobody is told when it is stored: a crash may lose it, and what was said since the
 * last message. */
void store_session_report(struct store *s, struct store_report *r);

/* These wait until the change is committed. */
int store_message_delete(struct store *s, int64_t id);

/* Deletes what is there, of all inboxes if `inbox_id` is 0. However many there are, they are gone
 * at once for everybody who reads; their room is given back in the background. */
int store_messages_clear(struct store *s, int64_t inbox_id, int64_t *deleted_out);

/* Of many messages, some. */
struct store_choice {
    int64_t inbox_id;                /* 0: of all inboxes */
    int64_t before;                  /* ids below it; 0: no bound */
    const struct store_query *query; /* those it finds; NULL: all */
};

/* Deletes those, as store_messages_clear(), but in steps, with deliveries stored in between; after
 * an error some of it is gone. */
int store_messages_delete(struct store *s, const struct store_choice *which, int64_t *deleted_out);

enum { STORE_TAGS_MAX = 20, STORE_TAG_MAX = 64 /* octets */ };

struct store_flags {
    bool set_read, read;
    bool set_pinned, pinned;
    bool set_tags;
    struct store_texts tags;
};

/* Changes what is set. */
int store_message_mark(struct store *s, int64_t id, const struct store_flags *flags);

/* The same for those. A few at a time: others read and write in between. */
int store_messages_mark(struct store *s, const struct store_choice *which,
                        const struct store_flags *flags, int64_t *changed_out);

/* The same for those of the ids that are there, and in the inbox if it is not 0. */
int store_messages_mark_some(struct store *s, int64_t inbox_id, const int64_t *ids, size_t count,
                             const struct store_flags *flags, int64_t *changed_out);

/* ---- reading ---- */

/* Waits for a free one if all are out. */
struct store_reader *store_reader_lease(struct store *s);
void store_reader_return(struct store_reader *r); /* NULL is accepted */

struct store_list {
    int64_t inbox_id; /* 0: all inboxes */
    int64_t before;   /* ids below it; 0: no bound */
    int64_t after;    /* ids above it; 0: no bound */
    bool oldest_first;
    size_t limit;
    const struct store_query *query; /* NULL: all messages */
    bool has_no_total; /* nobody asks for it: to count what a query finds takes time */
};

struct store_page {
    struct store_message *items;
    size_t count;
    int64_t total; /* in the inbox or in all, of what the query finds, whatever the bounds */
    bool has_more;
};

/* The part tree is there, `message.mail.parts`, as for one message. Items and total are of one
 * moment. An inbox that is not there is empty. */
int store_messages_list(struct store_reader *r, const struct store_list *list, struct arena *arena,
                        struct store_page *out);
int store_message_get(struct store_reader *r, int64_t id, struct arena *arena,
                      struct store_message *out);

/* The octets exactly as received; valid while `r` is leased and the message is there. Reading a
 * message deleted meanwhile gives -ENOENT. */
int store_message_raw(struct store_reader *r, int64_t id, struct arena *arena, struct source *out);

/* A query of sessions, which has names of its own; otherwise as store_query. */
struct store_session_query;

enum { STORE_SESSION_QUERY_MAX = 2048 }; /* octets */

const struct store_session_query *store_session_query_parse(struct span text, struct arena *arena,
                                                            struct store_query_fault *fault);

struct store_session_list {
    struct store_list bounds;
    bool by_outcome;
    enum store_outcome outcome;
    const struct store_session_query *query; /* NULL: any */
};

/* So many are looked at for one page, and of so many it is looked at what was said. */
enum { STORE_SESSIONS_LOOKED_AT = 10000, STORE_TRANSCRIPTS_LOOKED_AT = 1000 };

struct store_session_page {
    struct store_session *items;
    size_t count;
    int64_t total; /* in the inbox or in all, whatever else is asked for */
    bool has_more; /* sessions that were not looked at; they come after or before `last_id` */
    int64_t last_id;
};

int store_sessions_list(struct store_reader *r, const struct store_session_list *list,
                        struct arena *arena, struct store_session_page *out);
int store_session_get(struct store_reader *r, int64_t id, struct arena *arena,
                      struct store_session *out);

struct store_transcript {
    struct store_entry *items;
    size_t count;
    bool is_cut; /* what is missing is noted where it is missing */
};

enum { STORE_TRANSCRIPT_MAX = 512 * 1024 }; /* octets of a transcript that are read */

/* What was said in a session, save what went with messages that are no longer there; nothing if
 * there is no such session. */
int store_session_transcript(struct store_reader *r, int64_t session_id, struct arena *arena,
                             struct store_transcript *out);

/* The same of a message alone: how the session began, the transaction, and the reply to it if that
 * is stored already. -ENOENT also if it came by no session. */
int store_message_transcript(struct store_reader *r, int64_t message_id, struct arena *arena,
                             struct store_transcript *out);

struct store_inbox_page {
    struct store_inbox *items;
    size_t count;
    int64_t total; /* whatever the bounds */
    bool has_more;
};

/* Of `list`, `inbox_id` names the only one that is to be seen; 0: all. */
int store_inboxes_list(struct store_reader *r, const struct store_list *list, struct arena *arena,
                       struct store_inbox_page *out);

/* By id or by name, compared without case. */
int store_inbox_find(struct store_reader *r, struct span id_or_name, struct arena *arena,
                     struct store_inbox *out);

/* The one whose api_token this is. */
int store_inbox_of_token(struct store_reader *r, struct span token, struct arena *arena,
                         struct store_inbox *out);

/* The inbox of a message. */
int store_message_inbox(struct store_reader *r, int64_t id, int64_t *inbox_id_out);

struct store_totals {
    int64_t inboxes, messages, unread, size_bytes, pruned;
    int64_t database_bytes; /* on disk, the log included */
};

int store_totals(struct store_reader *r, struct store_totals *out);

/* ---- news ---- */

enum store_news_type {
    STORE_MESSAGE_CREATED,
    STORE_MESSAGE_CHANGED,
    STORE_MESSAGE_DELETED,
    STORE_MESSAGES_CLEARED, /* of inbox_id; 0: of all */
    STORE_INBOX_CREATED,
    STORE_INBOX_CHANGED,
    STORE_INBOX_DELETED,
    STORE_SESSION_CLOSED,
    STORE_MESSAGES_PRUNED, /* of inbox_id, because of limits */
};

struct store_news {
    int64_t id; /* grows, also across restarts */
    enum store_news_type type;
    int64_t inbox_id;
    int64_t message_id; /* 0 where it is not about one */
    int64_t session_id; /* the same */
    int64_t count;      /* of messages pruned */
};

/* `told` is called on the writer's thread after each commit that made news; it must only wake
 * somebody. One listener; NULL ends it, and it is not called after that returned. */
void store_news_listen(struct store *s, void (*told)(void *arg), void *arg);

/* The id of the newest news, or the one before the first that will be; 0 is never one. */
int64_t store_news_last(struct store *s);

/* News after `after`, oldest first, at most `max`. Returns how many, or -ESTALE if some of it is
 * no longer kept, or `after` was never given out. */
int store_news_read(struct store *s, int64_t after, struct store_news *out, size_t max);

#pragma once
/* Plans of what is to go wrong in SMTP sessions.
 *
 * A plan is an ordered list of rules, each for one stage of a session, and the first that applies
 * acts. Which one does follows from the plan, from what it counted and from the event alone: there
 * is no clock and no chance in here, so the same plan and the same traffic give the same faults.
 *
 * A plan never changes. What it counts is in a fault_state, which belongs to whoever asks. */

#include "core/arena.h"

#include <jansson.h>

enum fault_stage {
    FAULT_CONNECT,
    FAULT_HELO,
    FAULT_STARTTLS,
    FAULT_AUTH,
    FAULT_MAIL,
    FAULT_RCPT,
    FAULT_DATA, /* the command, and the message as it comes: see fault_event.bytes_to */
    FAULT_DATA_END,
    FAULT_RSET,
    FAULT_QUIT,
    FAULT_SESSION, /* what lasts */
    FAULT_STAGES,
};

enum fault_act {
    FAULT_NOTHING, /* beside a delay */
    FAULT_REPLY,
    FAULT_DROP,
    FAULT_STALL, /* nothing is answered any more */
    FAULT_HIDE,
    FAULT_THROTTLE,
    FAULT_TLS,
};

/* When a message's end drops the connection. */
enum fault_drop { FAULT_BEFORE_STORING, FAULT_BEFORE_REPLY, FAULT_AFTER_REPLY };

enum fault_tls {
    FAULT_TLS_NONE,
    FAULT_TLS_HANDSHAKE,
    FAULT_TLS_EXPIRED,
    FAULT_TLS_WRONG_NAME,
};

enum { FAULT_HIDDEN_MAX = 16 };

struct fault_rule {
    enum fault_stage stage;

    /* When it applies. Patterns are as glob_matches() has them; NULL: any will do. */
    const char *address, *sender, *helo, *ip;
    uint64_t bytes;               /* of the message that have come; 0: before any has */
    uint64_t times, after, every; /* 0: not given */
    double probability;           /* 1: always */
    bool is_greylist;             /* while a triple of client, sender and recipient is new */
    int64_t greylist_ms;          /* which it is for so long; 0: once */
    uint64_t rate_count;          /* only beyond so many in each window; 0: not given */
    int64_t rate_window_ms;

    /* What it does: the delay first. */
    uint64_t delay_ms;
    enum fault_act act;
    struct fault_reply {
        int code;
        const char *enhanced; /* of RFC 3463 */
        const char *text;     /* lines of printable ASCII with LF between them */
    } reply;
    enum fault_drop drop;
    enum fault_tls tls;
    uint64_t in_rate, out_rate;           /* octets a second; 0: as fast as it goes */
    const char *hidden[FAULT_HIDDEN_MAX]; /* keywords of EHLO; NULL ends them */
};

struct fault_event {
    enum fault_stage stage;
    const struct span *addresses; /* of recipients: the one in question, or all */
    size_t address_count;
    struct span sender, helo, ip;
    /* While a message comes: how much of it had come before this event, and has with it. Otherwise
     * both are 0. */
    uint64_t bytes_from, bytes_to;
    bool is_mute;   /* nothing can be said yet: no rule replies */
    int64_t now_ms; /* on any clock that does not go back */
};

/* ---- plans ---- */

enum {
    FAULT_RULES_MAX = 100,
    FAULT_PLAN_MAX = 32 * 1024, /* octets of its JSON, for every inbox may have one */
    FAULT_DELAY_MAX_MS = 10 * 60 * 1000,
};

struct fault_plan;

/* Where a plan is no plan. */
struct fault_error {
    char field[96];   /* "rules[2].reply.code" */
    char detail[320]; /* what is allowed there */
};

/* Reads {"seed", "rules"} or {"seed", "preset"}. NULL: *error says why. `is_of_inbox`: it acts from
 * when the inbox is known, so that what comes before that cannot be in it. */
struct fault_plan *fault_plan_read(const json_t *json, bool is_of_inbox, struct fault_error *error);

/* A plan of one rule, whose texts are copied. */
struct fault_plan *fault_plan_of(const struct fault_rule *rule);

void fault_plan_free(struct fault_plan *p); /* NULL is accepted */

size_t fault_plan_count(const struct fault_plan *p);
const struct fault_rule *fault_plan_rule(const struct fault_plan *p, size_t index);

/* As it was read, a preset as the rules that it stands for: {"seed", "rules"}. Borrowed. */
const json_t *fault_plan_json(const struct fault_plan *p);

/* The keywords that can be hidden; NULL ends them. */
extern const char *const fault_hidable[];

/* What the rule does, for people: "reply 450 4.2.1 Try again later". */
void fault_describe(const struct fault_rule *rule, char *out, size_t size);

/* ---- decisions ---- */

struct fault_state;

struct fault_state *fault_state_new(const struct fault_plan *p);
void fault_state_free(struct fault_state *s); /* NULL is accepted */

enum { FAULT_NONE = -1 };

/* The index of the rule that acts, or FAULT_NONE. Counts what it saw. */
int fault_decide(const struct fault_plan *p, struct fault_state *s, const struct fault_event *e);

uint64_t fault_state_hits(const struct fault_state *s, size_t rule);

/* ---- magic addresses ---- */

/* What a recipient asks for by its local part: "bounce+550+no+such+user", "delay+3s", "drop",
 * "greylist+10s". NULL: nothing. */
struct fault_plan *fault_plan_of_magic(struct span address);

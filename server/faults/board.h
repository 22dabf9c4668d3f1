#pragma once
/* The plans in force, of all sessions and of inboxes, with what they have counted. Safe from any
 * thread; while there is none, to ask costs one look at a number. */

#include "faults/faults.h"

struct fault_board;

enum { FAULT_OF_ALL = 0 }; /* whose plan, in place of an inbox */

struct fault_board *fault_board_new(void);
void fault_board_free(struct fault_board *b); /* NULL is accepted; nothing found is held any more */

/* Puts a plan, which it takes, in the place of the one there was; NULL: none. It counts anew. */
void fault_board_put(struct fault_board *b, int64_t inbox_id, struct fault_plan *p);

/* The same with what fault_plan_json() gave, as text; NULL: none. False: there is none then, and
 * *error says why. */
bool fault_board_post(struct fault_board *b, int64_t inbox_id, const char *text,
                      struct fault_error *error);

/* Whether there is any plan at all. */
bool fault_board_has_plans(const struct fault_board *b);

/* A rule that acts. It is held, with its plan, until it is released. */
struct fault_found {
    const struct fault_rule *rule; /* NULL: none */
    int64_t inbox_id;              /* whose plan */
    size_t index;                  /* in that */
    bool is_magic;                 /* no plan's: the recipient asked for it */
    struct fault_posted *posted;
};

/* Asks the plan of the inbox, if it has one, else that of all. `is_own`: the former alone. */
void fault_board_ask(struct fault_board *b, int64_t inbox_id, bool is_own,
                     const struct fault_event *e, struct fault_found *out);

/* A plan of one rule, which it takes, as fault_plan_of_magic() makes it. What greylists
 * recipients remembers them. */
void fault_board_ask_once(struct fault_board *b, struct fault_plan *p, const struct fault_event *e,
                          struct fault_found *out);
void fault_found_release(struct fault_found *f);

/* {"in_force", "seed", "rules"}, each rule with its hits; the caller's to free. */
json_t *fault_board_show(struct fault_board *b, int64_t inbox_id);

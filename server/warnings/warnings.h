#pragma once
/* What a stricter server would have refused, or a large receiver would not like: never a reason to
 * refuse here. Pure: facts in, warnings out. */

#include "core/arena.h"
#include "mail/mail.h"
#include "smtp/proto/engine.h"
#include "store/store.h"

/* What is known of a message or, while there is none, of a session. */
struct warning_facts {
    const struct store_message *message; /* as it is read, with its envelope and client */
    const struct mail_header *headers;   /* all fields, in order */
    size_t header_count;
    const char *stray;            /* a line of the header that is no field; NULL: none */
    unsigned notes;               /* enum smtp_note, of the transaction or of the session */
    struct smtp_note_lines lines; /* of the message */
    uint64_t declared_size;       /* SIZE= of MAIL; 0: none */
};

struct warnings {
    struct store_warning *items;
    size_t count;
};

/* Of a message; they live in `arena`. */
struct warnings warnings_of_message(const struct warning_facts *facts, struct arena *arena);

/* Of what a session did besides its messages: `message` says who the client is, and no more. */
struct warnings warnings_of_session(const struct warning_facts *facts, struct arena *arena);

/* What a rule says of one of the notes, which is taken off; *out is constant. False if no rule
 * speaks of what is left. */
bool warnings_take_note(unsigned *notes, struct store_warning *out);

/* The table, for tests and docs. */
struct warning_rule;
size_t warning_rule_count(void);
const char *warning_rule_code(size_t index);
const char *warning_rule_reference(size_t index);

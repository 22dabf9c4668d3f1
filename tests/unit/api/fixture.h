#pragma once
/* The API's handlers on a store of their own, without a server. */

#include "../http/call.h"

#include "api/private.h"
#include "core/spool.h"

struct fixture {
    struct store *store;
    struct mailbox settled;
    struct spools spools;
    struct api api;
    int64_t received_at_ms;    /* of what is stored next */
    int64_t inbox_id;          /* where to */
    int64_t session_id;        /* by which; 0: by none */
    char folder[64], path[64]; /* "" while the store is in memory */
};

#define ON_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

/* As setup and teardown of a test. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* The same with the store in a file, f->path. */
int fixture_setup_in_file(void **state);

#define ON_FILE(test) cmocka_unit_test_setup_teardown(test, fixture_setup_in_file, fixture_teardown)

/* The same as the first with another inbox, `other`. */
int fixture_setup_two(void **state);

#define ON_TWO_INBOXES(test)                                                                       \
    cmocka_unit_test_setup_teardown(test, fixture_setup_two, fixture_teardown)

enum { OTHER_INBOX = 2 };

/* Returns its id. */
int64_t fixture_add_inbox(struct fixture *f, const char *name);

/* Stores a message from <app@shop.test>; lines of `raw` end in CRLF. Returns its id. */
int64_t fixture_store(struct fixture *f, const char *const *to, size_t to_count, struct span raw);

/* The same, to <ann@b.test>. */
int64_t fixture_store_text(struct fixture *f, const char *raw);

void fixture_answer(struct fixture *f, struct call c, struct answer *out);

/* Asks, and fails unless the answer has this status. */
void fixture_ask(struct fixture *f, struct call c, int status, struct answer *out);

/* The answer as JSON, to be released. */
json_t *fixture_json(struct fixture *f, struct call c, int status);

/* "/api/v1/messages/7/raw"; the text is good until the next call. */
const char *message_path(int64_t id, const char *rest);

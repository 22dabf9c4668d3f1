#pragma once
/* A store in a folder of its own, for one test. */

#include "../test.h"

#include "random.h"
#include "store/store.h"

struct fixture {
    char folder[64];
    char path[96]; /* of the database */
    struct store *store;
    struct spools spools;
    struct mailbox settled;
};

/* As setup and teardown of a test; the store is open. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* The same, with no store opened. */
int fixture_setup_closed(void **state);

void fixture_open(struct fixture *f);
void fixture_open_with(struct fixture *f, struct store_config config); /* all but the path */
void fixture_close(struct fixture *f);

/* Opening fails with `err` and one sentence that names the file and says `says`. */
void fixture_refuses(const char *path, int err, const char *says);

/* Returns its id. */
int64_t fixture_add_inbox(struct fixture *f, const char *name);

/* A message to `default`, not yet given to the store. */
struct store_delivery *fixture_delivery(struct fixture *f, const char *subject, struct span raw);

/* Waits for `count` deliveries, which must end with `result`, and frees them. */
void fixture_settle(struct fixture *f, size_t count, int result);

/* Stores a message and returns its id. */
int64_t fixture_store(struct fixture *f, const char *subject, struct span raw);

/* Fails unless the message is there with exactly these octets, however they are read. */
void fixture_assert_raw(struct fixture *f, int64_t id, struct span expected);

/* Waits until it holds, asking after each of the writer's transactions. */
void fixture_until(struct fixture *f, bool (*holds)(struct fixture *f));

/* Takes the write lock, until the connection is closed. */
struct sqlite3 *fixture_lock(const struct fixture *f);

/* Fails unless store_verify() finds nothing at fault. */
void fixture_verify(const struct fixture *f);

/* Through a connection of the test's own, as an operator would. */
void fixture_sql(const struct fixture *f, const char *sql);
int64_t fixture_number(const struct fixture *f, const char *sql);

#pragma once
/* Logins: whom they are for is looked up in the store, on a thread of libuv's pool, because that
 * may have to make an inbox. What refuses one waits, longer each time, before it is said.
 *
 * Everything here belongs to the loop's thread. */

#include "smtp/proto/engine.h"
#include "store/store.h"

#include <uv.h>

struct login;

struct login_config {
    uv_loop_t *loop;
    struct store *store;
    bool may_create; /* an unknown name makes an inbox */
};

/* `inbox` is NULL if `refusal` is not. */
typedef void login_done(void *owner, const struct smtp_reply *refusal,
                        const struct store_inbox *inbox);

/* The engine asks SMTP_ASK_AUTH, or SMTP_ASK_XCLIENT with a name that logged in, and keeps asking
 * until `done` is called, later on. `failures` is how many logins of the session were refused
 * before. */
struct login *login_start(const struct login_config *config, const struct smtp_engine *engine,
                          unsigned failures, login_done *done, void *owner);

/* Nobody waits for it any more. True: it is over, and `done` will not be called; false: `done` will
 * be called as soon as the store has answered. */
bool login_hurry(struct login *l);

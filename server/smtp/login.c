#include "smtp/login.h"

#include "core/log.h"
#include "secret/secret.h"

#include <errno.h>

/* How long a refusal waits, doubled each time. */
enum { DELAY_MS = 250, DELAY_DOUBLINGS = 3 };

struct login {
    uv_work_t work;
    uv_timer_t timer;
    struct login_config config;
    const struct smtp_engine *engine;
    unsigned failures;
    login_done *done;
    void *owner;
    struct arena arena;
    const char *username;
    const struct smtp_reply *refusal; /* what waits to be said */
    int result;                       /* of the look-up */
    struct store_inbox inbox;
    bool is_hurried;
};

static const struct smtp_reply not_yourself = {
    535, "5.7.8", "Nobody can act for somebody else; leave the authorization identity empty"
};
static const struct smtp_reply bad_name = { 535, "5.7.8",
                                            "A user name has 1 to 128 printable octets of UTF-8" };
static const struct smtp_reply wrong = { 535, "5.7.8", "No inbox has this user name and password" };
static const struct smtp_reply too_many = {
    454, "4.7.0", "There are as many inboxes as --max-inboxes allows; delete some"
};
static const struct smtp_reply unknown = { 454, "4.7.0",
                                           "Logins cannot be checked now; try again later" };

/* ---- what is right ---- */

static bool has_digest(const struct smtp_login *asked, const char *password)
{
    char expected[SECRET_CRAM_SIZE], given[SECRET_CRAM_SIZE] = "";
    secret_cram_md5(span_of(password), asked->challenge, expected);
    for (size_t i = 0; i < asked->digest.len && i < sizeof(given) - 1; i++)
        given[i] = (char)(asked->digest.ptr[i] | 0x20); /* hexadecimal digits of either case */
    return secret_equal(span_of(given), span_of(expected));
}

static bool has_password(const struct smtp_login *asked, const char *password)
{
    if (!password || !asked->mechanism)
        return true;
    return asked->digest.len ? has_digest(asked, password)
                             : secret_equal(asked->password, span_of(password));
}

static const struct smtp_reply *judge(const struct login *l)
{
    switch (l->result) {
    case 0: return has_password(smtp_engine_login(l->engine), l->inbox.password) ? NULL : &wrong;
    case -ENOENT: return &wrong;
    case -EDQUOT: return &too_many;
    default: return &unknown;
    }
}

/* RFC 4616: the identity to act as; empty for one's own. */
static const struct smtp_reply *check_names(const struct smtp_login *asked)
{
    if (asked->authzid.len && !span_eq(asked->authzid, asked->username))
        return &not_yourself;
    return store_username_is_valid(asked->username) ? NULL : &bad_name;
}

/* ---- saying it ---- */

static void on_closed(uv_handle_t *timer)
{
    struct login *l = timer->data;
    arena_done(&l->arena);
    free(l);
}

static void finish(struct login *l)
{
    l->done(l->owner, l->refusal, l->refusal ? NULL : &l->inbox);
    uv_close((uv_handle_t *)&l->timer, on_closed);
}

static void on_time(uv_timer_t *timer)
{
    finish(timer->data);
}

/* What cannot be checked is nobody's guess. */
static void settle(struct login *l, const struct smtp_reply *refusal)
{
    l->refusal = refusal;
    if (!refusal || refusal->code == 454 || l->is_hurried) {
        finish(l);
        return;
    }
    unsigned doublings = l->failures < DELAY_DOUBLINGS ? l->failures : DELAY_DOUBLINGS;
    (void)uv_timer_start(&l->timer, on_time, (uint64_t)DELAY_MS << doublings, 0);
}

bool login_hurry(struct login *l)
{
    l->is_hurried = true;
    if (!uv_is_active((const uv_handle_t *)&l->timer))
        return false;
    uv_close((uv_handle_t *)&l->timer, on_closed);
    return true;
}

/* ---- looking it up ---- */

static void look_up(uv_work_t *work)
{
    struct login *l = container_of(work, struct login, work);
    l->result =
        store_inbox_login(l->config.store, l->username, l->config.may_create, &l->arena, &l->inbox);
}

static void on_looked_up(uv_work_t *work, int status)
{
    struct login *l = container_of(work, struct login, work);
    (void)status; /* it is never cancelled */
    settle(l, judge(l));
}

struct login *login_start(const struct login_config *config, const struct smtp_engine *engine,
                          unsigned failures, login_done *done, void *owner)
{
    struct login *l = xcalloc(1, sizeof(*l));
    const struct smtp_login *asked = smtp_engine_login(engine);
    *l = (struct login){ .config = *config, .engine = engine, .failures = failures };
    l->done = done;
    l->owner = owner;
    (void)uv_timer_init(config->loop, &l->timer);
    l->timer.data = l;
    const struct smtp_reply *refusal = check_names(asked);
    if (refusal) {
        settle(l, refusal);
        return l;
    }
    l->username = arena_copy(&l->arena, asked->username);
    (void)uv_queue_work(config->loop, &l->work, look_up, on_looked_up); /* fails without a callback
                                                                           only */
    return l;
}

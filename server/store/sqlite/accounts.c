#include "store/sqlite/accounts.h"

#include "core/clock.h"
#include "secret/secret.h"
#include "store/names.h"
#include "store/texts.h"

#include <errno.h>
#include <stdio.h>

#define CALL_OF(job_ptr, type) container_of(job_ptr, type, call.job)

/* Runs a statement whose only value is a number; 1 with *out set if there is a row, else 0. */
static int read_number(struct db *db, sqlite3_stmt *s, int64_t *out)
{
    int got = db_step(db, s);
    if (got > 0)
        *out = sqlite3_column_int64(s, 0);
    return got;
}

static void bind_optional(sqlite3_stmt *s, int index, int64_t value)
{
    if (value)
        sqlite3_bind_int64(s, index, value);
}

/* ---- what the calls share ---- */

/* Of the statements that read what the routes are to know. */
enum route_column { ROUTE_INBOX_ID, ROUTE_RECIPIENTS, ROUTE_EXPIRES_AT };

static void take_route(sqlite3_stmt *s, struct route *out)
{
    arena_done(&out->arena); /* of a run that was undone */
    *out = (struct route){
        .inbox_id = sqlite3_column_int64(s, ROUTE_INBOX_ID),
        .expires_at_ms = sqlite3_column_int64(s, ROUTE_EXPIRES_AT),
    };
    out->patterns = texts_read((const char *)sqlite3_column_text(s, ROUTE_RECIPIENTS), &out->arena);
}

static int read_route(struct db *db, int64_t id, struct route *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_ACCOUNT_ROUTE];
    sqlite3_bind_int64(s, 1, id);
    int got = db_step(db, s);
    if (got > 0)
        take_route(s, out);
    return got < 0 ? got : 0;
}

/* The end of a call that changed an inbox: mail is routed by it before its giver hears. */
static void settle_route(struct writer *w, struct job *j, struct route *route)
{
    if (j->result == 0 && route->expires_at_ms)
        upkeep_wake(&w->upkeep, UPKEEP_DATED);
    if (j->result == 0)
        upkeep_wake(&w->upkeep, UPKEEP_LIMITED);
    if (j->result == 0)
        routes_put(w->routes, route);
    else
        arena_done(&route->arena);
    writer_answer(w, j);
}

/* What the giver is to hear, and what is trouble with the database. */
static int answer(struct job *j, int err)
{
    bool is_trouble = err && err != -ENOENT && err != -EEXIST && err != -EDQUOT;
    if (is_trouble)
        return err;
    j->result = err;
    return 0;
}

/* ---- secrets ---- */

static int put_secrets(struct db *db, int64_t id, bool with_password)
{
    char password[SECRET_SIZE], token[SECRET_SIZE];
    secret_make(password);
    secret_make(token);
    struct secret_digest digest = secret_digest(span_of(token));
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_ACCOUNT_RENEW];
    sqlite3_bind_int64(s, 1, id);
    bind_text(s, 2, with_password ? password : NULL);
    bind_text(s, 3, token);
    sqlite3_bind_blob(s, 4, digest.bytes, sizeof(digest.bytes), SQLITE_STATIC);
    return db_step(db, s);
}

/* ---- who is there ---- */

/* 1 if somebody holds it as name or username, with *id_out set; else 0. */
static int find_holder(struct db *db, const char *name, int64_t *id_out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_INBOX_HOLDER];
    bind_text(s, 1, name);
    return read_number(db, s, id_out);
}

static int count_inboxes(struct db *db, int64_t *out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_INBOX_COUNT];
    int got = read_number(db, s, out);
    return got < 0 ? got : 0;
}

int accounts_check(struct db *db, int64_t id)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_ACCOUNT_IS_THERE];
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, clock_now_ms());
    int got = db_step(db, s);
    if (got < 0)
        return got;
    return got ? 0 : -ENOENT;
}

/* ---- making one ---- */

struct create_call {
    struct call call;
    const struct store_inbox_wish *wish;
    int64_t id;
    struct route route;
};

static int put_inbox(struct db *db, const char *name, int64_t *id_out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_INBOX_PUT];
    bind_text(s, 1, name);
    sqlite3_bind_int64(s, 2, clock_now_ms());
    int err = db_step(db, s);
    if (!err)
        *id_out = sqlite3_last_insert_rowid(db->handle);
    return err;
}

static int put_account(struct db *db, int64_t id, const char *username,
                       const struct store_inbox_wish *wish)
{
    struct arena arena AUTO(arena_done) = { 0 };
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_ACCOUNT_PUT];
    sqlite3_bind_int64(s, 1, id);
    bind_text(s, 2, username);
    bind_text(s, 3, texts_write(&wish->recipients, &arena));
    bind_optional(s, 4, wish->expires_at_ms);
    bind_optional(s, 5, wish->limits.max_messages);
    bind_optional(s, 6, wish->limits.max_age_seconds);
    bind_optional(s, 7, wish->limits.max_bytes);
    return db_step(db, s);
}

/* -EEXIST if somebody has it. */
static int check_is_free(struct db *db, const char *name)
{
    int64_t holder;
    int got = find_holder(db, name, &holder);
    return got > 0 ? -EEXIST : got;
}

static int check_room(const struct writer *w, struct db *db)
{
    int64_t count = 0;
    int err = count_inboxes(db, &count);
    if (err)
        return err;
    return w->max_inboxes && count >= w->max_inboxes ? -EDQUOT : 0;
}

/* One that is made up is tried until it is free. */
static int choose_name(struct db *db, const struct store_inbox_wish *wish, char out[NAME_SIZE])
{
    int err;
    unsigned attempt = 0;
    if (wish->name) {
        snprintf(out, NAME_SIZE, "%s", wish->name);
        return check_is_free(db, out);
    }
    do {
        if (wish->username)
            name_of_username(span_of(wish->username), attempt++, out);
        else
            name_make(out);
        err = check_is_free(db, out);
    } while (err == -EEXIST);
    return err;
}

static int create(struct writer *w, struct create_call *c)
{
    char name[NAME_SIZE];
    struct db *db = &w->db;
    const char *username = c->wish->username;
    int err = check_room(w, db);
    if (!err && username)
        err = check_is_free(db, username);
    if (!err)
        err = choose_name(db, c->wish, name);
    if (!err)
        err = put_inbox(db, name, &c->id);
    if (!err)
        err = put_account(db, c->id, username ? username : name, c->wish);
    if (!err)
        err = put_secrets(db, c->id, !c->wish->takes_any_password);
    if (!err)
        err = read_route(db, c->id, &c->route);
    if (!err)
        writer_news(w, STORE_INBOX_CREATED, c->id, 0);
    return err;
}

static int run_create(struct writer *w, struct job *j)
{
    return answer(j, create(w, CALL_OF(j, struct create_call)));
}

static void settle_create(struct writer *w, struct job *j)
{
    settle_route(w, j, &CALL_OF(j, struct create_call)->route);
}

int accounts_create(struct writer *w, const struct store_inbox_wish *wish, int64_t *id_out)
{
    struct create_call c = {
        .call.job = { .run = run_create, .settle = settle_create },
        .wish = wish,
    };
    int err = writer_call(w, &c.call);
    if (!err)
        *id_out = c.id;
    return err;
}

/* ---- changing one ---- */

struct change_call {
    struct call call;
    int64_t id;
    const struct store_inbox_change *change;
    struct route route;
};

/* Its own name in other letters is free to it. */
static int rename_inbox(struct db *db, int64_t id, const char *name)
{
    int64_t holder = id;
    int got = find_holder(db, name, &holder);
    if (got < 0)
        return got;
    if (holder != id)
        return -EEXIST;
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_INBOX_RENAME];
    sqlite3_bind_int64(s, 1, id);
    bind_text(s, 2, name);
    return db_step(db, s);
}

static int change_account(struct db *db, int64_t id, const struct store_inbox_change *change)
{
    struct arena arena AUTO(arena_done) = { 0 };
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_ACCOUNT_CHANGE];
    sqlite3_bind_int64(s, 1, id);
    if (change->sets_recipients)
        bind_text(s, 2, texts_write(&change->recipients, &arena));
    sqlite3_bind_int(s, 3, change->sets_expiry);
    bind_optional(s, 4, change->expires_at_ms);
    sqlite3_bind_int(s, 5, change->sets_max_messages);
    bind_optional(s, 6, change->limits.max_messages);
    sqlite3_bind_int(s, 7, change->sets_max_age);
    bind_optional(s, 8, change->limits.max_age_seconds);
    sqlite3_bind_int(s, 9, change->sets_max_bytes);
    bind_optional(s, 10, change->limits.max_bytes);
    return db_step(db, s);
}

static int change(struct writer *w, struct change_call *c)
{
    struct db *db = &w->db;
    int err = accounts_check(db, c->id);
    if (!err && c->change->name)
        err = rename_inbox(db, c->id, c->change->name);
    if (!err)
        err = change_account(db, c->id, c->change);
    if (!err)
        err = read_route(db, c->id, &c->route);
    if (!err)
        writer_news(w, STORE_INBOX_CHANGED, c->id, 0);
    return err;
}

static int run_change(struct writer *w, struct job *j)
{
    return answer(j, change(w, CALL_OF(j, struct change_call)));
}

static void settle_change(struct writer *w, struct job *j)
{
    settle_route(w, j, &CALL_OF(j, struct change_call)->route);
}

int accounts_change(struct writer *w, int64_t id, const struct store_inbox_change *change)
{
    struct change_call c = {
        .call.job = { .run = run_change, .settle = settle_change },
        .id = id,
        .change = change,
    };
    return writer_call(w, &c.call);
}

/* ---- other secrets ---- */

struct renew_call {
    struct call call;
    int64_t id;
};

static int run_renew(struct writer *w, struct job *j)
{
    int64_t id = CALL_OF(j, struct renew_call)->id;
    int err = accounts_check(&w->db, id);
    if (!err)
        err = put_secrets(&w->db, id, true);
    if (!err)
        writer_news(w, STORE_INBOX_CHANGED, id, 0);
    return answer(j, err);
}

int accounts_renew(struct writer *w, int64_t id)
{
    struct renew_call c = { .call.job = { .run = run_renew, .settle = writer_answer }, .id = id };
    return writer_call(w, &c.call);
}

/* ---- at the start ---- */

static int find_bare(struct db *db, int64_t *id_out)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_ACCOUNT_BARE];
    return read_number(db, s, id_out);
}

static int furnish(struct db *db)
{
    int64_t id;
    int got, err = 0;
    while ((got = find_bare(db, &id)) > 0 && !err)
        err = put_secrets(db, id, true);
    return err ? err : got;
}

static int read_routes(struct db *db, struct routes *routes)
{
    sqlite3_stmt *s AUTO(stmt_reset) = db->stmts[STMT_ACCOUNT_ROUTES];
    int got;
    while ((got = db_step(db, s)) > 0) {
        struct route route = { 0 };
        take_route(s, &route);
        routes_put(routes, &route);
    }
    return got;
}

int accounts_start(struct db *db, struct routes *routes)
{
    int err = db_run(db, STMT_BEGIN);
    if (!err)
        err = furnish(db);
    if (!err)
        err = db_run(db, STMT_COMMIT);
    if (!err)
        return read_routes(db, routes);
    db_roll_back(db);
    return err;
}

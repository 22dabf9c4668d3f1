#include "core/clock.h"
#include "store/sqlite/accounts.h"
#include "store/sqlite/catch_up.h"
#include "store/sqlite/change.h"
#include "store/sqlite/ingest.h"
#include "store/sqlite/leaving.h"
#include "store/sqlite/many.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/place.h"
#include "store/sqlite/plans.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/session_put.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct store {
    struct place place;
    enum chunk_codec codec; /* of new messages */
    struct news news;
    struct routes routes;
    struct writer writer;
    struct readers readers;
    struct catch_up catch_up;
    _Atomic int64_t last_session; /* the id given out last */
};

/* ---- opening and closing ---- */

/* The counters that SQLite keeps under one lock for all threads are of no use to us. Refused,
 * harmlessly, if SQLite is in use already. */
static void configure_sqlite(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* What does not need to survive a crash needs no fsync. */
static int configure_writer(struct db *db, bool is_durable)
{
    int err = db_exec(db, "PRAGMA foreign_keys = ON;"
                          "PRAGMA trusted_schema = OFF;"
                          "PRAGMA secure_delete = OFF;"
                          "PRAGMA journal_size_limit = 67108864;"
                          "PRAGMA temp_store = MEMORY;" /* what a statement would undo */
                          "PRAGMA cache_size = -4096;");
    if (!err)
        err = db_exec(db, is_durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    return err ? err : db_prepare(db, 0, STMT_WRITER_COUNT);
}

/* Sessions that the program was killed in are over, and their ids are not given out again. */
static int take_up_sessions(struct db *db, int64_t *last_out)
{
    int err = session_put_lost(db);
    return err ? err : session_put_last_id(db, last_out);
}

static int open_writer(struct store *s, struct buf *why)
{
    struct db *db = &s->writer.db;
    const char *path = s->place.path;
    int64_t last_session = 0;
    int err = db_open(db, path, NULL);
    if (err) {
        db_explain(db, "open", path, why);
        return err;
    }
    err = migrate(db, &db_migrations, path, why);
    if (err)
        return err;
    err = configure_writer(db, !s->place.folder);
    if (!err)
        err = take_up_sessions(db, &last_session);
    if (!err)
        err = accounts_start(db, &s->routes);
    if (!err)
        err = plans_start(&s->writer);
    if (err)
        db_explain(db, "use", path, why);
    s->last_session = last_session;
    return err;
}

static int say_no_thread(int err, struct buf *why)
{
    buf_printf(why, "Cannot start a thread (%s): allow more.", strerror(-err));
    return err;
}

static int start(struct store *s, uint64_t search_ms, struct buf *why)
{
    bool is_temporary = s->place.folder != NULL;
    int err = readers_start(&s->readers, s->place.path, search_ms * 1000, is_temporary);
    if (err) {
        buf_printf(why, "Cannot read the database %s: the log says why.", s->place.path);
        return err;
    }
    if (is_temporary)
        place_hide(&s->place);
    err = writer_start(&s->writer, &s->news);
    if (err) {
        readers_stop(&s->readers);
        return say_no_thread(err, why);
    }
    err = s->catch_up.read ? catch_up_start(&s->catch_up) : 0;
    if (err) {
        writer_stop(&s->writer);
        readers_stop(&s->readers);
        return say_no_thread(err, why);
    }
    return 0;
}

static void let_go(struct store *s)
{
    db_close(&s->writer.db); /* the last connection: writes the log back and takes it away */
    routes_done(&s->routes);
    news_done(&s->news);
    place_close(&s->place);
    free(s);
}

int store_open(const struct store_config *config, struct store **out, struct buf *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_sqlite);
    struct place place;
    int err = place_open(config->path, &place, why);
    if (err)
        return err;
    struct store *s = xcalloc(1, sizeof(*s));
    s->place = place;
    s->codec = config->is_uncompressed ? CHUNK_PLAIN : CHUNK_ZSTD;
    s->catch_up = (struct catch_up){
        .readers = &s->readers,
        .writer = &s->writer,
        .read = config->read_content,
        .codec = s->codec,
    };
    s->writer.routes = &s->routes;
    s->writer.max_inboxes = config->max_inboxes;
    s->writer.plan_told = config->plan_told;
    s->writer.plan_arg = config->plan_arg;
    s->writer.retention.per_inbox = config->limits;
    s->writer.retention.max_bytes = config->max_bytes;
    news_init(&s->news, clock_now_ms());
    routes_init(&s->routes);
    err = open_writer(s, why);
    if (!err)
        err = start(s, config->search_ms, why);
    if (err) {
        let_go(s);
        return err;
    }
    *out = s;
    return 0;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    catch_up_stop(&s->catch_up);
    writer_stop(&s->writer);
    readers_stop(&s->readers);
    let_go(s);
}

/* ---- what is left to the parts ---- */

/* As long as writing works, the writer need not be asked. */
int store_check(struct store *s)
{
    return trouble_now(&s->writer.trouble) ? change_probe(&s->writer) : 0;
}

void store_deliver(struct store *s, struct store_delivery *d)
{
    struct delivery *whole = delivery_of(d);
    d->result = delivery_route(whole, &s->routes);
    if (d->result) {
        mailbox_post(d->reply_to, &d->letter);
        return;
    }
    delivery_prepare(whole, s->codec);
    ingest_post(&s->writer, whole);
}

int64_t store_session_id(struct store *s)
{
    return atomic_fetch_add(&s->last_session, 1) + 1;
}

void store_session_report(struct store *s, struct store_report *r)
{
    struct report *whole = report_of(r);
    report_prepare(whole);
    session_put_post(&s->writer, whole);
}

int store_message_delete(struct store *s, int64_t id)
{
    return change_delete(&s->writer, id);
}

int store_messages_clear(struct store *s, int64_t inbox_id, int64_t *deleted_out)
{
    return change_clear(&s->writer, inbox_id, deleted_out);
}

int store_messages_delete(struct store *s, const struct store_choice *which, int64_t *deleted_out)
{
    return many_delete(&s->readers, &s->writer, which, deleted_out);
}

int store_message_mark(struct store *s, int64_t id, const struct store_flags *flags)
{
    return change_mark(&s->writer, id, flags);
}

int store_messages_mark(struct store *s, const struct store_choice *which,
                        const struct store_flags *flags, int64_t *changed_out)
{
    return many_mark(&s->readers, &s->writer, which, flags, changed_out);
}

int store_messages_mark_some(struct store *s, int64_t inbox_id, const int64_t *ids, size_t count,
                             const struct store_flags *flags, int64_t *changed_out)
{
    int64_t changed = 0;
    for (size_t done = 0; done < count; done += CHANGE_SOME) {
        size_t some = count - done < CHANGE_SOME ? count - done : CHANGE_SOME;
        int err = change_mark_some(&s->writer, inbox_id, ids + done, some, flags, &changed);
        if (err)
            return err;
    }
    *changed_out = changed;
    return 0;
}

int store_inbox_create(struct store *s, const struct store_inbox_wish *wish, int64_t *id_out)
{
    return accounts_create(&s->writer, wish, id_out);
}

int store_inbox_change(struct store *s, int64_t id, const struct store_inbox_change *change)
{
    return accounts_change(&s->writer, id, change);
}

int store_inbox_renew(struct store *s, int64_t id)
{
    return accounts_renew(&s->writer, id);
}

int store_inbox_delete(struct store *s, int64_t id)
{
    return leaving_delete(&s->writer, id);
}

int store_plan_put(struct store *s, int64_t inbox_id, const char *plan)
{
    return plans_put(&s->writer, inbox_id, plan);
}

int64_t store_inbox_of_recipient(struct store *s, struct span address)
{
    int64_t inbox_id;
    struct store_recipient recipient = { 0 };
    struct arena arena AUTO(arena_done) = { 0 };
    recipient.address = arena_copy(&arena, address);
    const struct store_envelope e = { .recipients = &recipient, .recipient_count = 1 };
    return routes_match(&s->routes, &e, clock_now_ms(), &inbox_id, 1) ? inbox_id
                                                                      : STORE_DEFAULT_INBOX;
}

static int find_login(struct store *s, const char *username, struct arena *arena,
                      struct store_inbox *out)
{
    struct store_reader *r = store_reader_lease(s);
    int err = inbox_of_login(r, username, arena, out);
    store_reader_return(r);
    return err;
}

int store_inbox_login(struct store *s, const char *username, bool may_create, struct arena *arena,
                      struct store_inbox *out)
{
    const struct store_inbox_wish wish = { .username = username, .takes_any_password = true };
    int64_t id;
    int err = find_login(s, username, arena, out);
    if (err != -ENOENT || !may_create)
        return err;
    err = accounts_create(&s->writer, &wish, &id);
    if (err && err != -EEXIST) /* somebody else who logs in was first */
        return err;
    return find_login(s, username, arena, out);
}

struct store_reader *store_reader_lease(struct store *s)
{
    return readers_lease(&s->readers);
}

void store_reader_return(struct store_reader *r)
{
    if (r)
        readers_return(r);
}

void store_news_listen(struct store *s, void (*told)(void *arg), void *arg)
{
    news_listen(&s->news, told, arg);
}

int64_t store_news_last(struct store *s)
{
    return news_last(&s->news);
}

int store_news_read(struct store *s, int64_t after, struct store_news *out, size_t max)
{
    return news_read(&s->news, after, out, max);
}

#include "fixture.h"

#include "core/clock.h"
#include "core/mem.h"
#include "store/chunk.h"

#include <dirent.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int fixture_setup_closed(void **state)
{
    struct fixture *f = xcalloc(1, sizeof(*f));
    strcpy(f->folder, "/tmp/mailstop-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof(f->path), "%s/mailstop.db", f->folder);
    f->spools = (struct spools){ .dir = f->folder, .max_bytes = UINT64_MAX };
    mailbox_init(&f->settled, NULL, NULL);
    *state = f;
    return 0;
}

int fixture_setup(void **state)
{
    fixture_setup_closed(state);
    fixture_open(*state);
    return 0;
}

static void remove_folder(const char *folder)
{
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && unlink(path) && rmdir(path))
            remove_folder(path);
    }
    closedir(d);
    rmdir(folder);
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    mailbox_done(&f->settled);
    remove_folder(f->folder);
    free(f);
    return 0;
}

void fixture_open(struct fixture *f)
{
    fixture_open_with(f, (struct store_config){ 0 });
}

void fixture_open_with(struct fixture *f, struct store_config config)
{
    struct buf why AUTO(buf_done) = { 0 };
    config.path = f->path;
    if (store_open(&config, &f->store, &why))
        fail_msg("%s", buf_text(&why));
}

void fixture_close(struct fixture *f)
{
    store_close(f->store);
    f->store = NULL;
}

void fixture_refuses(const char *path, int err, const char *says)
{
    struct buf why AUTO(buf_done) = { 0 };
    struct store_config config = { .path = path };
    struct store *s = NULL;
    assert_int_equal(store_open(&config, &s, &why), err);
    assert_null(s);
    const char *sentence = buf_text(&why);
    if (!strstr(sentence, path) || !strstr(sentence, says) || !strstr(sentence, "--db") ||
        sentence[why.len - 1] != '.' || strchr(sentence, '\n'))
        fail_msg("not a sentence that says \"%s\": %s", says, sentence);
}

int64_t fixture_add_inbox(struct fixture *f, const char *name)
{
    int64_t id;
    const struct store_inbox_wish wish = { .name = name };
    assert_int_equal(store_inbox_create(f->store, &wish, &id), 0);
    return id;
}

struct store_delivery *fixture_delivery(struct fixture *f, const char *subject, struct span raw)
{
    static struct store_recipient recipient = { .address = "b@example.test" };
    struct store_delivery *d = store_delivery_new(&f->spools);
    assert_int_equal(spool_append(&d->raw, raw), 0);
    d->reply_to = &f->settled;
    d->message = (struct store_message){
        .inbox_id = STORE_DEFAULT_INBOX,
        .received_at_ms = 1764000000000,
        .envelope = { .from = "a@example.test", .recipients = &recipient, .recipient_count = 1 },
        .client = { .ip = "127.0.0.1", .helo = "test" },
        .mail = {
            .subject = arena_strdup(&d->arena, subject),
            .message_id = "",
            .preview = "",
            .text_part = -1,
            .html_part = -1,
        },
    };
    return d;
}

void fixture_settle(struct fixture *f, size_t count, int result)
{
    size_t seen = 0;
    while (seen < count)
        for (struct letter *l = mailbox_wait(&f->settled); l; seen++) {
            struct store_delivery *d = container_of(l, struct store_delivery, letter);
            l = l->next;
            assert_int_equal(d->result, result);
            store_delivery_free(d);
        }
    assert_int_equal(seen, count);
}

int64_t fixture_store(struct fixture *f, const char *subject, struct span raw)
{
    struct store_delivery *d = fixture_delivery(f, subject, raw);
    store_deliver(f->store, d);
    struct letter *l = mailbox_wait(&f->settled);
    assert_ptr_equal(l, &d->letter);
    assert_null(l->next);
    assert_int_equal(d->result, 0);
    int64_t id = d->message.id;
    assert_true(id > 0);
    store_delivery_free(d);
    return id;
}

/* Reads `len` octets at a time and compares; a last read beyond the end gives nothing. */
static void compare(const struct source *raw, struct span expected, size_t len)
{
    char *bytes AUTO(free_ptr) = xmalloc(len);
    uint64_t at = 0;
    for (int64_t got; (got = raw->read(raw->arg, at, bytes, len)) != 0; at += (uint64_t)got) {
        assert_true(got > 0 && at + (uint64_t)got <= expected.len);
        assert_memory_equal(bytes, expected.ptr + at, (size_t)got);
    }
    assert_int_equal(at, expected.len);
}

static void compare_backwards(const struct source *raw, struct span expected, size_t len)
{
    char *bytes AUTO(free_ptr) = xmalloc(len);
    for (size_t at = expected.len; at > 0;) {
        at = at > len ? at - len : 0;
        int64_t got = source_read_full(raw, at, bytes, len);
        assert_true(got > 0);
        assert_memory_equal(bytes, expected.ptr + at, (size_t)got);
    }
}

/* Ranges that lie across the ends of chunks, or begin at their last octet. */
static void compare_at_seams(const struct source *raw, struct span expected)
{
    for (size_t seam = CHUNK_SIZE; seam < expected.len; seam += CHUNK_SIZE) {
        char bytes[2];
        size_t len = expected.len - seam < 2 ? 1 : 2;
        assert_int_equal(source_read_full(raw, seam - 1, bytes, 2), 2);
        assert_memory_equal(bytes, expected.ptr + seam - 1, 2);
        assert_int_equal(source_read_full(raw, seam, bytes, 2), len);
        assert_memory_equal(bytes, expected.ptr + seam, len);
    }
}

void fixture_assert_raw(struct fixture *f, int64_t id, struct span expected)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_reader *r = store_reader_lease(f->store);
    struct source raw;
    assert_int_equal(store_message_raw(r, id, &arena, &raw), 0);
    assert_int_equal(raw.size, expected.len);
    compare(&raw, expected, (size_t)2 * CHUNK_SIZE);
    compare(&raw, expected, 70001);
    compare_at_seams(&raw, expected);
    compare_backwards(&raw, expected, CHUNK_SIZE / 2 + 1);
    store_reader_return(r);
}

enum { DEADLINE_US = 60 * 1000 * 1000 };

void fixture_until(struct fixture *f, bool (*holds)(struct fixture *f))
{
    uint64_t end_us = clock_steady_us() + DEADLINE_US;
    while (!holds(f)) {
        if (clock_steady_us() > end_us)
            fail_msg("it did not happen in time");
        (void)store_message_delete(f->store, INT64_MAX); /* nothing, but the writer's to do */
    }
}

enum { BUSY_TIMEOUT_MS = 5000 }; /* the writer may be at its upkeep */

static void fail_at_fault(void *arg, const char *fault)
{
    (void)arg;
    fail_msg("%s", fault);
}

static void ignore_end(void *arg, const char *check, uint64_t faults)
{
    (void)arg;
    (void)check;
    assert_int_equal(faults, 0);
}

static void ignore_progress(void *arg, const char *check, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)check;
    (void)done;
    (void)total;
}

void fixture_verify(const struct fixture *f)
{
    struct buf why AUTO(buf_done) = { 0 };
    const struct store_verify to = { fail_at_fault, ignore_end, ignore_progress, NULL };
    if (store_verify(f->path, &to, &why))
        fail_msg("%s", buf_text(&why));
}

static sqlite3 *own_connection(const struct fixture *f)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
    return db;
}

sqlite3 *fixture_lock(const struct fixture *f)
{
    sqlite3 *db = own_connection(f);
    int code;
    do
        code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    while (code == SQLITE_BUSY);
    assert_int_equal(code, SQLITE_OK);
    return db;
}

void fixture_sql(const struct fixture *f, const char *sql)
{
    sqlite3 *db = own_connection(f);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL))
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

int64_t fixture_number(const struct fixture *f, const char *sql)
{
    sqlite3 *db = own_connection(f);
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) || sqlite3_step(s) != SQLITE_ROW)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    int64_t number = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return number;
}

#include "fixture.h"

#include "api/access.h"
#include "faults/board.h"
#include "http/throttle.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

static void post_plan(void *faults, int64_t inbox_id, const char *plan)
{
    struct fault_error error;
    assert_true(fault_board_post(faults, inbox_id, plan, &error));
}

static struct fixture *setup(const char *path)
{
    struct fixture *f = xcalloc(1, sizeof(*f));
    struct buf why AUTO(buf_done) = { 0 };
    mail_init();
    f->api.config.faults = fault_board_new();
    const struct store_config config = { .path = path,
                                         .plan_told = post_plan,
                                         .plan_arg = f->api.config.faults };
    assert_int_equal(store_open(&config, &f->store, &why), 0);
    mailbox_init(&f->settled, NULL, NULL);
    f->api.config.store = f->store;
    f->api.throttle = xmalloc(sizeof(*f->api.throttle));
    throttle_init(f->api.throttle);
    secret_make(f->api.ticket_key);
    f->spools = (struct spools){ .dir = "/tmp", .max_bytes = UINT32_MAX };
    f->api.config.spools = &f->spools;
    f->received_at_ms = 1795435471250; /* 2026-11-23T12:04:31.250Z */
    f->inbox_id = STORE_DEFAULT_INBOX;
    return f;
}

int fixture_setup(void **state)
{
    *state = setup(":memory:");
    return 0;
}

int fixture_setup_in_file(void **state)
{
    char folder[] = "/tmp/mailstop-test-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/mailstop.db", folder);
    struct fixture *f = setup(path);
    strcpy(f->folder, folder);
    strcpy(f->path, path);
    *state = f;
    return 0;
}

int64_t fixture_add_inbox(struct fixture *f, const char *name)
{
    int64_t id;
    const struct store_inbox_wish wish = { .name = name };
    assert_int_equal(store_inbox_create(f->store, &wish, &id), 0);
    return id;
}

int fixture_setup_two(void **state)
{
    fixture_setup(state);
    assert_int_equal(fixture_add_inbox(*state, "other"), OTHER_INBOX);
    return 0;
}

static void remove_folder(const char *folder)
{
    DIR *d = opendir(folder);
    char path[512];
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        (void)unlink(path);
    }
    closedir(d);
    assert_int_equal(rmdir(folder), 0);
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    throttle_done(f->api.throttle);
    free(f->api.throttle);
    store_close(f->store);
    fault_board_free(f->api.config.faults);
    mailbox_done(&f->settled);
    if (*f->folder)
        remove_folder(f->folder);
    free(f);
    return 0;
}

static void fill(struct store_message *m, struct arena *arena, const char *const *to,
                 size_t to_count)
{
    m->envelope.from = "app@shop.test";
    m->envelope.recipients = arena_alloc(arena, to_count * sizeof(*m->envelope.recipients));
    m->envelope.recipient_count = to_count;
    for (size_t i = 0; i < to_count; i++)
        m->envelope.recipients[i].address = arena_strdup(arena, to[i]);
    m->client = (struct store_client){ .ip = "127.0.0.1", .helo = "app" };
}

int64_t fixture_store(struct fixture *f, const char *const *to, size_t to_count, struct span raw)
{
    struct store_delivery *d = store_delivery_new(&f->spools);
    fill(&d->message, &d->arena, to, to_count);
    d->message.received_at_ms = f->received_at_ms;
    d->message.inbox_id = f->inbox_id;
    d->message.session_id = f->session_id;
    assert_int_equal(spool_append(&d->raw, raw), 0);
    struct source source = spool_source(&d->raw);
    struct mail_content content;
    mail_read(&source, &d->arena, &d->message.mail);
    mail_read_content(&source, &d->message.mail, &d->arena, &content);
    d->content = &content;
    d->reply_to = &f->settled;
    store_deliver(f->store, d);
    struct letter *letter = mailbox_wait(&f->settled);
    assert_ptr_equal(letter, &d->letter);
    assert_int_equal(d->result, 0);
    int64_t id = d->message.id;
    store_delivery_free(d);
    return id;
}

int64_t fixture_store_text(struct fixture *f, const char *raw)
{
    static const char *const to[] = { "ann@b.test" };
    return fixture_store(f, to, 1, span_of(raw));
}

void fixture_answer(struct fixture *f, struct call c, struct answer *out)
{
    const struct http_site site = { .routes = api_routes,
                                    .route_count = api_route_count,
                                    .fallback = api_page,
                                    .admit = api_admit };
    ask(&site, &f->api, c, out);
}

void fixture_ask(struct fixture *f, struct call c, int status, struct answer *out)
{
    fixture_answer(f, c, out);
    assert_int_equal(out->status, status);
}

json_t *fixture_json(struct fixture *f, struct call c, int status)
{
    struct answer a;
    fixture_ask(f, c, status, &a);
    json_t *json = json_body(&a);
    assert_non_null(json);
    forget(&a);
    return json;
}

const char *message_path(int64_t id, const char *rest)
{
    static char path[256];
    snprintf(path, sizeof(path), "/api/v1/messages/%lld%s", (long long)id, rest);
    return path;
}

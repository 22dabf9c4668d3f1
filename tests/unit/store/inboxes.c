#include "fixture.h"

#include "core/clock.h"
#include "core/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int create(struct fixture *f, const char *name, int64_t *id_out)
{
    const struct store_inbox_wish wish = { .name = name };
    return store_inbox_create(f->store, &wish, id_out);
}

static int find(struct fixture *f, const char *id_or_name, struct arena *arena,
                struct store_inbox *out)
{
    struct store_reader *r = store_reader_lease(f->store);
    int err = store_inbox_find(r, span_of(id_or_name), arena, out);
    store_reader_return(r);
    return err;
}

static void must_find(struct fixture *f, const char *id_or_name, struct arena *arena,
                      struct store_inbox *out)
{
    if (find(f, id_or_name, arena, out))
        fail_msg("no inbox %s", id_or_name);
}

static bool is_there(struct fixture *f, const char *id_or_name)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    return find(f, id_or_name, &arena, &inbox) == 0;
}

/* 0 if nobody's. */
static int64_t holder_of_token(struct fixture *f, const char *token)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox = { 0 };
    struct store_reader *r = store_reader_lease(f->store);
    int err = store_inbox_of_token(r, span_of(token), &arena, &inbox);
    assert_true(err == 0 || err == -ENOENT);
    store_reader_return(r);
    return inbox.id;
}

/* ---- finding ---- */

static void finds_by_id_and_name(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *id_or_name;
        int64_t id;
    } cases[] = {
        { "1", 1 }, { "2", 2 }, { "default", 1 }, { "DEFAULT", 1 },  { "Other", 2 },    { "3", 0 },
        { "0", 0 }, { "", 0 },  { "defaul", 0 },  { "default ", 0 }, { "' OR 1=1", 0 }, { "%", 0 },
    };
    struct arena arena AUTO(arena_done) = { 0 };
    assert_int_equal(fixture_add_inbox(f, "other"), 2);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct store_inbox inbox = { 0 };
        assert_int_equal(find(f, cases[i].id_or_name, &arena, &inbox), cases[i].id ? 0 : -ENOENT);
        assert_int_equal(inbox.id, cases[i].id);
    }
}

static void counts_what_is_in_it(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    must_find(f, "default", &arena, &inbox);
    assert_int_equal(inbox.message_count, 0);
    assert_int_equal(inbox.last_message_at_ms, 0);
    fixture_store(f, "x", SPAN("abc"));
    fixture_store(f, "x", SPAN("defg"));
    must_find(f, "default", &arena, &inbox);
    assert_int_equal(inbox.message_count, 2);
    assert_int_equal(inbox.unread_count, 2);
    assert_int_equal(inbox.size_bytes, 7);
    assert_int_equal(inbox.last_message_at_ms, 1764000000000);
}

static void list_ids(struct fixture *f, struct store_list list, struct arena *arena,
                     const char *wanted, int64_t total, bool has_more)
{
    struct store_inbox_page page;
    struct buf ids AUTO(buf_done) = { 0 };
    struct store_reader *r = store_reader_lease(f->store);
    assert_int_equal(store_inboxes_list(r, &list, arena, &page), 0);
    store_reader_return(r);
    for (size_t i = 0; i < page.count; i++)
        buf_printf(&ids, "%d ", (int)page.items[i].id);
    assert_string_equal(buf_text(&ids), wanted);
    assert_int_equal(page.total, total);
    assert_int_equal(page.has_more, has_more);
}

static void lists_in_pages(void **state)
{
    struct fixture *f = *state;
    static const struct {
        struct store_list list;
        const char *ids;
        int64_t total;
        bool has_more;
    } cases[] = {
        { { .limit = 10 }, "4 3 2 1 ", 4, false },
        { { .limit = 4 }, "4 3 2 1 ", 4, false },
        { { .limit = 3 }, "4 3 2 ", 4, true },
        { { .limit = 3, .before = 2 }, "1 ", 4, false },
        { { .limit = 2, .oldest_first = true }, "1 2 ", 4, true },
        { { .limit = 2, .oldest_first = true, .after = 2 }, "3 4 ", 4, false },
        { { .limit = 2, .after = 9 }, "", 4, false },
        { { .limit = 10, .inbox_id = 3 }, "3 ", 1, false },
        { { .limit = 10, .inbox_id = 3, .after = 3 }, "", 1, false },
        { { .limit = 10, .inbox_id = 3, .before = 3 }, "", 1, false },
    };
    struct arena arena AUTO(arena_done) = { 0 };
    for (int i = 2; i <= 4; i++) {
        char name[] = "inbox-0";
        name[6] = (char)('0' + i);
        assert_int_equal(fixture_add_inbox(f, name), i);
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        list_ids(f, cases[i].list, &arena, cases[i].ids, cases[i].total, cases[i].has_more);
}

/* ---- making ---- */

static void new_ones_have_all_they_need(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    const char *patterns[] = { "*@shop.test", "ann@b.test" };
    const struct store_inbox_wish wish = { .name = "Sign-Up",
                                           .expires_at_ms = clock_now_ms() + 60000,
                                           .recipients = { patterns, 2 } };
    struct store_inbox inbox, other;
    int64_t id;
    assert_int_equal(store_inbox_create(f->store, &wish, &id), 0);
    must_find(f, "sign-up", &arena, &inbox);
    assert_int_equal(inbox.id, id);
    assert_string_equal(inbox.name, "Sign-Up");
    assert_string_equal(inbox.username, "Sign-Up");
    assert_int_equal(inbox.expires_at_ms, wish.expires_at_ms);
    assert_int_equal(inbox.recipients.count, 2);
    assert_string_equal(inbox.recipients.items[0], "*@shop.test");
    assert_string_equal(inbox.recipients.items[1], "ann@b.test");
    assert_in_range(clock_now_ms() - inbox.created_at_ms, 0, 60000);
    assert_int_equal(holder_of_token(f, inbox.api_token), id);
    assert_string_not_equal(inbox.password, inbox.api_token);
    must_find(f, "default", &arena, &other);
    assert_string_not_equal(inbox.password, other.password);
    assert_int_equal(holder_of_token(f, other.api_token), STORE_DEFAULT_INBOX);
    assert_string_equal(other.username, "default");
    assert_int_equal(other.expires_at_ms, 0);
    assert_int_equal(other.recipients.count, 0);
}

static void unnamed_ones_get_names(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox a, b;
    assert_int_equal(fixture_add_inbox(f, NULL), 2);
    assert_int_equal(fixture_add_inbox(f, NULL), 3);
    must_find(f, "2", &arena, &a);
    must_find(f, "3", &arena, &b);
    assert_true(store_inbox_name_is_valid(span_of(a.name)));
    assert_string_not_equal(a.name, b.name);
    assert_string_equal(a.name, a.username);
}

static void names_are_given_once(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;
    assert_int_equal(create(f, "DEFAULT", &id), -EEXIST);
    assert_int_equal(create(f, "shop", &id), 0);
    int64_t first = id;
    assert_int_equal(create(f, "Shop", &id), -EEXIST);
    assert_int_equal(id, first);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM inbox"), 2);
}

static void there_is_a_limit(void **state)
{
    struct fixture *f = *state;
    struct buf why AUTO(buf_done) = { 0 };
    const struct store_config config = { .path = f->path, .max_inboxes = 3 };
    int64_t id;
    assert_int_equal(store_open(&config, &f->store, &why), 0);
    assert_int_equal(create(f, NULL, &id), 0);
    assert_int_equal(create(f, "third", &id), 0);
    assert_int_equal(create(f, "fourth", &id), -EDQUOT);
    assert_false(is_there(f, "fourth"));
}

/* ---- changing ---- */

static void changes_change_what_they_name(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    const char *patterns[] = { "*@shop.test" };
    int64_t expiry = clock_now_ms() + 60000;
    const struct store_inbox_change changes[] = {
        { .name = "stall" },
        { .name = "Stall" },
        { .sets_expiry = true, .expires_at_ms = expiry },
        { .sets_recipients = true, .recipients = { patterns, 1 } },
        { .sets_expiry = true },
        { .sets_recipients = true },
    };
    static const struct {
        const char *name;
        bool expires;
        size_t patterns;
    } wanted[] = {
        { "stall", false, 0 }, { "Stall", false, 0 }, { "Stall", true, 0 },
        { "Stall", true, 1 },  { "Stall", false, 1 }, { "Stall", false, 0 },
    };
    int64_t id = fixture_add_inbox(f, "shop");
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct store_inbox inbox;
        assert_int_equal(store_inbox_change(f->store, id, &changes[i]), 0);
        must_find(f, "2", &arena, &inbox);
        assert_string_equal(inbox.name, wanted[i].name);
        assert_string_equal(inbox.username, "shop");
        assert_int_equal(inbox.expires_at_ms, wanted[i].expires ? expiry : 0);
        assert_int_equal(inbox.recipients.count, wanted[i].patterns);
    }
}

/* What others log in with is as taken as what they are called. */
static void renaming_takes_no_name_of_another(void **state)
{
    struct fixture *f = *state;
    int64_t shop = fixture_add_inbox(f, "shop");
    int64_t other = fixture_add_inbox(f, "other");
    struct store_inbox_change c = { .name = "stall" };
    assert_int_equal(store_inbox_change(f->store, shop, &c), 0);
    assert_int_equal(store_inbox_change(f->store, other, &c), -EEXIST);
    c.name = "SHOP";
    assert_int_equal(store_inbox_change(f->store, other, &c), -EEXIST);
    int64_t id;
    assert_int_equal(create(f, "shop", &id), -EEXIST);
    assert_int_equal(store_inbox_change(f->store, shop, &c), 0);
    assert_int_equal(create(f, "stall", &id), 0);
}

static void credentials_are_renewed(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox before, after;
    int64_t id = fixture_add_inbox(f, "shop");
    must_find(f, "shop", &arena, &before);
    assert_int_equal(store_inbox_renew(f->store, id), 0);
    must_find(f, "shop", &arena, &after);
    assert_string_not_equal(before.password, after.password);
    assert_string_not_equal(before.api_token, after.api_token);
    assert_int_equal(holder_of_token(f, before.api_token), 0);
    assert_int_equal(holder_of_token(f, after.api_token), id);
}

static void nobody_is_changed(void **state)
{
    struct fixture *f = *state;
    const struct store_inbox_change c = { .name = "x" };
    assert_int_equal(store_inbox_change(f->store, 77, &c), -ENOENT);
    assert_int_equal(store_inbox_renew(f->store, 77), -ENOENT);
    assert_int_equal(holder_of_token(f, ""), 0);
    assert_int_equal(holder_of_token(f, "x"), 0);
}

static void what_has_expired_is_not_there(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    int64_t id = fixture_add_inbox(f, "shop");
    must_find(f, "shop", &arena, &inbox);
    struct store_inbox_change c = { .sets_expiry = true, .expires_at_ms = clock_now_ms() };
    assert_int_equal(store_inbox_change(f->store, id, &c), 0);
    assert_false(is_there(f, "shop"));
    assert_false(is_there(f, "2"));
    assert_int_equal(holder_of_token(f, inbox.api_token), 0);
    c.expires_at_ms = 0;
    assert_int_equal(store_inbox_change(f->store, id, &c), -ENOENT);
    assert_int_equal(store_inbox_renew(f->store, id), -ENOENT);
    list_ids(f, (struct store_list){ .limit = 10 }, &arena, "1 ", 1, false);
}

static void changes_are_news(void **state)
{
    struct fixture *f = *state;
    struct store_news news[4];
    int64_t start = store_news_last(f->store);
    int64_t id = fixture_add_inbox(f, "shop");
    const struct store_inbox_change c = { .name = "stall" };
    assert_int_equal(store_inbox_change(f->store, id, &c), 0);
    assert_int_equal(store_inbox_renew(f->store, id), 0);
    assert_int_equal(create(f, "stall", &id), -EEXIST);
    assert_int_equal(store_news_read(f->store, start, news, 4), 3);
    assert_int_equal(news[0].type, STORE_INBOX_CREATED);
    assert_int_equal(news[1].type, STORE_INBOX_CHANGED);
    assert_int_equal(news[2].type, STORE_INBOX_CHANGED);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(news[i].inbox_id, id);
}

/* ---- logins ---- */

static int log_in(struct fixture *f, const char *username, bool may_create, struct arena *arena,
                  struct store_inbox *out)
{
    return store_inbox_login(f->store, username, may_create, arena, out);
}

static void logins_find_their_inbox(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    const struct store_inbox_change c = { .name = "stall" };
    int64_t id = fixture_add_inbox(f, "shop");
    assert_int_equal(store_inbox_change(f->store, id, &c), 0);
    static const char *const usernames[] = { "shop", "SHOP", "stall", "Stall" };
    for (size_t i = 0; i < ARRAY_LEN(usernames); i++) {
        assert_int_equal(log_in(f, usernames[i], true, &arena, &inbox), 0);
        assert_int_equal(inbox.id, id);
        assert_non_null(inbox.password);
    }
    assert_int_equal(log_in(f, "nobody", false, &arena, &inbox), -ENOENT);
    assert_int_equal(log_in(f, "2", false, &arena, &inbox), -ENOENT);
    assert_int_equal(log_in(f, "DEFAULT", false, &arena, &inbox), 0);
    assert_int_equal(inbox.id, STORE_DEFAULT_INBOX);
}

static void first_logins_make_inboxes(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *username, *name;
    } cases[] = {
        { "app", "app" },          { "app@shop.test", "app-shop.test" },
        { "App@Shop.Test", NULL }, { "app+shop.test", "app-shop.test-2" },
        { "app-shop.test", NULL }, { "42", "inbox-42" },
        { "J\xC3\xB6rg", "J-rg" },
    };
    int64_t newest = STORE_DEFAULT_INBOX;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena AUTO(arena_done) = { 0 };
        struct store_inbox inbox, again;
        assert_int_equal(log_in(f, cases[i].username, true, &arena, &inbox), 0);
        assert_null(inbox.password);
        assert_int_equal(inbox.id == newest + 1, cases[i].name != NULL);
        if (cases[i].name) {
            assert_string_equal(inbox.name, cases[i].name);
            assert_string_equal(inbox.username, cases[i].username);
            newest = inbox.id;
        }
        assert_int_equal(log_in(f, cases[i].username, false, &arena, &again), 0);
        assert_int_equal(again.id, inbox.id);
    }
}

static void renewing_gives_a_password(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    assert_int_equal(log_in(f, "app", true, &arena, &inbox), 0);
    assert_int_equal(holder_of_token(f, inbox.api_token), inbox.id);
    assert_int_equal(store_inbox_renew(f->store, inbox.id), 0);
    assert_int_equal(log_in(f, "app", true, &arena, &inbox), 0);
    assert_non_null(inbox.password);
}

/* What a login is told apart by is taken as a name, too. */
static void logins_and_names_share_a_space(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox inbox;
    int64_t id;
    fixture_add_inbox(f, "app-shop.test");
    assert_int_equal(log_in(f, "app@shop.test", true, &arena, &inbox), 0);
    assert_string_equal(inbox.name, "app-shop.test-2");
    assert_int_equal(log_in(f, "ware.house", true, &arena, &inbox), 0);
    assert_int_equal(create(f, "Ware.House", &id), -EEXIST);
}

/* ---- over restarts ---- */

static void everything_survives_a_restart(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox before, after;
    fixture_add_inbox(f, "shop");
    must_find(f, "shop", &arena, &before);
    fixture_close(f);
    fixture_open(f);
    must_find(f, "shop", &arena, &after);
    assert_string_equal(before.password, after.password);
    assert_string_equal(before.api_token, after.api_token);
    assert_int_equal(holder_of_token(f, after.api_token), before.id);
}

/* As the migration leaves inboxes of an older database. */
static void inboxes_without_credentials_get_some(void **state)
{
    struct fixture *f = *state;
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_inbox a, b;
    fixture_add_inbox(f, "shop");
    fixture_close(f);
    fixture_sql(f, "UPDATE account SET password = NULL, api_token = NULL, token_hash = NULL");
    fixture_open(f);
    must_find(f, "default", &arena, &a);
    must_find(f, "shop", &arena, &b);
    assert_non_null(a.password);
    assert_string_not_equal(a.api_token, b.api_token);
    assert_int_equal(holder_of_token(f, b.api_token), b.id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
#define CLOSED(name) cmocka_unit_test_setup_teardown(name, fixture_setup_closed, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_by_id_and_name),
        TEST(counts_what_is_in_it),
        TEST(lists_in_pages),
        TEST(new_ones_have_all_they_need),
        TEST(unnamed_ones_get_names),
        TEST(names_are_given_once),
        CLOSED(there_is_a_limit),
        TEST(changes_change_what_they_name),
        TEST(renaming_takes_no_name_of_another),
        TEST(credentials_are_renewed),
        TEST(nobody_is_changed),
        TEST(what_has_expired_is_not_there),
        TEST(changes_are_news),
        TEST(logins_find_their_inbox),
        TEST(first_logins_make_inboxes),
        TEST(renewing_gives_a_password),
        TEST(logins_and_names_share_a_space),
        TEST(everything_survives_a_restart),
        TEST(inboxes_without_credentials_get_some),
    };
    return RUN_TESTS(tests);
}

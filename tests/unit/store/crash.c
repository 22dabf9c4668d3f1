#include "fixture.h"

#include "core/mem.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child stores messages, says which are stored, and is killed with others on their way. */

enum { IN_FLIGHT = 30, ACKNOWLEDGED = 400 };

struct receipt {
    int64_t id;
    uint32_t seed;
};

enum { MESSAGE_MAX = 2500000 }; /* which is spooled in a file, and stored in pieces */

/* A message that can be made again from its seed: of 1 to 6000 octets, now and then a large one. */
static struct span make_message(uint32_t seed, char *room)
{
    size_t len = seed % 97 == 5 ? MESSAGE_MAX : 1 + seed * 7919 % 6000;
    fill_random(room, len, seed);
    return (struct span){ room, len };
}

static void deliver(struct fixture *f, uint32_t seed)
{
    char *room AUTO(free_ptr) = xmalloc(MESSAGE_MAX);
    struct store_delivery *d = fixture_delivery(f, "m", make_message(seed, room));
    d->owner = (void *)(uintptr_t)seed;
    store_deliver(f->store, d);
}

static void acknowledge(const struct store_delivery *d, int fd)
{
    struct receipt r = { d->message.id, (uint32_t)(uintptr_t)d->owner };
    if (d->result || write(fd, &r, sizeof(r)) != sizeof(r))
        _exit(1);
}

static void store_until_killed(struct fixture *f, int fd)
{
    fixture_open(f);
    uint32_t seed = 0;
    while (seed < IN_FLIGHT)
        deliver(f, ++seed);
    for (int done = 0;;)
        for (struct letter *l = mailbox_wait(&f->settled); l;) {
            struct store_delivery *d = container_of(l, struct store_delivery, letter);
            l = l->next;
            acknowledge(d, fd);
            store_delivery_free(d);
            if (++done == ACKNOWLEDGED)
                kill(getpid(), SIGKILL);
            deliver(f, ++seed);
        }
}

static void compare_all(struct fixture *f, int fd)
{
    char *room AUTO(free_ptr) = xmalloc(MESSAGE_MAX);
    struct receipt r;
    int count = 0;
    for (; read(fd, &r, sizeof(r)) == sizeof(r); count++)
        fixture_assert_raw(f, r.id, make_message(r.seed, room));
    assert_int_equal(count, ACKNOWLEDGED);
}

static void what_was_acknowledged_is_there_after_a_crash(void **state)
{
    struct fixture *f = *state;
    int receipts[2];
    assert_int_equal(pipe(receipts), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        store_until_killed(f, receipts[1]);
    close(receipts[1]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    fixture_open(f);
    compare_all(f, receipts[0]);
    close(receipts[0]);
    fixture_verify(f); /* whole or not at all */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_closed, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_acknowledged_is_there_after_a_crash),
    };
    return RUN_TESTS(tests);
}

#include "check.h"

#include "core/clock.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

enum { PROGRESS_US = 5 * 1000 * 1000 };

struct report {
    uint64_t faults;
    uint64_t said_us; /* when there was last something to read */
};

static void say_fault(void *arg, const char *fault)
{
    (void)arg;
    printf("%s\n", fault);
    (void)fflush(stdout);
}

static void say_over(void *arg, const char *check, uint64_t faults)
{
    struct report *r = arg;
    r->faults += faults;
    r->said_us = clock_steady_us();
    if (faults)
        printf("%s: %" PRIu64 " at fault\n", check, faults);
    else
        printf("%s: ok\n", check);
    (void)fflush(stdout);
}

/* For people who wait; what is found is on standard output alone. */
static void say_progress(void *arg, const char *check, uint64_t done, uint64_t total)
{
    struct report *r = arg;
    uint64_t now_us = clock_steady_us();
    if (now_us - r->said_us < PROGRESS_US)
        return;
    r->said_us = now_us;
    fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 "\n", check, done, total);
}

int check_run(const struct config *config)
{
    struct buf why AUTO(buf_done) = { 0 };
    struct report report = { .said_us = clock_steady_us() };
    const struct store_verify to = { say_fault, say_over, say_progress, &report };
    if (store_verify(config->db, &to, &why)) {
        fprintf(stderr, "mailstop: %s\n", buf_text(&why));
        return 1;
    }
    return report.faults ? 1 : 0;
}

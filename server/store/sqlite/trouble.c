#include "store/sqlite/trouble.h"

#include "core/clock.h"
#include "core/log.h"

#include <errno.h>
#include <sqlite3.h>

#define PERMISSIONS "check the owner and the permissions of the file and of its folder"
#define RESTORE "stop the server, restore a copy"
#define LOOK_AND_RESTORE "stop the server, see what mailstop check finds, restore a copy"
#define REPORT "report it with the detail"

/* clang-format off */
static const struct fault faults[] = {
    { SQLITE_FULL,       -ENOSPC, true,  "no room is left for the database", "free disk space" },
    { SQLITE_BUSY,       -EBUSY,  true,  "another program has the database locked", "end its transaction" },
    { SQLITE_READONLY,   -EROFS,  true,  "the database cannot be written", PERMISSIONS },
    { SQLITE_PERM,       -EROFS,  true,  "access to the database is refused", PERMISSIONS },
    { SQLITE_CANTOPEN,   -EIO,    true,  "the database cannot be opened", PERMISSIONS },
    { SQLITE_NOTADB,     -EIO,    true,  "the file is not a database", RESTORE },
    { SQLITE_CORRUPT,    -EIO,    true,  "the database is damaged", LOOK_AND_RESTORE },
    { SQLITE_CONSTRAINT, -EIO,    false, "the database refuses a message", REPORT },
    { SQLITE_TOOBIG,     -EIO,    false, "the database refuses a message", REPORT },
    { SQLITE_CONSTRAINT_FOREIGNKEY, -ENOENT, false, "there is no such inbox", REPORT },
};

static const struct fault unknown_fault = {
    SQLITE_ERROR,        -EIO,    true,  "the database cannot be read or written", "check the disk"
};
/* clang-format on */

static const struct fault *find(int code)
{
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        if (faults[i].code == code)
            return &faults[i];
    return NULL;
}

/* SQLite takes only ENOSPC of a write for a full disk. */
static int code_of_errno(int system_errno)
{
    switch (system_errno) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return SQLITE_FULL;
    case EROFS: return SQLITE_READONLY;
    case EACCES:
    case EPERM: return SQLITE_PERM;
    default: return SQLITE_ERROR;
    }
}

const struct fault *fault_of(int code, int system_errno)
{
    int primary = code & 0xFF;
    if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) {
        const struct fault *f = find(code_of_errno(system_errno));
        if (f)
            return f;
    }
    const struct fault *exact = find(code);
    const struct fault *f = exact ? exact : find(primary);
    return f ? f : &unknown_fault;
}

void trouble_init(struct trouble *t)
{
    *t = (struct trouble){ 0 };
    pthread_mutex_init(&t->lock, NULL);
}

void trouble_done(struct trouble *t)
{
    pthread_mutex_destroy(&t->lock);
}

bool trouble_begins(struct trouble *t, const struct fault *fault, uint64_t now_us)
{
    t->err = fault->err;
    if (t->said == fault && now_us - t->said_at_us < TROUBLE_REPEAT_US)
        return false;
    t->said = fault;
    t->said_at_us = now_us;
    t->is_open = true;
    return true;
}

bool trouble_ends(struct trouble *t)
{
    bool was_open = t->is_open;
    t->err = 0;
    t->is_open = false;
    return was_open;
}

void trouble_report(struct trouble *t, const struct fault *fault, const char *detail)
{
    bool say = true;
    if (fault->is_state) {
        pthread_mutex_lock(&t->lock);
        say = trouble_begins(t, fault, clock_steady_us());
        pthread_mutex_unlock(&t->lock);
    }
    if (say)
        log_error("store", fault->what, log_str("do", fault->remedy), log_str("detail", detail));
}

void trouble_over(struct trouble *t)
{
    pthread_mutex_lock(&t->lock);
    const struct fault *said = trouble_ends(t) ? t->said : NULL;
    pthread_mutex_unlock(&t->lock);
    if (said)
        log_warn("store", "the database works again", log_str("after", said->what));
}

int trouble_now(struct trouble *t)
{
    pthread_mutex_lock(&t->lock);
    int err = t->err;
    pthread_mutex_unlock(&t->lock);
    return err;
}

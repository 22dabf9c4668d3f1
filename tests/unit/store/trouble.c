#include "../test.h"

#include "core/mem.h"
#include "store/sqlite/trouble.h"

#include <errno.h>
#include <sqlite3.h>

static void translates_codes(void **state)
{
    (void)state;
    static const struct {
        int code, system_errno, err;
        bool is_state;
    } cases[] = {
        { SQLITE_FULL, ENOSPC, -ENOSPC, true },
        { SQLITE_IOERR_WRITE, EFBIG, -ENOSPC, true },
        { SQLITE_IOERR_WRITE, EDQUOT, -ENOSPC, true },
        { SQLITE_IOERR_SHMSIZE, ENOSPC, -ENOSPC, true },
        { SQLITE_IOERR_WRITE, EIO, -EIO, true },
        { SQLITE_IOERR_READ, 0, -EIO, true },
        { SQLITE_READONLY, 0, -EROFS, true },
        { SQLITE_READONLY_DBMOVED, 0, -EROFS, true },
        { SQLITE_CANTOPEN, EROFS, -EROFS, true },
        { SQLITE_CANTOPEN, EACCES, -EROFS, true },
        { SQLITE_CANTOPEN, ENOENT, -EIO, true },
        { SQLITE_BUSY, 0, -EBUSY, true },
        { SQLITE_BUSY_RECOVERY, 0, -EBUSY, true },
        { SQLITE_CORRUPT, 0, -EIO, true },
        { SQLITE_NOTADB, 0, -EIO, true },
        { SQLITE_ERROR, 0, -EIO, true },
        { SQLITE_CONSTRAINT_TRIGGER, 0, -EIO, false },
        { SQLITE_CONSTRAINT_FOREIGNKEY, 0, -ENOENT, false },
        { SQLITE_TOOBIG, 0, -EIO, false },
        /* Only errors of the system have the system's errno; elsewhere it is an old one. */
        { SQLITE_BUSY, ENOSPC, -EBUSY, true },
        { SQLITE_CONSTRAINT_TRIGGER, ENOSPC, -EIO, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fault *f = fault_of(cases[i].code, cases[i].system_errno);
        assert_int_equal(f->err, cases[i].err);
        assert_int_equal(f->is_state, cases[i].is_state);
    }
}

static const struct fault *full(void)
{
    return fault_of(SQLITE_FULL, 0);
}

static const struct fault *busy(void)
{
    return fault_of(SQLITE_BUSY, 0);
}

static void says_a_state_once(void **state)
{
    (void)state;
    struct trouble t;
    trouble_init(&t);
    assert_true(trouble_begins(&t, full(), 5));
    assert_int_equal(trouble_now(&t), -ENOSPC);
    for (uint64_t i = 0; i < 1000; i++)
        assert_false(trouble_begins(&t, full(), 5 + i));
    assert_true(trouble_begins(&t, busy(), 2000));
    assert_int_equal(trouble_now(&t), -EBUSY);
    assert_true(trouble_ends(&t));
    assert_int_equal(trouble_now(&t), 0);
    assert_false(trouble_ends(&t));
    trouble_done(&t);
}

/* A disk that is almost full takes some messages and refuses others. */
static void a_state_that_flickers_is_not_said_each_time(void **state)
{
    (void)state;
    struct trouble t;
    int said = 0;
    trouble_init(&t);
    for (uint64_t i = 0; i < 1000; i++) {
        said += trouble_begins(&t, full(), i);
        assert_int_equal(trouble_now(&t), -ENOSPC);
        said += trouble_ends(&t);
    }
    assert_int_equal(said, 2);
    assert_true(trouble_begins(&t, full(), TROUBLE_REPEAT_US));
    trouble_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(translates_codes),
        cmocka_unit_test(says_a_state_once),
        cmocka_unit_test(a_state_that_flickers_is_not_said_each_time),
    };
    return RUN_TESTS(tests);
}

#pragma once
/* For tests of what calls GMime. */

#include "../test.h"

#include "core/mem.h"
#include "mail/mail.h"

static inline int begin_mail(void **state)
{
    (void)state;
    mail_init();
    return 0;
}

static inline int end_mail(void **state)
{
    (void)state;
    mail_done();
    return 0;
}

#define RUN_MAIL_TESTS(tests) cmocka_run_group_tests(tests, begin_mail, end_mail)

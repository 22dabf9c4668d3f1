#pragma once
/* What every unit test includes: cmocka wants these headers before its own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/span.h"

#define RUN_TESTS(tests) cmocka_run_group_tests(tests, NULL, NULL)

#define assert_span(actual, expected)                                                              \
    do {                                                                                           \
        struct span actual_ = (actual);                                                            \
        struct span expected_ = span_of(expected);                                                 \
        assert_int_equal(actual_.len, expected_.len);                                              \
        if (actual_.len)                                                                           \
            assert_memory_equal(actual_.ptr, expected_.ptr, actual_.len);                          \
    } while (0)

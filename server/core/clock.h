#pragma once
/* Time: milliseconds since 1970 in UTC for what people see, a steady clock for durations. */

#include <stdint.h>

enum { RFC3339_SIZE = 32 };

int64_t clock_now_ms(void);

/* Never jumps; only differences mean something. */
uint64_t clock_steady_us(void);

/* Writes "2026-11-23T12:04:31.250Z" (RFC 3339) and returns `out`. */
const char *clock_rfc3339(int64_t ms, char out[RFC3339_SIZE]);

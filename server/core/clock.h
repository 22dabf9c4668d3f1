#pragma once
/* Time: milliseconds since 1970 in UTC for what people see, a steady clock for durations. */

#include <pthread.h>
#include <stdint.h>

enum { RFC3339_SIZE = 32 };

int64_t clock_now_ms(void);

/* Never jumps; only differences mean something. */
uint64_t clock_steady_us(void);

/* For a condition that is waited for by the steady clock. */
void clock_condition_init(pthread_cond_t *c);

/* 0, or ETIMEDOUT when the steady clock says `until_us`; UINT64_MAX is never. */
int clock_condition_wait(pthread_cond_t *c, pthread_mutex_t *held, uint64_t until_us);

/* Writes "2026-11-23T12:04:31.250Z" (RFC 3339) and returns `out`. */
const char *clock_rfc3339(int64_t ms, char out[RFC3339_SIZE]);

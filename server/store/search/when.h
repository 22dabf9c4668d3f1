#pragma once
/* Moments and sizes as people write them in a query. */

#include "core/span.h"

/* "2026-11-23" (the start of that day in UTC), "2026-11-23T12:04:31.250Z" with any offset (RFC
 * 3339), or "2d": so long before `now_ms`, in s, m, h, d or w. */
bool when_parse(struct span text, int64_t now_ms, int64_t *out_ms);

/* "500", "10k", "5M", "1G", in octets. */
bool size_parse(struct span text, int64_t *out);

#pragma once
/* GET /metrics: what core/metrics.h counts, and what is there now, as Prometheus reads it. */

#include "http/http.h"

http_handler metrics_get;

/* To be told of every answer. */
void metrics_answered(const struct http_request *r, int status);

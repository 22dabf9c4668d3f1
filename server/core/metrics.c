#include "core/metrics.h"

struct metrics metrics;

const uint64_t metrics_times[METRICS_TIMES] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 500000, 2500000,
};

void metric_add_time(struct metric_times *t, uint64_t us)
{
    int i = 0;
    while (i < METRICS_TIMES && us > metrics_times[i])
        i++;
    metric_add(&t->counts[i], 1);
    metric_add(&t->sum_us, us);
}

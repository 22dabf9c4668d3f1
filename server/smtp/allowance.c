#include "smtp/allowance.h"

bool allowance_take(struct allowance *a, uint64_t now_us, uint64_t count)
{
    uint64_t from_us = a->rested_at_us > now_us ? a->rested_at_us : now_us;
    uint64_t until_us = from_us + count * a->each_us;
    if (until_us - now_us > a->at_once * a->each_us)
        return false;
    a->rested_at_us = until_us;
    return true;
}

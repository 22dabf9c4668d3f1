/* Whatever JSON is given as a fault plan, it is one, or it is said where it is none; and a plan
 * that is read again from what is kept of it is the same. */

#include "core/buf.h"
#include "faults/faults.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct fault_plan *p)
{
    struct fault_error error;
    struct fault_plan *again = fault_plan_read(fault_plan_json(p), false, &error);
    assert(again && json_equal(fault_plan_json(again), fault_plan_json(p)));
    fault_plan_free(again);
}

/* The input is what stands in a plan of one rule, so that more of it is read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fault_error error = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    buf_printf(&text, "{\"rules\": [{%.*s}]}", (int)size, (const char *)data);
    json_t *json = json_loads(buf_text(&text), 0, NULL);
    struct fault_plan *p = json ? fault_plan_read(json, false, &error) : NULL;
    assert(!json || p || *error.detail);
    if (p)
        check_again(p);
    fault_plan_free(p);
    json_decref(json);
    return 0;
}

#pragma once
/* What the files of this folder share. */

#include "core/buf.h"
#include "core/mem.h"
#include "faults/faults.h"

struct fault_plan {
    struct arena arena; /* of its texts */
    uint64_t seed;
    struct fault_rule *rules;
    size_t count;
    json_t *json;
};

/* presets.c: the rules of a preset, the caller's to free; NULL: there is none of that name. */
json_t *fault_preset(const char *name, bool is_of_inbox);

/* Appends "greylisting, rate-limit, ...". */
void fault_preset_names(struct buf *out);

/* read.c: one rule. False: *error says why, its field as seen from the rule, "reply.code". */
bool fault_rule_read(const json_t *json, bool is_of_inbox, struct arena *arena,
                     struct fault_rule *out, struct fault_error *error);

/* What a reply is when the code alone is given. */
struct fault_reply fault_usual_reply(int code);

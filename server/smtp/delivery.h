#pragma once
/* From the protocol's envelope to what the store keeps. */

#include "smtp/proto/engine.h"
#include "store/store.h"

/* Copies what the envelope says into the delivery, and what is known of the client beside it; what
 * the protocol noticed is in its `facts`, a struct intake_facts. */
void delivery_describe(struct store_delivery *d, const struct smtp_envelope *envelope,
                       const struct store_client *client);

/* What to tell the client about a message that cannot be kept, by its errno. */
const struct smtp_reply *delivery_refusal(int err);

/* Why messages cannot be spooled, which all that arrive meanwhile have in common: said once, and
 * again after a minute. */
struct complaint {
    int err;
    uint64_t said_ms;
};

/* `now_ms` is of any steady clock. */
void delivery_complain(struct complaint *c, int err, uint64_t now_ms, const struct spools *spools);

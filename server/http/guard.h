#pragma once
/* Who may call: a page from elsewhere must not reach this server through somebody's browser,
 * neither under a name of its own that it points here (DNS rebinding) nor as a foreign origin. */

#include "core/span.h"

struct guard_list {
    const char *const *items;
    size_t count;
};

/* The Host field names an address, localhost, or a name in the list; the port does not matter. */
bool host_is_allowed(struct span host, struct guard_list names);

/* The Origin field is this very site, going by the Host the request was sent to. */
bool origin_is_own(struct span origin, struct span host);

/* It is in the list, exactly. */
bool origin_is_listed(struct span origin, struct guard_list origins);

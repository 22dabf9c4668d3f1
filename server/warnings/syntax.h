#pragma once
/* The grammar of RFC 5322 by the letter, for what readers of mail take as it comes. Obsolete forms,
 * which nobody may write (section 4), are none of it, save two that half the world writes: a dot in
 * a name, and the name of a zone in a date. Octets above 127 are text (RFC 6532). */

#include "core/span.h"

/* A date-time: section 3.3. NULL, or what is wrong with it. */
const char *syntax_date(struct span value);

/* Where a list of addresses goes wrong. */
struct syntax_fault {
    struct span entry; /* of the list; may be empty */
    struct span rest;  /* of the entry, from where it goes wrong; empty: something is missing */
};

/* An address-list: section 3.4. Not empty; *out is untouched if all is well. */
bool syntax_is_list(struct span value, struct syntax_fault *out);

/* msg-ids, `most` of them at most, but one: section 3.6.4. */
bool syntax_are_ids(struct span value, size_t most);

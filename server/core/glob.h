#pragma once
/* Patterns of people for names and addresses: "*" stands for any characters or none, everything
 * else for itself, ASCII letters without regard to case. */

#include "core/span.h"

/* Takes no more than pattern.len * text.len steps. */
bool glob_matches(struct span pattern, struct span text);

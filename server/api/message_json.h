#pragma once
/* A message's parts as a tree; NULL if it has none. */

#include "api/json.h"

json_t *part_tree(const struct mail *mail);

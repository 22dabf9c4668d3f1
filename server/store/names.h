#pragma once
/* Names for inboxes that nobody named. */

#include "store/store.h"

enum { NAME_SIZE = STORE_INBOX_NAME_MAX + 1 };

/* One that people can read and remember, "calm-otter-7k3m". Another each time. */
void name_make(char out[NAME_SIZE]);

/* One for whoever logs in as `username`: itself where it is a name, else what of it may stand in a
 * name, "app-shop.test" for "app@shop.test". `attempt` counts from 0: where that is taken, a number
 * follows. */
void name_of_username(struct span username, unsigned attempt, char out[NAME_SIZE]);

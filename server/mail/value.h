#pragma once
/* What the values of header fields say; GMime reads them. Values come as sent, folds included;
 * results live in the arena, are well-formed UTF-8 and hold no control characters. */

#include "mail/mail.h"

#include <gmime/gmime.h>

/* How GMime's functions are to read; set up by value_init(). */
GMimeParserOptions *value_options(void);

void value_init(void);
void value_done(void);

/* As sent, only made UTF-8; folds and control characters stay. */
const char *value_raw(struct arena *arena, struct span raw);

/* Unfolded, encoded words (RFC 2047) decoded. */
const char *value_text(struct arena *arena, struct span raw);

/* A message or content id without its angle brackets. */
const char *value_id(struct arena *arena, struct span raw);

/* Appends the addresses of the list to *list, members of groups without their group. */
void value_addresses(struct arena *arena, struct span raw, struct mail_addresses *list);

bool value_date(struct span raw, int64_t *out_ms);

/* Unfolded, ending in NUL, control characters as spaces: what GMime's functions want. The second
 * is for values with parameters. The caller frees it. */
char *value_flat(struct span raw);
char *value_parameters(struct span raw);

/* Text from GMime made fit to leave: see the top. NULL stays NULL. */
const char *value_clean(struct arena *arena, const char *text);

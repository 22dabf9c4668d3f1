#pragma once
/* What of a client's line may be recorded. Clients send secrets where they belong, and where they
 * do not: behind an AUTH that was refused, in the verbs of other protocols, in HTTP fields. */

#include "core/buf.h"

enum { SMTP_MAX_SHOWN = 2048 }; /* octets of a line; behind them a mark says that it was longer */

enum smtp_shown {
    SMTP_SHOWN_COMMAND,  /* a line whose verb is known; shown whole unless it is AUTH */
    SMTP_SHOWN_UNKNOWN,  /* any other line where a command was expected */
    SMTP_SHOWN_RESPONSE, /* part of a login, or likely to be: nothing of it is shown */
};

/* Appends what may be shown of `line`, which has `line_bytes` octets of which some may be left
 * out. Control octets stay as they are. */
void smtp_shown_append(struct buf *out, enum smtp_shown kind, struct span line,
                       uint64_t line_bytes);

/* Whether that is simply `line` itself. */
bool smtp_shown_is_plain(enum smtp_shown kind, struct span line, uint64_t line_bytes);

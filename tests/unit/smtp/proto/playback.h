#pragma once
/* Plays a client's octets to an engine as a connection would, and writes down all that comes out
 * in the form of tests/transcripts/README.md: "S:" for each line of a reply, "E:" for each event,
 * and at the end "N:" for the notes. */

#include "core/buf.h"
#include "smtp/proto/engine.h"

struct playback {
    const struct smtp_config *config;
    struct span client;
    /* The answer to question number `index` of the session, counted from 0. */
    const struct smtp_reply *(*answer)(const void *arg, size_t index);
    const void *arg;
};

/* Gives the engine `step` octets at a time. Messages are stored as 1, 2 and so on. */
void playback_run(const struct playback *p, size_t step, struct buf *log);

/* Plays `client` whole and cut in several ways, to an engine with limits small enough to be met,
 * and aborts unless all of them read the same. `choice` picks configuration and answers. */
void playback_check_cuts(struct span client, unsigned choice);

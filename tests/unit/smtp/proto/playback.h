#pragma once
/* Plays a client's octets to an engine as a connection would, and writes down all that comes out
 * in the form of tests/transcripts/README.md: "S:" for each line of a reply, "E:" for each event,
 * and at the end "N:" for the notes. */

#include "core/buf.h"
#include "smtp/proto/engine.h"

enum { PLAYBACK_MAX_HANDSHAKES = 8 };

struct playback {
    const struct smtp_config *config;
    unsigned peer; /* enum smtp_peer bits */
    struct span client;
    /* Where in `client` the handshake is, if the engine has asked for one; in order. */
    size_t handshakes[PLAYBACK_MAX_HANDSHAKES];
    size_t handshake_count;
    /* The answer to question number `index` of the session, counted from 0. */
    const struct smtp_reply *(*answer)(const void *arg, size_t index);
    const void *arg;
};

/* Gives the engine `step` octets at a time. Messages are stored as 1, 2 and so on. */
void playback_run(const struct playback *p, size_t step, struct buf *log);

/* Plays `client` whole and cut in several ways, to an engine with limits small enough to be met,
 * and aborts unless all of them read the same. `choice` picks configuration and answers. An octet
 * PLAYBACK_HANDSHAKE, with which TLS records of a handshake begin, stands for a whole one. */
enum { PLAYBACK_HANDSHAKE = 0x16 };

void playback_check_cuts(struct span client, unsigned choice);

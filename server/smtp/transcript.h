#pragma once
/* Takes down what is said in a session, as it is said, without sockets and clocks: lines of the
 * client as the engine shows them, secrets masked; lines of the server; what happened besides; and
 * how many octets of messages came, whose text is kept elsewhere.
 *
 * What was said before the first MAIL is the opening; it stays, for every message of the session
 * came to be by it. The rest goes away in pieces, one with each message. Both are bounded: of what
 * is too long the front and the end are kept, with a note where something is missing.
 *
 * Times are of a steady clock, in microseconds. */

#include "store/entries.h"

enum {
    TRANSCRIPT_OPENING_MAX = 64 * 1024, /* octets */
    TRANSCRIPT_REST_MAX = 256 * 1024,
    TRANSCRIPT_SMALL_MAX = 4 * 1024,       /* of either, while all hold too much together */
    TRANSCRIPTS_ENOUGH = 64 * 1024 * 1024, /* octets that all may hold before that */
};

struct transcript_part {
    struct buf entries;
    size_t gap_at; /* where entries are missing, if any are */
    uint64_t left_out;
};

struct transcript {
    size_t *held; /* octets, by all transcripts; borrowed */
    uint64_t begun_us;
    struct transcript_part opening, rest;
    uint64_t data;     /* octets that came since the last entry */
    bool is_data_told; /* since then there was such an entry, and no line of the client */
    bool is_begun;     /* there was a MAIL */
    bool is_truncated; /* something was ever left out */
    int last_code;     /* of the server's last line */
};

void transcript_start(struct transcript *t, size_t *held, uint64_t now_us);
void transcript_done(struct transcript *t);

/* Nothing was said yet. */
void transcript_restart(struct transcript *t);

/* A line without its end. */
void transcript_client(struct transcript *t, uint64_t now_us, struct span line);

/* Lines with their ends. */
void transcript_server(struct transcript *t, uint64_t now_us, struct span lines);

/* A sentence without its end: what happened, or what is done on purpose. */
void transcript_note(struct transcript *t, uint64_t now_us, const char *text);
void transcript_fault(struct transcript *t, uint64_t now_us, const char *text);

/* Octets of a message; those that come in a row become one entry, of the time when something else
 * is taken down. */
void transcript_data(struct transcript *t, uint64_t octets);

/* The message has arrived, whether it has any octets or not. */
void transcript_data_end(struct transcript *t, uint64_t now_us);

/* Octets that it takes. */
size_t transcript_len(const struct transcript *t);

/* Appends what is there as entries.h packs it, with notes for what is missing. */
void transcript_copy_opening(const struct transcript *t, struct buf *out);
void transcript_copy_rest(const struct transcript *t, struct buf *out);

/* What transcript_copy_rest() gave is stored. */
void transcript_drop_rest(struct transcript *t);

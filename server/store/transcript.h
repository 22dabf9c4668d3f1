#pragma once
/* Puts a transcript together from the pieces in which it is kept.
 *
 * What went with a message is everything since the message before; with the first one, everything
 * since the session began. The opening, which is what was said before the first transaction, is
 * also kept by itself once there is a second message, and what went with no message is the closing.
 * So pieces may begin with what was told already, and copies of a message have the same piece. */

#include "store/entries.h"

/* `= { .arena = arena }` is an empty one. */
struct transcript {
    struct arena *arena; /* of what the entries say */
    struct buf entries;  /* struct store_entry, one after the other */
    struct span last;    /* the piece added last */
    size_t size;         /* octets of all pieces */
    bool is_cut;
};

/* Adds a piece, as entries_pack() made it, that went with the message, or with none (0), save what
 * it has in common with the front of the last one. Data is the message's if it came in the last
 * transaction. 0, or -EBADMSG if the piece is damaged. */
int transcript_add(struct transcript *t, struct span piece, int64_t message_id) MUST_CHECK;

/* Adds what may have gone with messages meanwhile: what is later than what is told. */
int transcript_add_later(struct transcript *t, struct span piece) MUST_CHECK;

/* Of such a piece, the last transaction, and what came before the first if the session begins with
 * the piece. */
int transcript_add_transaction(struct transcript *t, struct span piece,
                               int64_t message_id) MUST_CHECK;

/* Of the piece after that, the reply with which it begins. */
int transcript_add_reply(struct transcript *t, struct span piece) MUST_CHECK;

/* The same of a piece as for transcript_add_later(). */
int transcript_add_later_reply(struct transcript *t, struct span piece) MUST_CHECK;

/* Whether another piece is to be added. */
bool transcript_has_room(const struct transcript *t);

/* Pieces are left out here. */
void transcript_note_gap(struct transcript *t);

/* Gives away what was added; nothing is left to free. */
void transcript_end(struct transcript *t, struct store_transcript *out);

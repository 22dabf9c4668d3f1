#pragma once
/* Text to the words that search compares. Upper and lower case are one, and so are ways to write
 * the same letter: é finds e, ß is ss, ﬁ is fi, a Greek ς is σ.
 *
 * Letters and digits that stand together are a word. Chinese characters and Japanese kana, which
 * are written without spaces, and symbols such as ☎ are each a word of its own, so that "東京" is
 * found as two words that follow each other. Everything else separates words. */

#include "core/buf.h"

enum {
    FOLD_WORD_MAX = 64,   /* octets; a longer word is cut */
    FOLD_WHOLE_MAX = 256, /* octets of what is kept whole */
};

/* Appends each word of `text`, which is UTF-8, with a space behind it; stops when about `max`
 * octets are appended. */
void fold_words(struct buf *out, struct span text, size_t max);

/* Appends `text` as one word, whatever is in it, with a space behind it; white space and controls
 * in it become "_". Nothing if it is empty. */
void fold_whole(struct buf *out, struct span text);

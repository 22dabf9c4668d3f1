#pragma once
/* The words of a message, folded, in order: what the index is made of, and what phrases and parts
 * of words are looked up in.
 *
 * They are lines that end in NUL, one for each address, text, name or header field: a tag, a space,
 * and words with a space behind each:
 *
 *     "s your order is on its way \0"    the tag is a letter, or
 *     "h:x-tenant 42 \0"                 h and the name of a header field */

#include "mail/mail.h"
#include "store/store.h"

/* Octets of words that are kept, about; what lies beyond is not found. */
enum {
    WORDS_MAX_TEXT = 256 * 1024, /* of the text, and as many of HTML beside it */
    WORDS_MAX_HEADER = 1024,     /* of a header field */
    WORDS_MAX_HEADERS = 64 * 1024,
    WORDS_MAX_ADDRESSES = 64 * 1024,
    WORDS_MAX_OTHER = 16 * 1024, /* of the subject, of file names, of warnings */
    WORDS_MAX = 1024 * 1024,     /* of all; never reached */
};

/* The tags of lines, and what `has:` asks for. */
#define WORDS_FROM "f"
#define WORDS_TO "t"
#define WORDS_CC "c"
#define WORDS_BCC "b"
#define WORDS_REPLY_TO "r"
#define WORDS_RCPT "p"
#define WORDS_ENVELOPE_FROM "v"
#define WORDS_SUBJECT "s"
#define WORDS_TEXT "x"
#define WORDS_FILENAME "n"
#define WORDS_MESSAGE_ID "m"
#define WORDS_HELO "l"
#define WORDS_IP "a"
#define WORDS_SESSION "z"
#define WORDS_WARNING "w"
#define WORDS_HAS "k"
#define WORDS_HEADER "h"
#define WORDS_ADDRESSED WORDS_TO WORDS_CC WORDS_BCC WORDS_RCPT /* by any of these */

/* Not a line, but a term of the index: which inbox it is in is known only when it is stored. */
#define WORDS_INBOX "i"

/* The words in the line of WORDS_HAS. */
#define WORDS_HAS_ANYTHING "message" /* every message has it */
#define WORDS_HAS_ATTACHMENT "attachment"
#define WORDS_HAS_INLINE "inline"
#define WORDS_HAS_HTML "html"
#define WORDS_HAS_WARNING "warning"

/* Appends the words of a message. `content` may say nothing. */
void words_write(const struct store_message *m, const struct mail_content *content,
                 struct buf *out);

/* Takes the next line off the front of *kept. False at the end, and where it is damaged. */
struct words_line {
    struct span tag;
    struct span words; /* " your order ", a NUL behind it */
};

bool words_next(struct span *kept, struct words_line *out);

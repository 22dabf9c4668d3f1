#pragma once
/* Looks for what is wrong with a body, as its octets stream by. */

#include "mail/base64_lines.h"
#include "mail/mail.h"

struct check {
    enum mail_encoding encoding;
    enum check_text { CHECK_NO_TEXT, CHECK_ASCII, CHECK_UTF8 } text; /* what it must decode to */
    unsigned faults;                                                 /* so far */
    /* Of the encoded octets: */
    size_t column;
    size_t digits;  /* of base64 */
    size_t padding; /* "=" behind them */
    struct base64_lines lines;
    unsigned equals; /* in quoted-printable, how far behind "=": 0 is not */
    bool is_hex;     /* a digit has followed it */
    /* Of the decoded ones, the front of a character: */
    char held[4];
    size_t held_len;
};

void check_init(struct check *c, const struct mail_part *part);

/* In order, each octet once. */
void check_encoded(struct check *c, struct span octets);
void check_decoded(struct check *c, struct span octets);

/* Returns all faults, enum mail_fault. */
unsigned check_finish(struct check *c);

/* Of a base64 body without faults: how long its lines are, if they are alike; otherwise 0. */
size_t check_line_length(const struct check *c);

/* From now on the decoder shows `check`, which is borrowed, what it reads before it decodes it. */
void mail_decoder_watch(struct mail_decoder *d, struct check *check);

#pragma once
/* What a message says: octets in, addresses, subject, parts and text out (RFC 5322, MIME).
 * No I/O and no threads of its own; any thread may read any message.
 *
 * Failing to understand is a result, not an error: what cannot be read is left empty, and the
 * octets remain whatever they are. All text that comes out is well-formed UTF-8 without NUL. */

#include "core/arena.h"
#include "core/buf.h"
#include "core/source.h"

/* Neither is ever NULL. */
struct mail_address {
    const char *name;
    const char *address;
};

struct mail_addresses {
    struct mail_address *items;
    size_t count;
};

enum mail_encoding { /* RFC 2045 section 6 */
                     MAIL_7BIT,
                     MAIL_8BIT,
                     MAIL_BINARY,
                     MAIL_QUOTED_PRINTABLE,
                     MAIL_BASE64,
                     MAIL_UUENCODE,
};

/* What is wrong with a part by the letter, as bits; it was read all the same. */
enum mail_fault {
    MAIL_FAULT_TYPE = 1 << 0,               /* a Content-Type that is none: RFC 2045 5.1 */
    MAIL_FAULT_ENCODING = 1 << 1,           /* an unknown Content-Transfer-Encoding: RFC 2045 6.1 */
    MAIL_FAULT_ENCODED_CONTAINER = 1 << 2,  /* a multipart or message in base64 or such: 6.4 */
    MAIL_FAULT_CHARSET = 1 << 3,            /* one that nobody knows: RFC 2046 4.1.2 */
    MAIL_FAULT_NOT_IN_CHARSET = 1 << 4,     /* text with octets that its charset does not have */
    MAIL_FAULT_EIGHT_BIT = 1 << 5,          /* octets above 127 in a part said to be 7bit: 6.2 */
    MAIL_FAULT_BASE64 = 1 << 6,             /* characters or padding that are none of it: 6.8 */
    MAIL_FAULT_QUOTED_PRINTABLE = 1 << 7,   /* "=" with neither digits nor a line end: 6.7 */
    MAIL_FAULT_ENCODED_LINE = 1 << 8,       /* over 76 characters in either of them */
    MAIL_FAULT_NO_BOUNDARY = 1 << 9,        /* a multipart that names none: RFC 2046 5.1.1 */
    MAIL_FAULT_BOUNDARY_UNUSED = 1 << 10,   /* a multipart whose boundary does not occur */
    MAIL_FAULT_NOT_CLOSED = 1 << 11,        /* a multipart whose closing boundary is missing */
    MAIL_FAULT_ENCODED_PARAMETER = 1 << 12, /* an encoded word in a parameter: RFC 2047 5 */
    MAIL_FAULT_BOUNDS = 1 << 13,            /* the message goes beyond MAIL_MAX_...: shown whole */
};

/* One node of the part tree. */
struct mail_part {
    const char *number;       /* "2.1", as IMAP numbers sections (RFC 3501 6.4.5); a message's own
                                 multipart, which has none there, is "0", in message 2 "2.0" */
    const char *content_type; /* lower case, no parameters; "text/plain" where there is none */
    const char *charset;      /* as given; NULL if not given */
    enum mail_encoding encoding;
    const char *filename;    /* decoded; NULL if not given. Never a path, only a name to show */
    const char *content_id;  /* without the angle brackets; NULL if not given */
    const char *disposition; /* "inline", "attachment", lower case; NULL if not given */
    size_t depth;            /* 0 for the root; parts stand in pre-order, so the children of a part
                                are those behind it with depth + 1 */
    uint64_t start, end;     /* where its encoded body lies in the message, as octet offsets */
    uint64_t size;           /* of the decoded body, in octets */
    size_t line_length;      /* of base64 without faults: of each line but the last, CRLF aside, if
                                they are alike; otherwise 0 */
    char sha256[65];         /* of the decoded body, hexadecimal; "" for a multipart and for an
                                embedded message within another */
    bool is_attachment;      /* shown in the list of attachments, inline pictures too */
    unsigned faults;         /* enum mail_fault; known where the message is read, not kept */
};

struct mail {
    struct mail_addresses from, sender, reply_to, to, cc, bcc;
    const char *subject;    /* decoded; "" if there is none */
    const char *message_id; /* without the angle brackets; "" if there is none */
    bool has_date;
    int64_t date_ms;     /* of the Date header, since 1970 in UTC */
    const char *preview; /* the first 200 characters of the text, white space folded */
    struct mail_part *parts;
    size_t part_count;
    int text_part, html_part; /* index of the text to show, -1 if there is none */
};

/* One header field. */
struct mail_header {
    const char *name;
    const char *value; /* unfolded, encoded words decoded */
    const char *raw;   /* as sent behind the colon, folds included, without white space around */
};

/* What a message says beside struct mail: for search. */
struct mail_content {
    struct mail_header *headers;
    size_t header_count;
    const char *stray;      /* the first line of the header that is no field; NULL: all are */
    struct span text, html; /* as a reader sees them, the HTML without its markup. Mostly both say
                               the same, and `html` is empty; it is there if there is no text, or if
                               that is less than half as long: "use a reader that shows HTML" */
};

/* Beyond these a message is kept and shown raw, not taken apart. */
enum {
    MAIL_MAX_PARTS = 1000,
    MAIL_MAX_DEPTH = 50,
    MAIL_MAX_HEADER_BYTES = 1024 * 1024, /* of the message and all parts together */
    MAIL_MAX_HEADER_FIELDS = 10000,      /* listed by mail_headers() */
    MAIL_PREVIEW_CHARACTERS = 200,
    MAIL_CONTENT_TEXT = 256 * 1024, /* octets of each text of struct mail_content */
};

/* Before the first other call and after the last, on the main thread. */
void mail_init(void);
void mail_done(void);

/* Reads the message; everything in *out lives in `arena`. If the source fails, what was read so
 * far is in *out. */
void mail_read(const struct source *raw, struct arena *arena, struct mail *out);

/* The fields of the message's own header, in order, repeats included, within
 * MAIL_MAX_HEADER_BYTES and MAIL_MAX_HEADER_FIELDS. Returns how many; they live in `arena`. */
size_t mail_headers(const struct source *raw, struct arena *arena, struct mail_header **out);

/* A part's body, decoded step by step, so that it costs no memory in proportion. */
struct mail_decoder;

/* With `as_text`, what comes out is UTF-8 converted from the part's charset, line ends as they
 * are. `raw` and `part` must outlive the decoder. */
struct mail_decoder *mail_decoder_new(const struct source *raw, const struct mail_part *part,
                                      bool as_text);
void mail_decoder_free(struct mail_decoder *d);

/* Passes over the next `count` octets. Those of a body that is as it is, or is base64 in lines of
 * one length, are not even read; others are decoded. 0, or a negative errno. */
int mail_decoder_skip(struct mail_decoder *d, uint64_t count);

/* Puts at most `len` octets at `out`. Returns how many, 0 at the end, or a negative errno. */
int64_t mail_decoder_read(struct mail_decoder *d, void *out, size_t len);

/* Appends the text of a text part as a reader sees it, in UTF-8, that of an HTML part without its
 * markup: for search, and for lists. Stops at about `max` octets of text, and when it has read
 * MAIL_TEXT_EFFORT times as much without finding that. 0 or a negative errno. */
int mail_text(const struct source *raw, const struct mail_part *part, size_t max, struct buf *out);

enum { MAIL_TEXT_EFFORT = 64 };

/* What `mail`, read of the same message, does not say; everything in *out lives in `arena`. If the
 * source fails, what was read so far is in *out. */
void mail_read_content(const struct source *raw, const struct mail *mail, struct arena *arena,
                       struct mail_content *out);

/* The children of multiparts and embedded messages by number; NULL if there is no such part. */
const struct mail_part *mail_find_part(const struct mail *m, struct span number);

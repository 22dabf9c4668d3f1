#pragma once
/* What must not be guessed: made from the system's random source, looked up by its digest, and
 * compared in a time that tells nothing about it. */

#include "core/span.h"

enum {
    SECRET_LEN = 28, /* characters */
    SECRET_SIZE = SECRET_LEN + 1,
    SECRET_DIGEST_SIZE = 32,
    SECRET_CRAM_SIZE = 33,
};

/* `len` random characters and a NUL: letters and digits of which none is mistaken for another,
 * five bits each. */
void secret_fill(char *out, size_t len);

/* A whole one: 140 bits. */
void secret_make(char out[SECRET_SIZE]);

/* SHA-256. */
struct secret_digest {
    unsigned char bytes[SECRET_DIGEST_SIZE];
};

struct secret_digest secret_digest(struct span secret);
bool secret_digest_equal(const struct secret_digest *a, const struct secret_digest *b);

/* Whatever their lengths. */
bool secret_equal(struct span a, struct span b);

/* HMAC-SHA256: only who has the key can make it, or tell that it is right. */
struct secret_digest secret_mac(struct span key, struct span text);

/* What a client that knows the password answers to the challenge: HMAC-MD5 in hexadecimal digits
 * (RFC 2195 section 2). */
void secret_cram_md5(struct span password, struct span challenge, char out[SECRET_CRAM_SIZE]);

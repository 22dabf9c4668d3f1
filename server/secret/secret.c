#include "secret/secret.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

/* Without i, l, o and u (Crockford's base 32): read aloud and typed without mistakes. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void secret_fill(char *out, size_t len)
{
    if (gnutls_rnd(GNUTLS_RND_KEY, out, len) < 0)
        abort(); /* as out of memory: nothing could be kept secret */
    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[(unsigned char)out[i] % 32];
    out[len] = '\0';
}

void secret_make(char out[SECRET_SIZE])
{
    secret_fill(out, SECRET_LEN);
}

struct secret_digest secret_digest(struct span secret)
{
    struct secret_digest d;
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, secret.ptr, secret.len, d.bytes) < 0)
        abort(); /* it has no reason to fail */
    return d;
}

struct secret_digest secret_mac(struct span key, struct span text)
{
    struct secret_digest d;
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.ptr, key.len, text.ptr, text.len, d.bytes) < 0)
        abort(); /* it has no reason to fail */
    return d;
}

bool secret_digest_equal(const struct secret_digest *a, const struct secret_digest *b)
{
    return gnutls_memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool secret_equal(struct span a, struct span b)
{
    struct secret_digest x = secret_digest(a), y = secret_digest(b);
    return secret_digest_equal(&x, &y);
}

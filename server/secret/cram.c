#include "secret/secret.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>

enum { MD5_SIZE = 16 };

void secret_cram_md5(struct span password, struct span challenge, char out[SECRET_CRAM_SIZE])
{
    unsigned char digest[MD5_SIZE];
    if (gnutls_hmac_fast(GNUTLS_MAC_MD5, password.ptr, password.len, challenge.ptr, challenge.len,
                         digest) < 0)
        abort(); /* it has no reason to fail */
    for (size_t i = 0; i < MD5_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

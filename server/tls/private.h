#pragma once
/* What the files of this folder share. */

#include "tls/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* A certificate and its key, in PEM. */
struct tls_pem {
    struct buf cert, key;
};

void tls_pem_done(struct tls_pem *p);

/* What we made ourselves. */
struct tls_own {
    struct tls_pem ca, server;
};

void tls_own_done(struct tls_own *own);

/* A pair in use: new sessions take that of the identity, old ones keep theirs. */
struct tls_pair {
    gnutls_certificate_credentials_t credentials;
    struct tls_pem pem;
    int64_t valid_from_s, valid_until_s;
    size_t sessions;
    bool is_retired; /* freed with its last session */
};

struct tls_identity {
    struct tls_identity_config config;
    gnutls_priority_t priority;
    struct tls_pair *pair;
    struct tls_own own; /* empty with the user's pair */
};

/* Of the same certificate and key, held by nobody. */
struct tls_pair *tls_pair_copy(const struct tls_pair *p);

/* Nobody takes it any more. */
void tls_pair_retire(struct tls_pair *p);

void tls_pair_release(struct tls_pair *p);

/* For what fails only for want of memory or by our own mistake: ends the process (core/mem.h). */
void tls_must(int code);

/* ---- our own certificates: make.c ---- */

/* A CA, and a key for the server. */
void tls_make_ca(int64_t now_s, struct tls_own *own);

/* A certificate for the server's key, signed by the CA, in place of what there was. A negative code
 * of GnuTLS if these are not what they should be. */
int tls_make_cert(struct tls_own *own, const struct tls_identity_config *config, int64_t now_s);

/* Nothing that an invalid one has signed is trusted. */
bool tls_ca_is_valid(const struct tls_own *own, int64_t now_s);

/* Whether the certificate is by the CA, for the key and the names, and good for a while. */
bool tls_cert_is_fit(const struct tls_own *own, const struct tls_identity_config *config,
                     int64_t now_s);

/* ---- where they are kept: folder.c; all return 0 or a negative errno ---- */

/* -ENOENT: there is no folder. A file that is missing is left empty. */
int tls_folder_load(const char *folder, struct tls_own *own);

/* Makes the folder, all of it at once. -EEXIST: somebody else was faster. */
int tls_folder_make(const char *folder, const struct tls_own *own);

int tls_folder_replace_cert(const char *folder, const struct buf *cert);

/* Appends the whole file, which must not have more than 1 MiB. */
int tls_read_file(const char *path, struct buf *out);

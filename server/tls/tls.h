#pragma once
/* TLS 1.2 and 1.3 for a server, from memory to memory: no socket, no clock, no thread.
 *
 * An identity is what the server shows: a certificate and its key, the user's own, or one signed
 * by a CA that is made at first start. A session is one client's:
 *
 *     state = tls_take(t, what came, &plain)  → plain: what the client said
 *     tls_put(t, &replies)                    → they are in tls_output(), encrypted
 *     ...write tls_output(t) to the client, after either of them...
 *
 * How the octets were split between reads never changes what comes out. An identity and its
 * sessions belong to one thread; what is for others says so. */

#include "core/buf.h"

#include <stdbool.h>

/* ---- identity ---- */

struct tls_identity;

/* Borrowed until tls_identity_free(). */
struct tls_identity_config {
    /* PEM, the certificate followed by those that lead to its CA. NULL: one of our own. */
    const char *cert_file, *key_file;
    const char *folder; /* keeps our own: ca.pem, ca.key, cert.pem, key.pem. NULL: kept nowhere */
    const char *const *names; /* of our own; what netaddr_is_name() denies is left out */
    size_t name_count;
};

/* Loads or makes it. `now_s` is the time, here and below, in seconds since 1970. On failure `*why`
 * is one sentence for the operator. */
int tls_identity_open(const struct tls_identity_config *config, int64_t now_s,
                      struct tls_identity **out, struct buf *why);

/* All sessions must be gone. NULL is accepted. */
void tls_identity_free(struct tls_identity *i);

/* Reads the user's pair again, or renews our own if it is due. New sessions use what it became:
 * 1, changed; 0, nothing new. On failure, with `*why`, it stays as it was. */
int tls_identity_refresh(struct tls_identity *i, int64_t now_s, struct buf *why);

enum tls_flaw { TLS_EXPIRED, TLS_WRONG_NAME, TLS_FLAWS };

/* One like it, signed by the same CA, save for a flaw that clients must notice. Of the user's pair
 * the CA is not known, and so another signs. Kept nowhere. As tls_identity_open(). */
int tls_identity_flawed(const struct tls_identity *i, enum tls_flaw flaw, int64_t now_s,
                        struct tls_identity **out, struct buf *why);

/* What clients will say against the certificate, or our CA: expired, not yet valid. NULL: nothing.
 */
const char *tls_identity_trouble(const struct tls_identity *i, int64_t now_s);

/* In PEM, that of our own, and the same for as long as the identity is open; NULL with the user's
 * pair. */
const char *tls_identity_ca(const struct tls_identity *i);

/* ---- sessions that another library makes ---- */

/* Lends them what an identity shows. Each keeps what it was lent, whatever comes after. Any thread,
 * save where it is said. */
struct tls_lender;
struct tls_pair;

struct tls_lender *tls_lender_new(const struct tls_identity *i);

/* All has been given back. NULL is accepted. */
void tls_lender_free(struct tls_lender *l);

/* From now on it lends what the identity has become. On the identity's thread. */
void tls_lender_update(struct tls_lender *l, const struct tls_identity *i);

/* In PEM, valid until the next update. On the identity's thread. */
const char *tls_lender_cert(const struct tls_lender *l);
const char *tls_lender_key(const struct tls_lender *l);

/* `session` is a gnutls_session_t before its handshake. */
struct tls_pair *tls_lend(struct tls_lender *l, void *session);
void tls_give_back(struct tls_lender *l, struct tls_pair *pair);

/* ---- sessions ---- */

struct tls;

enum tls_state {
    TLS_HANDSHAKE, /* nothing can be said yet */
    TLS_OPEN,
    TLS_ENDED, /* the client will say no more */
    TLS_FAILED,
};

enum { TLS_SNI_SIZE = 256 };

/* What was agreed on; valid from TLS_OPEN on. */
struct tls_facts {
    const char *version; /* "TLS1.3" */
    const char *cipher;  /* by its name in the IANA registry */
    const char *sni;     /* the name that the client asked for, of any octets; NULL: none */
};

struct tls *tls_new(struct tls_identity *identity);
void tls_free(struct tls *t); /* NULL is accepted */

/* Takes what the client sent, all of it, and appends what it says to *plain. That is never more
 * than came in, save for the part of one record that came in before. After TLS_ENDED and
 * TLS_FAILED nothing is taken any more. */
enum tls_state tls_take(struct tls *t, struct span in, struct buf *plain);

/* Encrypts all of *plain and empties it. Not before TLS_OPEN; after TLS_FAILED it is dropped. */
void tls_put(struct tls *t, struct buf *plain);

/* Tells the client that nothing more will be said. Once; of no effect before TLS_OPEN. */
void tls_end(struct tls *t);

/* What is to be sent to the client. Whoever writes it calls buf_consume() on it. */
struct buf *tls_output(struct tls *t);

struct tls_facts tls_facts(const struct tls *t);

/* After TLS_FAILED: why, in a few words. */
const char *tls_failure(const struct tls *t);

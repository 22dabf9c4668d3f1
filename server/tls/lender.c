/* Sessions count how many hold a pair, under a lock, since libmicrohttpd's are on several threads.
 * The identity's own pair belongs to the thread of SMTP, and so the lender has a copy. */

#include "tls/private.h"

#include <assert.h>
#include <pthread.h>

struct tls_lender {
    pthread_mutex_t lock;
    struct tls_pair *pair;
};

struct tls_lender *tls_lender_new(const struct tls_identity *i)
{
    struct tls_lender *l = xcalloc(1, sizeof(*l));
    pthread_mutex_init(&l->lock, NULL);
    l->pair = tls_pair_copy(i->pair);
    return l;
}

void tls_lender_free(struct tls_lender *l)
{
    if (!l)
        return;
    assert(l->pair->sessions == 0);
    tls_pair_retire(l->pair);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

void tls_lender_update(struct tls_lender *l, const struct tls_identity *i)
{
    struct tls_pair *next = tls_pair_copy(i->pair);
    pthread_mutex_lock(&l->lock);
    tls_pair_retire(l->pair);
    l->pair = next;
    pthread_mutex_unlock(&l->lock);
}

const char *tls_lender_cert(const struct tls_lender *l)
{
    return l->pair->pem.cert.ptr;
}

const char *tls_lender_key(const struct tls_lender *l)
{
    return l->pair->pem.key.ptr;
}

struct tls_pair *tls_lend(struct tls_lender *l, void *session)
{
    pthread_mutex_lock(&l->lock);
    struct tls_pair *pair = l->pair;
    pair->sessions++;
    pthread_mutex_unlock(&l->lock);
    tls_must(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, pair->credentials));
    return pair;
}

void tls_give_back(struct tls_lender *l, struct tls_pair *pair)
{
    pthread_mutex_lock(&l->lock);
    tls_pair_release(pair);
    pthread_mutex_unlock(&l->lock);
}

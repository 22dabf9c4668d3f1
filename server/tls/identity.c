#include "tls/private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* AEAD ciphers with forward secrecy; clients of this decade have them. */
static const char priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
                               ":-RSA:-DHE-RSA:-AES-256-CBC:-AES-128-CBC";

/* ---- pairs ---- */

static void pair_free(struct tls_pair *p)
{
    gnutls_certificate_free_credentials(p->credentials);
    tls_pem_done(&p->pem);
    free(p);
}

void tls_pair_release(struct tls_pair *p)
{
    p->sessions--;
    if (p->is_retired && p->sessions == 0)
        pair_free(p);
}

void tls_pair_retire(struct tls_pair *p)
{
    p->is_retired = true;
    if (p->sessions == 0)
        pair_free(p);
}

static gnutls_datum_t datum_of(const struct buf *b)
{
    return (gnutls_datum_t){ (unsigned char *)b->ptr, (unsigned)b->len };
}

/* Fails with a code of GnuTLS. */
static int read_dates(struct tls_pair *p)
{
    gnutls_x509_crt_t *certs;
    unsigned count;
    gnutls_datum_t data = datum_of(&p->pem.cert);
    int code = gnutls_x509_crt_list_import2(&certs, &count, &data, GNUTLS_X509_FMT_PEM, 0);
    if (code < 0)
        return code;
    p->valid_from_s = gnutls_x509_crt_get_activation_time(certs[0]);
    p->valid_until_s = gnutls_x509_crt_get_expiration_time(certs[0]);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(certs[i]);
    gnutls_free(certs);
    return 0;
}

static int check_key(const struct buf *pem)
{
    gnutls_x509_privkey_t key;
    gnutls_datum_t data = datum_of(pem);
    tls_must(gnutls_x509_privkey_init(&key));
    int code = gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_x509_privkey_deinit(key);
    return code;
}

/* What a pair is made of, and how to call it when it is no good. */
struct origin {
    const char *cert, *key;
};

static int explain(const struct origin *o, const char *file, int code, struct buf *why)
{
    if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        buf_printf(why, "The key %s does not belong to the first certificate of %s.", o->key,
                   o->cert);
    else if (code == GNUTLS_E_DECRYPTION_FAILED)
        buf_printf(why, "The key %s is encrypted with a password, which must be taken off first.",
                   file);
    else
        buf_printf(why, "Cannot use %s: %s", file, gnutls_strerror(code));
    return -EINVAL;
}

/* Takes what *pem holds. */
static int pair_load(const struct origin *o, struct tls_pem *pem, struct tls_pair **out,
                     struct buf *why)
{
    struct tls_pair *p = xcalloc(1, sizeof(*p));
    p->pem = *pem;
    *pem = (struct tls_pem){ 0 };
    (void)buf_text(&p->pem.cert);
    (void)buf_text(&p->pem.key);
    tls_must(gnutls_certificate_allocate_credentials(&p->credentials));
    const char *culprit = o->cert;
    int code = read_dates(p);
    if (code >= 0) {
        culprit = o->key;
        code = check_key(&p->pem.key);
    }
    if (code >= 0) {
        gnutls_datum_t cert = datum_of(&p->pem.cert), key = datum_of(&p->pem.key);
        code = gnutls_certificate_set_x509_key_mem2(p->credentials, &cert, &key,
                                                    GNUTLS_X509_FMT_PEM, NULL, 0);
    }
    if (code < 0) {
        pair_free(p);
        return explain(o, culprit, code, why);
    }
    *out = p;
    return 0;
}

/* What has been loaded once can be again. */
struct tls_pair *tls_pair_copy(const struct tls_pair *p)
{
    const struct origin origin = { "memory", "memory" };
    struct buf why AUTO(buf_done) = { 0 };
    struct tls_pair *copy = NULL;
    struct tls_pem pem = { 0 };
    buf_append(&pem.cert, buf_span(&p->pem.cert));
    buf_append(&pem.key, buf_span(&p->pem.key));
    tls_must(pair_load(&origin, &pem, &copy, &why));
    return copy;
}

/* ---- the user's pair ---- */

static int read_pem(const char *path, struct buf *out, struct buf *why)
{
    int err = tls_read_file(path, out);
    if (err)
        buf_printf(why, "Cannot read %s: %s.", path, strerror(-err));
    return err;
}

static int load_users(const struct tls_identity_config *c, struct tls_pair **out, struct buf *why)
{
    const struct origin origin = { c->cert_file, c->key_file };
    struct tls_pem pem AUTO(tls_pem_done) = { 0 };
    int err = read_pem(c->cert_file, &pem.cert, why);
    if (!err)
        err = read_pem(c->key_file, &pem.key, why);
    return err ? err : pair_load(&origin, &pem, out, why);
}

/* ---- our own ---- */

static int cannot_keep(const char *folder, int err, struct buf *why)
{
    if (err == -EPERM)
        buf_printf(why, "Others may write to %s, or it is somebody else's; no keys are kept there.",
                   folder);
    else
        buf_printf(why, "Cannot keep the TLS certificate in %s: %s.", folder, strerror(-err));
    return err;
}

static int make_cert(struct tls_identity *i, int64_t now_s, struct buf *why)
{
    const char *folder = i->config.folder;
    int code = tls_make_cert(&i->own, &i->config, now_s);
    if (code >= 0)
        return 0;
    buf_printf(why,
               "Cannot make a certificate with the CA in %s: %s Move the folder away to have "
               "a new CA made.",
               folder, gnutls_strerror(code));
    return -EINVAL;
}

/* A first certificate comes together with its CA, a later one in place of the one before. */
static int make_all(struct tls_identity *i, int64_t now_s, struct buf *why)
{
    const char *folder = i->config.folder;
    tls_make_ca(now_s, &i->own);
    int err = make_cert(i, now_s, why);
    if (err || !folder)
        return err;
    err = tls_folder_make(folder, &i->own);
    if (err == -EEXIST) {
        tls_own_done(&i->own);
        err = tls_folder_load(folder, &i->own);
    }
    return err ? cannot_keep(folder, err, why) : 0;
}

/* One that cannot be kept is not used either, so that the next refresh tries again. */
static int renew(struct tls_identity *i, int64_t now_s, struct buf *why)
{
    const char *folder = i->config.folder;
    int err = make_cert(i, now_s, why);
    if (err || !folder)
        return err;
    err = tls_folder_replace_cert(folder, &i->own.server.cert);
    if (!err)
        return 0;
    buf_clear(&i->own.server.cert);
    return cannot_keep(folder, err, why);
}

static int load_own(struct tls_identity *i, struct tls_pair **out, struct buf *why)
{
    const char *folder = i->config.folder ? i->config.folder : "memory";
    const struct origin origin = { folder, folder };
    struct tls_pem pem = { 0 };
    buf_append(&pem.cert, buf_span(&i->own.server.cert));
    buf_append(&pem.key, buf_span(&i->own.server.key));
    return pair_load(&origin, &pem, out, why);
}

static int open_own(struct tls_identity *i, int64_t now_s, struct buf *why)
{
    const char *folder = i->config.folder;
    int err = folder ? tls_folder_load(folder, &i->own) : -ENOENT;
    if (err == -ENOENT)
        err = make_all(i, now_s, why);
    else if (err)
        return cannot_keep(folder, err, why);
    if (!err && !tls_cert_is_fit(&i->own, &i->config, now_s))
        err = renew(i, now_s, why);
    (void)buf_text(&i->own.ca.cert);
    return err ? err : load_own(i, &i->pair, why);
}

/* ---- the identity ---- */

int tls_identity_open(const struct tls_identity_config *config, int64_t now_s,
                      struct tls_identity **out, struct buf *why)
{
    struct tls_identity *i = xcalloc(1, sizeof(*i));
    i->config = *config;
    tls_must(gnutls_priority_init2(&i->priority, priority, NULL, 0));
    int err = config->cert_file ? load_users(config, &i->pair, why) : open_own(i, now_s, why);
    if (err)
        tls_identity_free(i);
    else
        *out = i;
    return err;
}

void tls_identity_free(struct tls_identity *i)
{
    if (!i)
        return;
    if (i->pair) {
        assert(i->pair->sessions == 0);
        pair_free(i->pair);
    }
    tls_own_done(&i->own);
    gnutls_priority_deinit(i->priority);
    free(i);
}

static bool is_same(const struct tls_pem *a, const struct tls_pem *b)
{
    return span_eq(buf_span(&a->cert), buf_span(&b->cert)) &&
           span_eq(buf_span(&a->key), buf_span(&b->key));
}

static int replace(struct tls_identity *i, struct tls_pair *next)
{
    struct tls_pair *old = i->pair;
    if (is_same(&old->pem, &next->pem)) {
        pair_free(next);
        return 0;
    }
    i->pair = next;
    tls_pair_retire(old);
    return 1;
}

int tls_identity_refresh(struct tls_identity *i, int64_t now_s, struct buf *why)
{
    struct tls_pair *next;
    int err = 0;
    if (i->config.cert_file) {
        err = load_users(&i->config, &next, why);
    } else {
        if (tls_cert_is_fit(&i->own, &i->config, now_s))
            return 0;
        err = renew(i, now_s, why);
        if (!err)
            err = load_own(i, &next, why);
    }
    return err ? err : replace(i, next);
}

/* ---- with a flaw ---- */

enum { LONG_AGO_S = 3 * 366 * 24 * 3600 };

static void copy_own(const struct tls_own *from, struct tls_own *to)
{
    buf_append(&to->ca.cert, buf_span(&from->ca.cert));
    buf_append(&to->ca.key, buf_span(&from->ca.key));
    buf_append(&to->server.key, buf_span(&from->server.key));
}

int tls_identity_flawed(const struct tls_identity *i, enum tls_flaw flaw, int64_t now_s,
                        struct tls_identity **out, struct buf *why)
{
    static const char *const elsewhere[] = { "wrong-name.invalid" };
    struct tls_identity *made = xcalloc(1, sizeof(*made));
    tls_must(gnutls_priority_init2(&made->priority, priority, NULL, 0));
    made->config.names = flaw == TLS_WRONG_NAME ? elsewhere : i->config.names;
    made->config.name_count = flaw == TLS_WRONG_NAME ? ARRAY_LEN(elsewhere) : i->config.name_count;
    if (i->own.ca.key.len)
        copy_own(&i->own, &made->own);
    else
        tls_make_ca(now_s, &made->own);
    int err = make_cert(made, flaw == TLS_EXPIRED ? now_s - LONG_AGO_S : now_s, why);
    if (!err)
        err = load_own(made, &made->pair, why);
    if (err)
        tls_identity_free(made);
    else
        *out = made;
    return err;
}

/* ---- views ---- */

const char *tls_identity_trouble(const struct tls_identity *i, int64_t now_s)
{
    if (i->pair->valid_until_s <= now_s)
        return "the certificate has expired";
    if (i->pair->valid_from_s > now_s)
        return "the certificate is not yet valid";
    if (i->own.ca.cert.len && !tls_ca_is_valid(&i->own, now_s))
        return "the CA has expired or is not yet valid; move its folder away to have a new one "
               "made";
    return NULL;
}

const char *tls_identity_ca(const struct tls_identity *i)
{
    return i->own.ca.cert.len ? i->own.ca.cert.ptr : NULL;
}

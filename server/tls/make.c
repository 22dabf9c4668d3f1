/* Certificates of our own: a CA and what it signs. Keys are on the curve P-256, which every client
 * knows and which are made in no time. */

#include "core/netaddr.h"
#include "tls/private.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>

enum {
    DAY_S = 24 * 60 * 60,
    CA_DAYS = 3652,   /* ten years */
    CERT_DAYS = 397,  /* some clients accept no longer one */
    RENEW_DAYS = 30,  /* before it expires */
    EARLY_DAYS = 1,   /* for clients whose clocks are behind; counted in */
    KEY_ID_SIZE = 20, /* SHA-1 of the key, which only names it */
    SERIAL_SIZE = 16,
    NAME_SIZE = 64,
};

void tls_must(int code)
{
    if (code >= 0)
        return;
    fprintf(stderr, "mailstop: GnuTLS: %s\n", gnutls_strerror(code));
    abort();
}

void tls_pem_done(struct tls_pem *p)
{
    buf_done(&p->cert);
    buf_done(&p->key);
}

void tls_own_done(struct tls_own *own)
{
    tls_pem_done(&own->ca);
    tls_pem_done(&own->server);
}

/* ---- names ---- */

/* As a subjectAltName has it (RFC 5280 4.2.1.6): text, or an address in network order. */
struct name {
    gnutls_x509_subject_alt_name_t type;
    struct span value;
    char address[16];
};

/* False if it is neither; *out borrows from `text` and from itself. */
static bool read_name(const char *text, struct name *out)
{
    *out = (struct name){ .type = GNUTLS_SAN_IPADDRESS };
    if (inet_pton(AF_INET, text, out->address) == 1) {
        out->value = (struct span){ out->address, 4 };
        return true;
    }
    if (inet_pton(AF_INET6, text, out->address) == 1) {
        out->value = (struct span){ out->address, 16 };
        return true;
    }
    out->type = GNUTLS_SAN_DNSNAME;
    out->value = span_of(text);
    return netaddr_is_name(text);
}

static bool is_repeated(const struct tls_identity_config *config, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(config->names[i], config->names[at]) == 0)
            return true;
    return false;
}

/* The next name that goes into a certificate, from *at on. */
static bool next_name(const struct tls_identity_config *config, size_t *at, struct name *out)
{
    while (*at < config->name_count) {
        size_t i = (*at)++;
        if (!is_repeated(config, i) && read_name(config->names[i], out))
            return true;
    }
    return false;
}

static bool has_names(gnutls_x509_crt_t crt, const struct tls_identity_config *config)
{
    struct name name;
    size_t at = 0;
    unsigned sequence = 0;
    char value[NETADDR_NAME_MAX + 1];
    size_t size = sizeof(value);
    for (; next_name(config, &at, &name); sequence++, size = sizeof(value)) {
        int type = gnutls_x509_crt_get_subject_alt_name(crt, sequence, value, &size, NULL);
        if (type != (int)name.type || !span_eq(name.value, (struct span){ value, size }))
            return false;
    }
    return gnutls_x509_crt_get_subject_alt_name(crt, sequence, value, &size, NULL) ==
           GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

/* ---- PEM ---- */

static gnutls_datum_t datum_of(const struct buf *b)
{
    return (gnutls_datum_t){ (unsigned char *)b->ptr, (unsigned)b->len };
}

static void append_datum(struct buf *out, gnutls_datum_t *datum)
{
    buf_append(out, (struct span){ (const char *)datum->data, datum->size });
    gnutls_free(datum->data);
}

static int import_key(const struct buf *pem, gnutls_x509_privkey_t *out)
{
    gnutls_datum_t data = datum_of(pem);
    tls_must(gnutls_x509_privkey_init(out));
    return gnutls_x509_privkey_import(*out, &data, GNUTLS_X509_FMT_PEM);
}

static int import_cert(const struct buf *pem, gnutls_x509_crt_t *out)
{
    gnutls_datum_t data = datum_of(pem);
    tls_must(gnutls_x509_crt_init(out));
    return gnutls_x509_crt_import(*out, &data, GNUTLS_X509_FMT_PEM);
}

static void export_key(gnutls_x509_privkey_t key, struct buf *out)
{
    gnutls_datum_t pem;
    tls_must(
        gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem));
    append_datum(out, &pem);
}

static void export_cert(gnutls_x509_crt_t crt, struct buf *out)
{
    gnutls_datum_t pem;
    tls_must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem));
    append_datum(out, &pem);
}

/* ---- what both have ---- */

static gnutls_x509_privkey_t new_key(void)
{
    gnutls_x509_privkey_t key;
    tls_must(gnutls_x509_privkey_init(&key));
    tls_must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                          GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    return key;
}

static void set_serial(gnutls_x509_crt_t crt)
{
    unsigned char serial[SERIAL_SIZE];
    tls_must(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)));
    serial[0] = (serial[0] & 0x3F) | 0x40; /* above 0, and of one length: RFC 5280 4.1.2.2 */
    tls_must(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)));
}

static void set_validity(gnutls_x509_crt_t crt, int64_t now_s, int days)
{
    int64_t from_s = now_s - EARLY_DAYS * DAY_S;
    tls_must(gnutls_x509_crt_set_activation_time(crt, (time_t)from_s));
    tls_must(gnutls_x509_crt_set_expiration_time(crt, (time_t)(from_s + (int64_t)days * DAY_S)));
}

static void set_common_name(gnutls_x509_crt_t crt, const char *name)
{
    tls_must(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                           (unsigned)strlen(name)));
}

/* A certificate for the key, without name, purpose and signature. */
static gnutls_x509_crt_t new_cert(gnutls_x509_privkey_t key, int64_t now_s, int days)
{
    gnutls_x509_crt_t crt;
    unsigned char id[KEY_ID_SIZE];
    size_t size = sizeof(id);
    tls_must(gnutls_x509_crt_init(&crt));
    tls_must(gnutls_x509_crt_set_version(crt, 3));
    tls_must(gnutls_x509_crt_set_key(crt, key));
    tls_must(gnutls_x509_privkey_get_key_id(key, 0, id, &size));
    tls_must(gnutls_x509_crt_set_subject_key_id(crt, id, size));
    set_serial(crt);
    set_validity(crt, now_s, days);
    return crt;
}

/* ---- the CA ---- */

/* Several may be trusted at a time, so each has a name of its own. */
static void name_ca(gnutls_x509_crt_t crt)
{
    unsigned char id[KEY_ID_SIZE];
    size_t size = sizeof(id);
    char name[NAME_SIZE];
    tls_must(gnutls_x509_crt_get_subject_key_id(crt, id, &size, NULL));
    snprintf(name, sizeof(name), "Mailstop CA %02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
    set_common_name(crt, name);
}

static void make_key(struct buf *out)
{
    gnutls_x509_privkey_t key = new_key();
    export_key(key, out);
    gnutls_x509_privkey_deinit(key);
}

void tls_make_ca(int64_t now_s, struct tls_own *own)
{
    gnutls_x509_privkey_t key = new_key();
    gnutls_x509_crt_t crt = new_cert(key, now_s, CA_DAYS);
    name_ca(crt);
    tls_must(gnutls_x509_crt_set_basic_constraints(crt, 1, 0));
    tls_must(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN));
    tls_must(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0));
    export_key(key, &own->ca.key);
    export_cert(crt, &own->ca.cert);
    make_key(&own->server.key);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

/* ---- the server's ---- */

static void set_names(gnutls_x509_crt_t crt, const struct tls_identity_config *config)
{
    struct name name;
    size_t at = 0;
    while (next_name(config, &at, &name))
        tls_must(gnutls_x509_crt_set_subject_alt_name(
            crt, name.type, name.value.ptr, (unsigned)name.value.len, GNUTLS_FSAN_APPEND));
}

static void set_issuer_id(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca)
{
    unsigned char id[KEY_ID_SIZE];
    size_t size = sizeof(id);
    if (gnutls_x509_crt_get_subject_key_id(ca, id, &size, NULL) == 0)
        tls_must(gnutls_x509_crt_set_authority_key_id(crt, id, size));
}

/* A CA and the server's key, read. */
struct signing {
    gnutls_x509_crt_t ca;
    gnutls_x509_privkey_t ca_key, key;
};

static void signing_done(struct signing *s)
{
    gnutls_x509_crt_deinit(s->ca);
    gnutls_x509_privkey_deinit(s->ca_key);
    gnutls_x509_privkey_deinit(s->key);
}

static int read_signing(const struct tls_own *own, struct signing *out)
{
    int code = import_cert(&own->ca.cert, &out->ca);
    if (code >= 0)
        code = import_key(&own->ca.key, &out->ca_key);
    if (code >= 0)
        code = import_key(&own->server.key, &out->key);
    return code;
}

static void sign(const struct signing *s, gnutls_x509_crt_t crt, struct buf *out)
{
    tls_must(gnutls_x509_crt_sign2(crt, s->ca, s->ca_key, GNUTLS_DIG_SHA256, 0));
    buf_clear(out);
    export_cert(crt, out);
}

int tls_make_cert(struct tls_own *own, const struct tls_identity_config *config, int64_t now_s)
{
    struct signing s AUTO(signing_done) = { 0 };
    int code = read_signing(own, &s);
    if (code < 0)
        return code;
    gnutls_x509_crt_t crt = new_cert(s.key, now_s, CERT_DAYS);
    set_common_name(crt, "Mailstop");
    set_names(crt, config);
    set_issuer_id(crt, s.ca);
    tls_must(gnutls_x509_crt_set_basic_constraints(crt, 0, -1));
    tls_must(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
    tls_must(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
    sign(&s, crt, &own->server.cert);
    gnutls_x509_crt_deinit(crt);
    return 0;
}

/* ---- is it still good? ---- */

static bool is_for_key(gnutls_x509_crt_t crt, const struct buf *key_pem)
{
    unsigned char of_cert[KEY_ID_SIZE], of_key[KEY_ID_SIZE];
    size_t cert_size = sizeof(of_cert), key_size = sizeof(of_key);
    gnutls_x509_privkey_t key;
    bool is_same = import_key(key_pem, &key) >= 0 &&
                   gnutls_x509_privkey_get_key_id(key, 0, of_key, &key_size) == 0 &&
                   gnutls_x509_crt_get_key_id(crt, 0, of_cert, &cert_size) == 0 &&
                   memcmp(of_cert, of_key, sizeof(of_key)) == 0;
    gnutls_x509_privkey_deinit(key);
    return is_same;
}

static bool is_by_ca(gnutls_x509_crt_t crt, const struct buf *ca_pem)
{
    gnutls_x509_crt_t ca;
    bool is_issuer = import_cert(ca_pem, &ca) >= 0 && gnutls_x509_crt_check_issuer(crt, ca);
    gnutls_x509_crt_deinit(ca);
    return is_issuer;
}

static bool is_timely(gnutls_x509_crt_t crt, int64_t now_s)
{
    return gnutls_x509_crt_get_activation_time(crt) <= now_s &&
           gnutls_x509_crt_get_expiration_time(crt) > now_s + RENEW_DAYS * DAY_S;
}

bool tls_ca_is_valid(const struct tls_own *own, int64_t now_s)
{
    gnutls_x509_crt_t ca;
    bool is_valid = import_cert(&own->ca.cert, &ca) >= 0 &&
                    gnutls_x509_crt_get_activation_time(ca) <= now_s &&
                    gnutls_x509_crt_get_expiration_time(ca) > now_s;
    gnutls_x509_crt_deinit(ca);
    return is_valid;
}

bool tls_cert_is_fit(const struct tls_own *own, const struct tls_identity_config *config,
                     int64_t now_s)
{
    gnutls_x509_crt_t crt;
    bool is_fit = import_cert(&own->server.cert, &crt) >= 0 && is_timely(crt, now_s) &&
                  has_names(crt, config) && is_for_key(crt, &own->server.key) &&
                  is_by_ca(crt, &own->ca.cert);
    gnutls_x509_crt_deinit(crt);
    return is_fit;
}

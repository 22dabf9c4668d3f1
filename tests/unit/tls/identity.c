/* Certificates: our own, made, kept and renewed, and the user's. The clock is an argument. */

#include "../test.h"

#include "core/mem.h"
#include "tls/private.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAY_S = 24 * 60 * 60, NOW_S = 1795435200 /* 2026-11-23T12:00:00Z */ };

static const char *const names[] = {
    "localhost", "127.0.0.1", "::1",       "mx.test",     "not a name",
    "127.0.0.1", "MX2.test",  "*.in.test", "192.168.7.9",
};

static char folder[64]; /* of one test */
static char kept[80];   /* the folder in it that the identity makes */

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/mailstop-tls-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(kept, sizeof(kept), "%s/tls", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static struct tls_identity_config own_config(void)
{
    return (struct tls_identity_config){
        .folder = kept,
        .names = names,
        .name_count = ARRAY_LEN(names),
    };
}

static const char *cert_of(const struct tls_identity *i)
{
    return i->pair->pem.cert.ptr;
}

static const char *key_of(const struct tls_identity *i)
{
    return i->pair->pem.key.ptr;
}

static struct tls_identity *open_at(const struct tls_identity_config *config, int64_t now_s)
{
    struct tls_identity *i = NULL;
    struct buf why AUTO(buf_done) = { 0 };
    int err = tls_identity_open(config, now_s, &i, &why);
    if (err)
        fail_msg("%s", buf_text(&why));
    return i;
}

static int refresh(struct tls_identity *i, int64_t now_s)
{
    struct buf why AUTO(buf_done) = { 0 };
    int changed = tls_identity_refresh(i, now_s, &why);
    assert_int_equal(changed<0, why.len> 0);
    return changed;
}

/* ---- looking at certificates ---- */

static gnutls_x509_crt_t parse(const char *pem)
{
    gnutls_x509_crt_t crt;
    gnutls_datum_t data = { (unsigned char *)pem, (unsigned)strlen(pem) };
    tls_must(gnutls_x509_crt_init(&crt));
    tls_must(gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_PEM));
    return crt;
}

static time_t at; /* what GnuTLS takes for now */

static time_t the_time(time_t *out)
{
    if (out)
        *out = at;
    return at;
}

/* As a client that trusts the CA would, on that day. */
static bool verifies(const struct tls_identity *i, const char *name, int64_t now_s)
{
    gnutls_x509_crt_t ca = parse(tls_identity_ca(i)), crt = parse(cert_of(i));
    gnutls_typed_vdata_st wanted[] = {
        { GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)name, 0 },
        { GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER, 0 },
    };
    gnutls_x509_trust_list_t list;
    unsigned status = ~0u;
    at = (time_t)now_s;
    gnutls_global_set_time_function(the_time);
    tls_must(gnutls_x509_trust_list_init(&list, 0));
    tls_must(gnutls_x509_trust_list_add_cas(list, &ca, 1, 0));
    tls_must(gnutls_x509_trust_list_verify_crt2(list, &crt, 1, wanted, 2, 0, &status, NULL));
    gnutls_x509_trust_list_deinit(list, 1);
    gnutls_x509_crt_deinit(crt);
    return status == 0;
}

static int64_t expiry(const char *pem)
{
    gnutls_x509_crt_t crt = parse(pem);
    int64_t end = gnutls_x509_crt_get_expiration_time(crt);
    gnutls_x509_crt_deinit(crt);
    return end;
}

/* ---- our own ---- */

static void a_client_that_trusts_the_ca_is_content(void **state)
{
    (void)state;
    static const char *const served[] = { "localhost", "127.0.0.1",   "::1",         "mx.test",
                                          "mx2.test",  "any.in.test", "192.168.7.9", "MX.TEST" };
    struct tls_identity_config config = own_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    for (size_t n = 0; n < ARRAY_LEN(served); n++)
        assert_true(verifies(i, served[n], NOW_S));
    assert_false(verifies(i, "other.test", NOW_S));
    assert_false(verifies(i, "127.0.0.2", NOW_S));
    assert_true(verifies(i, "mx.test", NOW_S + 390 * DAY_S));
    assert_false(verifies(i, "mx.test", NOW_S + 400 * DAY_S));
    assert_true(verifies(i, "mx.test", NOW_S - DAY_S / 2)); /* whose clock is behind */
    tls_identity_free(i);
}

static void certificates_say_what_they_are_for(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    gnutls_x509_crt_t ca = parse(tls_identity_ca(i)), crt = parse(cert_of(i));
    unsigned critical, is_ca, usage;
    int path_len;
    assert_int_equal(gnutls_x509_crt_get_basic_constraints(ca, &critical, &is_ca, &path_len), 1);
    assert_int_equal(critical, 1);
    assert_int_equal(is_ca, 1);
    assert_int_equal(path_len, 0);
    assert_int_equal(gnutls_x509_crt_get_basic_constraints(crt, &critical, &is_ca, &path_len), 0);
    assert_int_equal(is_ca, 0);
    assert_int_equal(gnutls_x509_crt_get_key_usage(crt, &usage, &critical), 0);
    assert_int_equal(usage, GNUTLS_KEY_DIGITAL_SIGNATURE);
    assert_int_equal(gnutls_x509_crt_get_pk_algorithm(crt, NULL), GNUTLS_PK_ECDSA);
    assert_true(gnutls_x509_crt_get_expiration_time(crt) -
                    gnutls_x509_crt_get_activation_time(crt) <=
                397 * DAY_S);
    assert_true(gnutls_x509_crt_get_expiration_time(ca) > NOW_S + 3650 * DAY_S);
    gnutls_x509_crt_deinit(ca);
    gnutls_x509_crt_deinit(crt);
    tls_identity_free(i);
}

static unsigned mode_of(const char *name)
{
    char path[128];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", kept, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static size_t count_files(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void keys_are_kept_from_others(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    tls_identity_free(open_at(&config, NOW_S));
    assert_int_equal(mode_of("ca.key"), 0600);
    assert_int_equal(mode_of("key.pem"), 0600);
    assert_int_equal(mode_of("ca.pem"), 0644);
    assert_int_equal(mode_of("cert.pem"), 0644);
    assert_int_equal(mode_of("."), 0755);
    assert_int_equal(count_files(kept), 4);
    assert_int_equal(count_files(folder), 1);
}

/* Opens it again and tells whether CA and certificate are still the same. */
static void reopen(const struct tls_identity_config *config, int64_t now_s, bool same_cert)
{
    struct tls_identity_config first_config = own_config();
    struct tls_identity *first = open_at(&first_config, NOW_S);
    struct tls_identity *again = open_at(config, now_s);
    assert_string_equal(tls_identity_ca(first), tls_identity_ca(again));
    assert_string_equal(key_of(first), key_of(again));
    assert_int_equal(strcmp(cert_of(first), cert_of(again)) == 0, same_cert);
    assert_true(verifies(again, "localhost", now_s));
    tls_identity_free(first);
    tls_identity_free(again);
    assert_int_equal(count_files(kept), 4);
}

static void it_is_the_same_after_a_restart(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    reopen(&config, NOW_S + 300 * DAY_S, true);
}

static void it_is_renewed_at_start_when_due(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    reopen(&config, NOW_S + 370 * DAY_S, false);
}

static void it_is_renewed_at_start_when_made_in_the_future(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    gnutls_global_set_time_function(the_time);
    tls_identity_free(open_at(&config, NOW_S));
    struct tls_identity *i = open_at(&config, NOW_S - 10 * DAY_S);
    assert_true(expiry(cert_of(i)) < NOW_S + 397 * DAY_S);
    assert_non_null(strstr(tls_identity_trouble(i, NOW_S - 10 * DAY_S), "CA"));
    tls_identity_free(i);
}

/* It is not made anew: people trust it, and would have to be told. */
static void a_ca_that_has_expired_is_told(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    assert_int_equal(refresh(i, NOW_S + 3600 * DAY_S), 1);
    assert_null(tls_identity_trouble(i, NOW_S + 3600 * DAY_S));
    assert_non_null(strstr(tls_identity_trouble(i, NOW_S + 3660 * DAY_S), "CA has expired"));
    tls_identity_free(i);
}

static void new_names_need_a_new_certificate(void **state)
{
    (void)state;
    static const char *const more[] = { "localhost", "mx.test", "new.test" };
    struct tls_identity_config config = own_config();
    config.names = more;
    config.name_count = ARRAY_LEN(more);
    reopen(&config, NOW_S, false);
    struct tls_identity *i = open_at(&config, NOW_S);
    assert_true(verifies(i, "new.test", NOW_S));
    assert_false(verifies(i, "mx2.test", NOW_S));
    tls_identity_free(i);
    config.name_count = 2; /* one less is another certificate too */
    i = open_at(&config, NOW_S);
    assert_false(verifies(i, "new.test", NOW_S));
    tls_identity_free(i);
}

static void it_is_renewed_while_running(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    struct tls *old = tls_new(i);
    int64_t end = expiry(cert_of(i));
    assert_int_equal(refresh(i, NOW_S + 300 * DAY_S), 0);
    assert_int_equal(expiry(cert_of(i)), end);
    assert_int_equal(refresh(i, NOW_S + 370 * DAY_S), 1);
    assert_true(expiry(cert_of(i)) > NOW_S + 760 * DAY_S);
    assert_true(verifies(i, "mx.test", NOW_S + 400 * DAY_S));
    assert_int_equal(refresh(i, NOW_S + 371 * DAY_S), 0);
    tls_free(old); /* the last of the old pair */
    tls_identity_free(i);
    assert_int_equal(count_files(kept), 4);
}

static void a_renewal_that_cannot_be_kept_is_tried_again(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    int64_t end = expiry(cert_of(i));
    char aside[96];
    snprintf(aside, sizeof(aside), "%s.aside", kept);
    assert_int_equal(rename(kept, aside), 0);
    assert_int_equal(refresh(i, NOW_S + 380 * DAY_S), -ENOENT);
    assert_int_equal(expiry(cert_of(i)), end);
    assert_int_equal(rename(aside, kept), 0);
    assert_int_equal(refresh(i, NOW_S + 380 * DAY_S), 1);
    tls_identity_free(i);
}

static void without_a_folder_it_lives_in_memory(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    config.folder = NULL;
    struct tls_identity *a = open_at(&config, NOW_S), *b = open_at(&config, NOW_S);
    assert_true(verifies(a, "localhost", NOW_S));
    assert_string_not_equal(tls_identity_ca(a), tls_identity_ca(b));
    assert_int_equal(refresh(a, NOW_S + 380 * DAY_S), 1);
    tls_identity_free(a);
    tls_identity_free(b);
    assert_int_equal(count_files(folder), 0);
}

static void who_is_slower_takes_what_is_there(void **state)
{
    (void)state;
    struct tls_own first AUTO(tls_own_done) = { 0 }, second AUTO(tls_own_done) = { 0 };
    tls_make_ca(NOW_S, &first);
    tls_make_ca(NOW_S, &second);
    assert_int_equal(tls_folder_make(kept, &first), 0);
    assert_int_equal(tls_folder_make(kept, &second), -EEXIST);
    assert_int_equal(count_files(folder), 1);
    struct tls_identity_config config = own_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    assert_string_equal(tls_identity_ca(i), buf_text(&first.ca.cert));
    tls_identity_free(i);
}

/* ---- what is wrong with it ---- */

static void write_file(const char *path, struct span text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static void check_refusal(const struct tls_identity_config *config, const char *word,
                          const char *other_word)
{
    struct tls_identity *i = NULL;
    struct buf why AUTO(buf_done) = { 0 };
    assert_true(tls_identity_open(config, NOW_S, &i, &why) < 0);
    assert_null(i);
    const char *sentence = buf_text(&why);
    if (!strstr(sentence, word) || !strstr(sentence, other_word) || sentence[why.len - 1] != '.' ||
        strchr(sentence, '\n'))
        fail_msg("%s", sentence);
}

static void a_folder_that_is_open_to_others_is_refused(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    assert_int_equal(mkdir(kept, 0700), 0);
    assert_int_equal(chmod(kept, 0777), 0);
    check_refusal(&config, kept, "Others");
    assert_int_equal(rmdir(kept), 0);
    assert_int_equal(symlink("/", kept), 0);
    check_refusal(&config, kept, "directory");
    assert_int_equal(unlink(kept), 0);
    write_file(kept, SPAN("a file"));
    check_refusal(&config, kept, "directory");
}

static void a_ca_that_is_damaged_is_not_replaced(void **state)
{
    (void)state;
    static const char *const parts[] = { "ca.pem", "ca.key", "key.pem" };
    for (size_t n = 0; n < ARRAY_LEN(parts); n++) {
        struct tls_identity_config config = own_config();
        tls_identity_free(open_at(&config, NOW_S));
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", kept, parts[n]);
        write_file(path, SPAN("-----BEGIN nothing"));
        config.name_count = 1; /* so that a certificate is due */
        check_refusal(&config, kept, "Move the folder away");
        assert_int_equal(unlink(path), 0);
        check_refusal(&config, kept, "Move the folder away");
        assert_int_equal(remove_folder(NULL), 0);
        assert_int_equal(make_folder(NULL), 0);
    }
}

static void a_certificate_that_is_damaged_is_made_again(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    tls_identity_free(open_at(&config, NOW_S));
    char path[128];
    snprintf(path, sizeof(path), "%s/cert.pem", kept);
    write_file(path, SPAN("-----BEGIN nothing"));
    reopen(&config, NOW_S, true);
    assert_int_equal(unlink(path), 0);
    reopen(&config, NOW_S, true);
}

/* ---- the user's pair ---- */

static char cert_file[96], key_file[96];

/* A pair as some CA would have made it. */
static void make_users_pair(int64_t now_s)
{
    struct tls_own own AUTO(tls_own_done) = { 0 };
    struct tls_identity_config config = own_config();
    snprintf(cert_file, sizeof(cert_file), "%s/my.pem", folder);
    snprintf(key_file, sizeof(key_file), "%s/my.key", folder);
    tls_make_ca(now_s, &own);
    tls_must(tls_make_cert(&own, &config, now_s));
    buf_append(&own.server.cert, buf_span(&own.ca.cert)); /* a chain */
    write_file(cert_file, buf_span(&own.server.cert));
    write_file(key_file, buf_span(&own.server.key));
}

static struct tls_identity_config users_config(void)
{
    return (struct tls_identity_config){ .cert_file = cert_file, .key_file = key_file };
}

static void the_users_pair_is_taken(void **state)
{
    (void)state;
    make_users_pair(NOW_S);
    struct tls_identity_config config = users_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    assert_null(tls_identity_ca(i));
    assert_null(tls_identity_trouble(i, NOW_S));
    assert_non_null(strstr(cert_of(i), "END CERTIFICATE-----\n-----BEGIN"));
    assert_non_null(strstr(key_of(i), "PRIVATE KEY"));
    tls_identity_free(i);
    assert_int_equal(count_files(folder), 2);
}

static void the_wrong_days_are_told(void **state)
{
    (void)state;
    make_users_pair(NOW_S);
    struct tls_identity_config config = users_config();
    struct tls_identity *i = open_at(&config, NOW_S + 500 * DAY_S);
    assert_non_null(strstr(tls_identity_trouble(i, NOW_S + 500 * DAY_S), "expired"));
    assert_non_null(strstr(tls_identity_trouble(i, NOW_S - 500 * DAY_S), "not yet"));
    tls_identity_free(i);
}

static void the_users_pair_is_read_again(void **state)
{
    (void)state;
    make_users_pair(NOW_S);
    struct tls_identity_config config = users_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    char *first AUTO(free_ptr) = xstrdup(cert_of(i));
    struct tls *old = tls_new(i), *older = tls_new(i);
    assert_int_equal(refresh(i, NOW_S), 0);
    make_users_pair(NOW_S);
    assert_int_equal(refresh(i, NOW_S), 1);
    assert_string_not_equal(cert_of(i), first);
    write_file(key_file, SPAN("nothing"));
    assert_int_equal(refresh(i, NOW_S), -EINVAL);
    assert_string_not_equal(cert_of(i), first);
    struct tls *new = tls_new(i);
    tls_free(old);
    tls_free(older);
    tls_free(new);
    tls_identity_free(i);
}

/* Of the certificate that a session of somebody else's would show. */
static time_t shown_until(gnutls_session_t session)
{
    void *credentials;
    gnutls_x509_crt_t *certs;
    unsigned count;
    tls_must(gnutls_credentials_get(session, GNUTLS_CRD_CERTIFICATE, &credentials));
    tls_must(gnutls_certificate_get_x509_crt(credentials, 0, &certs, &count));
    time_t until = gnutls_x509_crt_get_expiration_time(certs[0]);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(certs[i]);
    gnutls_free(certs);
    return until;
}

static void others_are_lent_what_is_renewed(void **state)
{
    (void)state;
    struct tls_identity_config config = own_config();
    struct tls_identity *i = open_at(&config, NOW_S);
    struct tls_lender *lender = tls_lender_new(i);
    gnutls_session_t old, new;
    tls_must(gnutls_init(&old, GNUTLS_SERVER));
    tls_must(gnutls_init(&new, GNUTLS_SERVER));
    struct tls_pair *first = tls_lend(lender, old);
    time_t end = shown_until(old);
    assert_int_equal(end, expiry(cert_of(i)));
    assert_int_equal(refresh(i, NOW_S + 370 * DAY_S), 1);
    tls_lender_update(lender, i);
    struct tls_pair *second = tls_lend(lender, new);
    assert_int_equal(shown_until(old), end);
    assert_int_equal(shown_until(new), expiry(cert_of(i)));
    assert_true(shown_until(new) > end);
    gnutls_deinit(old);
    gnutls_deinit(new);
    tls_give_back(lender, first);
    tls_give_back(lender, second);
    tls_lender_free(lender);
    tls_identity_free(i);
}

static void encrypt_key(void)
{
    gnutls_x509_privkey_t key;
    gnutls_datum_t pem;
    tls_must(gnutls_x509_privkey_init(&key));
    tls_must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, 256, 0));
    tls_must(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, "secret",
                                               GNUTLS_PKCS_PBES2_AES_256, &pem));
    write_file(key_file, (struct span){ (char *)pem.data, pem.size });
    gnutls_free(pem.data);
    gnutls_x509_privkey_deinit(key);
}

static void a_bad_pair_is_explained(void **state)
{
    (void)state;
    struct tls_identity_config config = users_config();
    make_users_pair(NOW_S);
    assert_int_equal(unlink(cert_file), 0);
    check_refusal(&config, cert_file, "No such file");
    make_users_pair(NOW_S);
    assert_int_equal(unlink(key_file), 0);
    check_refusal(&config, key_file, "No such file");
    make_users_pair(NOW_S);
    write_file(cert_file, SPAN("not PEM"));
    check_refusal(&config, cert_file, "Cannot use");
    make_users_pair(NOW_S);
    write_file(key_file, SPAN(""));
    check_refusal(&config, key_file, "Cannot use");
    make_users_pair(NOW_S);
    encrypt_key();
    check_refusal(&config, key_file, "password");
    struct tls_own other AUTO(tls_own_done) = { 0 };
    tls_make_ca(NOW_S, &other);
    write_file(key_file, buf_span(&other.server.key));
    check_refusal(&config, key_file, "does not belong");
    config.cert_file = folder;
    check_refusal(&config, folder, "directory");
    config.cert_file = "/dev/zero";
    check_refusal(&config, "/dev/zero", "too large");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_client_that_trusts_the_ca_is_content),
        IN_FOLDER(certificates_say_what_they_are_for),
        IN_FOLDER(keys_are_kept_from_others),
        IN_FOLDER(it_is_the_same_after_a_restart),
        IN_FOLDER(it_is_renewed_at_start_when_due),
        IN_FOLDER(it_is_renewed_at_start_when_made_in_the_future),
        IN_FOLDER(a_ca_that_has_expired_is_told),
        IN_FOLDER(new_names_need_a_new_certificate),
        IN_FOLDER(it_is_renewed_while_running),
        IN_FOLDER(a_renewal_that_cannot_be_kept_is_tried_again),
        IN_FOLDER(without_a_folder_it_lives_in_memory),
        IN_FOLDER(who_is_slower_takes_what_is_there),
        IN_FOLDER(a_folder_that_is_open_to_others_is_refused),
        IN_FOLDER(a_ca_that_is_damaged_is_not_replaced),
        IN_FOLDER(a_certificate_that_is_damaged_is_made_again),
        IN_FOLDER(the_users_pair_is_taken),
        IN_FOLDER(the_wrong_days_are_told),
        IN_FOLDER(the_users_pair_is_read_again),
        IN_FOLDER(others_are_lent_what_is_renewed),
        IN_FOLDER(a_bad_pair_is_explained),
    };
    return RUN_TESTS(tests);
}

/* Both ends of TLS in one process, over memory. */

#include "../test.h"

#include "core/mem.h"
#include "tls/private.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { BIG = 200 * 1024 };

static const char *const names[] = { "mx.test", "127.0.0.1" };
static struct tls_identity *identity;

static int open_identity(void **state)
{
    (void)state;
    static const struct tls_identity_config config = { .names = names, .name_count = 2 };
    struct buf why = { 0 };
    return tls_identity_open(&config, time(NULL), &identity, &why);
}

static int close_identity(void **state)
{
    (void)state;
    tls_identity_free(identity);
    return 0;
}

/* ---- the client ---- */

struct client {
    gnutls_session_t session;
    gnutls_certificate_credentials_t trust;
    struct buf in, out;
    struct buf heard;
    bool is_open;
    int code; /* the first that is fatal */
};

static ssize_t pull(gnutls_transport_ptr_t ptr, void *to, size_t room)
{
    struct client *c = ptr;
    size_t count = c->in.len < room ? c->in.len : room;
    if (count == 0) {
        gnutls_transport_set_errno(c->session, EAGAIN);
        return -1;
    }
    memcpy(to, c->in.ptr, count);
    buf_consume(&c->in, count);
    return (ssize_t)count;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const void *from, size_t count)
{
    struct client *c = ptr;
    buf_append(&c->out, (struct span){ from, count });
    return (ssize_t)count;
}

static const char tls12[] = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
static const char tls13[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

static void client_init(struct client *c, const char *priority, const char *name)
{
    *c = (struct client){ 0 };
    const char *ca = tls_identity_ca(identity);
    gnutls_datum_t pem = { (unsigned char *)ca, (unsigned)strlen(ca) };
    tls_must(gnutls_certificate_allocate_credentials(&c->trust));
    tls_must(gnutls_certificate_set_x509_trust_mem(c->trust, &pem, GNUTLS_X509_FMT_PEM));
    tls_must(gnutls_init(&c->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK));
    tls_must(gnutls_priority_set_direct(c->session, priority, NULL));
    tls_must(gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->trust));
    if (name) {
        tls_must(gnutls_server_name_set(c->session, GNUTLS_NAME_DNS, name, strlen(name)));
        gnutls_session_set_verify_cert(c->session, name, 0);
    }
    gnutls_handshake_set_timeout(c->session, GNUTLS_INDEFINITE_TIMEOUT);
    gnutls_transport_set_ptr(c->session, c);
    gnutls_transport_set_pull_function(c->session, pull);
    gnutls_transport_set_push_function(c->session, push);
}

static void client_done(struct client *c)
{
    gnutls_deinit(c->session);
    gnutls_certificate_free_credentials(c->trust);
    buf_done(&c->in);
    buf_done(&c->out);
    buf_done(&c->heard);
}

/* As far as what has come allows. */
static void client_go_on(struct client *c)
{
    ssize_t code = 0;
    while (!c->is_open && !c->code) {
        code = gnutls_handshake(c->session);
        if (code == GNUTLS_E_AGAIN)
            return;
        c->is_open = code == 0;
        c->code = code < 0 && gnutls_error_is_fatal((int)code) ? (int)code : 0;
    }
    while (!c->code) {
        code = gnutls_record_recv(c->session, buf_reserve(&c->heard, 16384), 16384);
        if ((code == GNUTLS_E_AGAIN && c->in.len == 0) || code == 0)
            return;
        if (code > 0)
            c->heard.len += (size_t)code;
        else if (gnutls_error_is_fatal((int)code))
            c->code = (int)code;
    }
}

static void client_say(struct client *c, struct span text)
{
    while (text.len) {
        ssize_t count = gnutls_record_send(c->session, text.ptr, text.len);
        assert_true(count > 0);
        text = span_slice(text, (size_t)count, text.len);
    }
}

/* ---- the two of them ---- */

struct pair {
    struct client client;
    struct tls *server;
    enum tls_state state;
    struct buf heard; /* by the server */
    size_t step;      /* how many octets the server is given at once */
};

static void pair_init(struct pair *p, const char *priority, const char *name, size_t step)
{
    *p = (struct pair){ .server = tls_new(identity), .step = step };
    client_init(&p->client, priority, name);
}

static void pair_done(struct pair *p)
{
    client_done(&p->client);
    tls_free(p->server);
    buf_done(&p->heard);
}

static void move(struct buf *from, struct buf *to)
{
    buf_append(to, buf_span(from));
    buf_clear(from);
}

static void give(struct pair *p, struct span octets)
{
    while (octets.len) {
        struct span cut = span_slice(octets, 0, p->step);
        octets = span_slice(octets, cut.len, octets.len);
        p->state = tls_take(p->server, cut, &p->heard);
    }
}

/* Until neither has anything left to say. */
static void settle(struct pair *p)
{
    do {
        move(tls_output(p->server), &p->client.in);
        client_go_on(&p->client);
        give(p, buf_span(&p->client.out));
        buf_clear(&p->client.out);
    } while (tls_output(p->server)->len);
}

static void say(struct pair *p, struct span text)
{
    struct buf plain AUTO(buf_done) = { 0 };
    buf_append(&plain, text);
    tls_put(p->server, &plain);
    assert_int_equal(plain.len, 0);
}

static void start(struct pair *p, const char *priority, size_t step)
{
    pair_init(p, priority, "mx.test", step);
    settle(p);
    assert_int_equal(p->client.code, 0);
    assert_true(p->client.is_open);
    assert_int_equal(p->state, TLS_OPEN);
}

/* ---- tests ---- */

static void converse(const char *priority, size_t step)
{
    struct pair p;
    start(&p, priority, step);
    say(&p, SPAN("220 mx.test\r\n"));
    client_say(&p.client, SPAN("EHLO client"));
    client_say(&p.client, SPAN(".test\r\n"));
    settle(&p);
    assert_span(buf_span(&p.client.heard), "220 mx.test\r\n");
    assert_span(buf_span(&p.heard), "EHLO client.test\r\n");
    pair_done(&p);
}

static void cuts_change_nothing(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 700; step++) { /* more than the client says at once */
        converse(tls13, step);
        converse(tls12, step);
    }
}

static void knows_what_was_agreed_on(void **state)
{
    (void)state;
    static const struct {
        const char *priority, *name, *version;
    } cases[] = {
        { tls13, "mx.test", "TLS1.3" },
        { tls12, "mx.test", "TLS1.2" },
        { "NORMAL", NULL, "TLS1.3" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pair p;
        pair_init(&p, cases[i].priority, cases[i].name, SIZE_MAX);
        settle(&p);
        struct tls_facts facts = tls_facts(p.server);
        assert_string_equal(facts.version, cases[i].version);
        assert_string_equal(facts.cipher, gnutls_ciphersuite_get(p.client.session));
        assert_ptr_equal(strstr(facts.cipher, "TLS_"), facts.cipher);
        if (cases[i].name)
            assert_string_equal(facts.sni, cases[i].name);
        else
            assert_null(facts.sni);
        pair_done(&p);
    }
}

static void carries_much_both_ways(void **state)
{
    (void)state;
    struct buf much AUTO(buf_done) = { 0 };
    for (size_t i = 0; i < BIG; i++)
        buf_putc(&much, (char)(i * 7 % 251));
    struct pair p;
    start(&p, tls13, 65536);
    say(&p, buf_span(&much));
    client_say(&p.client, buf_span(&much));
    settle(&p);
    assert_true(span_eq(buf_span(&p.heard), buf_span(&much)));
    assert_true(span_eq(buf_span(&p.client.heard), buf_span(&much)));
    pair_done(&p);
}

static void gives_no_more_than_came(void **state)
{
    (void)state;
    struct pair p;
    start(&p, tls13, SIZE_MAX);
    static char text[BIG];
    client_say(&p.client, (struct span){ text, sizeof(text) });
    struct span rest = buf_span(&p.client.out);
    while (rest.len) {
        struct span cut = span_slice(rest, 0, 65536);
        buf_clear(&p.heard);
        assert_int_equal(tls_take(p.server, cut, &p.heard), TLS_OPEN);
        assert_true(p.heard.len <= cut.len + 16384);
        rest = span_slice(rest, cut.len, rest.len);
    }
    pair_done(&p);
}

static void tells_the_end_both_ways(void **state)
{
    (void)state;
    const char *const priorities[] = { tls12, tls13 };
    for (size_t i = 0; i < ARRAY_LEN(priorities); i++) {
        struct pair p;
        start(&p, priorities[i], SIZE_MAX);
        say(&p, SPAN("221 Bye\r\n"));
        tls_end(p.server);
        tls_end(p.server);
        client_say(&p.client, SPAN("QUIT\r\n"));
        tls_must(gnutls_bye(p.client.session, GNUTLS_SHUT_WR));
        settle(&p);
        assert_int_equal(p.state, TLS_ENDED);
        assert_span(buf_span(&p.heard), "QUIT\r\n");
        assert_span(buf_span(&p.client.heard), "221 Bye\r\n");
        assert_int_equal(gnutls_record_recv(p.client.session, buf_reserve(&p.heard, 9), 9), 0);
        assert_int_equal(tls_take(p.server, SPAN("more"), &p.heard), TLS_ENDED);
        pair_done(&p);
    }
}

static void no_end_is_said_before_there_is_a_session(void **state)
{
    (void)state;
    struct tls *t = tls_new(identity);
    tls_end(t);
    assert_int_equal(tls_output(t)->len, 0);
    tls_free(t);
    tls_free(NULL);
}

/* 1.0 and 1.1 (RFC 8996), and ciphers without forward secrecy. */
static void old_ways_are_refused(void **state)
{
    (void)state;
    const char *const priorities[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.1",
        "NORMAL:-VERS-ALL:+VERS-TLS1.0:%COMPAT",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC",
    };
    for (size_t i = 0; i < ARRAY_LEN(priorities); i++) {
        struct pair p;
        pair_init(&p, priorities[i], NULL, SIZE_MAX);
        settle(&p);
        assert_int_equal(p.state, TLS_FAILED);
        assert_true(tls_failure(p.server)[0]);
        assert_int_equal(p.client.code, GNUTLS_E_FATAL_ALERT_RECEIVED);
        pair_done(&p);
    }
}

static void what_is_no_tls_fails_at_once(void **state)
{
    (void)state;
    static const char zeros[1000];
    static const char sslv2[48] = "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10";
    const struct span cases[] = {
        SPAN("EHLO client.test\r\n"),
        SPAN("GET / HTTP/1.1\r\nHost: mx.test\r\n\r\n"),
        { zeros, sizeof(zeros) },
        { sslv2, sizeof(sslv2) },
        SPAN("\x16\x03\x01\xff\xff\x01\x00\xff\xfc"), /* a record larger than records are */
        SPAN("\x17\x03\x03\x00\x05hello"),            /* application data before the handshake */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf plain AUTO(buf_done) = { 0 };
        struct tls *t = tls_new(identity);
        assert_int_equal(tls_take(t, cases[i], &plain), TLS_FAILED);
        assert_true(tls_failure(t)[0]);
        size_t said = tls_output(t)->len;
        for (int again = 0; again < 1000; again++)
            assert_int_equal(tls_take(t, cases[i], &plain), TLS_FAILED);
        assert_int_equal(tls_output(t)->len, said);
        assert_int_equal(plain.len, 0);
        tls_free(t);
    }
}

/* A hello of 16 MB, as its header says, in records that are each in order. */
static void a_handshake_does_not_go_on_for_ever(void **state)
{
    (void)state;
    struct buf plain AUTO(buf_done) = { 0 };
    struct buf record AUTO(buf_done) = { 0 };
    struct tls *t = tls_new(identity);
    buf_append(&record, SPAN("\x16\x03\x01\x04\x00\x01\xff\xff\xff"));
    while (record.len < 5 + 1024)
        buf_putc(&record, 'x');
    size_t given = 0;
    while (tls_take(t, buf_span(&record), &plain) == TLS_HANDSHAKE)
        given += record.len;
    assert_true(given <= 65536);
    assert_int_equal(plain.len, 0);
    tls_free(t);
}

/* Octets of a hello that never ends come one by one. */
static void a_hello_may_stop_anywhere(void **state)
{
    (void)state;
    struct pair p;
    pair_init(&p, "NORMAL", "mx.test", 1);
    client_go_on(&p.client);
    for (size_t len = 0; len < p.client.out.len; len++) {
        struct tls *t = tls_new(identity);
        struct span part = { p.client.out.ptr, len };
        assert_int_equal(tls_take(t, part, &p.heard), TLS_HANDSHAKE);
        tls_free(t);
    }
    pair_done(&p);
}

static void damage_is_found(void **state)
{
    (void)state;
    struct pair p;
    start(&p, tls13, SIZE_MAX);
    client_say(&p.client, SPAN("MAIL FROM:<a@b.test>\r\n"));
    p.client.out.ptr[p.client.out.len - 1] ^= 1;
    give(&p, buf_span(&p.client.out));
    assert_int_equal(p.state, TLS_FAILED);
    assert_int_equal(p.heard.len, 0);
    say(&p, SPAN("nobody hears this"));
    pair_done(&p);
}

static void renegotiation_is_refused(void **state)
{
    (void)state;
    struct pair p;
    start(&p, tls12, SIZE_MAX);
    assert_int_equal(gnutls_handshake(p.client.session), GNUTLS_E_AGAIN);
    give(&p, buf_span(&p.client.out));
    assert_int_equal(p.state, TLS_FAILED);
    assert_non_null(strstr(tls_failure(p.server), "renegotiation"));
    pair_done(&p);
}

static void new_keys_go_unnoticed(void **state)
{
    (void)state;
    struct pair p;
    start(&p, tls13, SIZE_MAX);
    tls_must(gnutls_session_key_update(p.client.session, GNUTLS_KU_PEER));
    client_say(&p.client, SPAN("NOOP\r\n"));
    settle(&p);
    say(&p, SPAN("250 Ok\r\n"));
    settle(&p);
    assert_span(buf_span(&p.heard), "NOOP\r\n");
    assert_span(buf_span(&p.client.heard), "250 Ok\r\n");
    pair_done(&p);
}

static void a_client_says_why_it_refuses(void **state)
{
    (void)state;
    struct pair p;
    pair_init(&p, tls12, "other.test", SIZE_MAX); /* not in the certificate */
    settle(&p);
    assert_int_equal(p.client.code, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
    tls_must(gnutls_alert_send(p.client.session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE));
    give(&p, buf_span(&p.client.out));
    assert_int_equal(p.state, TLS_FAILED);
    assert_string_equal(tls_failure(p.server), "the client says: Certificate is bad");
    pair_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_change_nothing),
        cmocka_unit_test(knows_what_was_agreed_on),
        cmocka_unit_test(carries_much_both_ways),
        cmocka_unit_test(gives_no_more_than_came),
        cmocka_unit_test(tells_the_end_both_ways),
        cmocka_unit_test(no_end_is_said_before_there_is_a_session),
        cmocka_unit_test(old_ways_are_refused),
        cmocka_unit_test(what_is_no_tls_fails_at_once),
        cmocka_unit_test(a_handshake_does_not_go_on_for_ever),
        cmocka_unit_test(a_hello_may_stop_anywhere),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(renegotiation_is_refused),
        cmocka_unit_test(new_keys_go_unnoticed),
        cmocka_unit_test(a_client_says_why_it_refuses),
    };
    return cmocka_run_group_tests(tests, open_identity, close_identity);
}

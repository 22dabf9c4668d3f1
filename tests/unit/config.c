#include "test.h"

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARGS(...)                                                                                  \
    (char *[])                                                                                     \
    {                                                                                              \
        "mailstop", __VA_ARGS__, NULL                                                              \
    }
#define ENV(...)                                                                                   \
    (char *[])                                                                                     \
    {                                                                                              \
        "HOME=/home/ann", __VA_ARGS__, NULL                                                        \
    }

static char *const no_args[] = { "mailstop", NULL };
static char *const home[] = { "HOME=/home/ann", NULL };

struct loaded {
    struct config config;
    struct buf text;
    enum config_outcome outcome;
};

static struct loaded load(char *const argv[], char *const env[])
{
    struct loaded l = { 0 };
    l.outcome = config_load(argv, env, &l.config, &l.text);
    return l;
}

static void loaded_done(struct loaded *l)
{
    config_done(&l->config);
    buf_done(&l->text);
}

static void assert_refused(char *const argv[], char *const env[], const char *why)
{
    struct loaded l AUTO(loaded_done) = load(argv, env);
    assert_int_equal(l.outcome, CONFIG_BAD);
    if (!strstr(buf_text(&l.text), why))
        fail_msg("\"%s\" does not say \"%s\"", buf_text(&l.text), why);
}

/* A file with this content; the name is valid until the next call. */
static char *file_with(const char *content)
{
    static char name[64];
    snprintf(name, sizeof(name), "/tmp/mailstop-config-XXXXXX");
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
    return name;
}

static void has_the_documented_defaults(void **state)
{
    (void)state;
    struct loaded l AUTO(loaded_done) = load(no_args, home);
    assert_int_equal(l.outcome, CONFIG_RUN);
    assert_int_equal(l.config.smtp_listen.count, 1);
    assert_string_equal(l.config.smtp_listen.items[0], "127.0.0.1:1025");
    assert_string_equal(l.config.http_listen, "127.0.0.1:8025");
    assert_string_equal(l.config.db, "/home/ann/.local/share/mailstop/mailstop.db");
    assert_int_equal(l.config.max_message_size, 50 << 20);
    assert_int_equal(l.config.idle_timeout_ms, 5 * 60 * 1000);
    assert_int_equal(l.config.allowed_hosts.count, 0);
}

static void follows_xdg(void **state)
{
    (void)state;
    struct loaded l AUTO(loaded_done) = load(no_args, ENV("XDG_DATA_HOME=/data"));
    assert_string_equal(l.config.db, "/data/mailstop/mailstop.db");
    char *const nothing[] = { NULL };
    assert_refused(no_args, nothing, "--db PATH");
}

static void flag_beats_variable_beats_file(void **state)
{
    (void)state;
    char *file = file_with("{\"max_recipients\": 1, \"max_connections\": 2, \"db\": \"/file\"}");
    struct loaded l AUTO(loaded_done) =
        load(ARGS("serve", "--config", file, "--db=/flag"),
             ENV("MAILSTOP_DB=/variable", "MAILSTOP_MAX_CONNECTIONS=20"));
    unlink(file);
    assert_int_equal(l.outcome, CONFIG_RUN);
    assert_string_equal(l.config.db, "/flag");
    assert_int_equal(l.config.max_connections, 20);
    assert_int_equal(l.config.max_recipients, 1);
}

static void lists_replace_what_is_weaker(void **state)
{
    (void)state;
    struct loaded l AUTO(loaded_done) =
        load(ARGS("--smtp-listen", "127.0.0.1:1", "--smtp-listen=[::1]:2"),
             ENV("MAILSTOP_SMTP_LISTEN=127.0.0.1:9", "MAILSTOP_ALLOWED_HOST=a.test, b.test"));
    assert_int_equal(l.outcome, CONFIG_RUN);
    assert_int_equal(l.config.smtp_listen.count, 2);
    assert_string_equal(l.config.smtp_listen.items[1], "[::1]:2");
    assert_int_equal(l.config.allowed_hosts.count, 2);
    assert_string_equal(l.config.allowed_hosts.items[1], "b.test");
}

static void knows_units(void **state)
{
    (void)state;
    static const struct {
        char *size;
        uint64_t value;
    } cases[] = { { "1", 1 }, { "10k", 10240 }, { "5M", 5 << 20 }, { "2G", 2147483648u } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct loaded l AUTO(loaded_done) = load(ARGS("--max-message-size", cases[i].size), home);
        assert_int_equal(l.config.max_message_size, cases[i].value);
    }
    struct loaded l AUTO(loaded_done) = load(ARGS("--idle-timeout", "1500ms"), home);
    assert_int_equal(l.config.idle_timeout_ms, 1500);
}

static void names_what_is_wrong(void **state)
{
    (void)state;
    assert_refused(ARGS("--smpt-listen", "x"), home, "Unknown option --smpt-listen");
    assert_refused(ARGS("start"), home, "Unknown argument \"start\"");
    assert_refused(ARGS("--db"), home, "--db needs a value");
    assert_refused(ARGS("--db="), home, "--db has the value \"\"");
    assert_refused(ARGS("--max-recipients", "0"), home, "--max-recipients has the value \"0\"");
    assert_refused(ARGS("--max-recipients", "-1"), home, "expected a number above 0");
    assert_refused(ARGS("--max-message-size", "10q"), home, "expected a size");
    assert_refused(ARGS("--max-message-size", "99999999999999999G"), home, "expected a size");
    assert_refused(ARGS("--idle-timeout", "5"), home, "expected a time");
    assert_refused(ARGS("--smtp-listen", "1025"), home, "expected an address and port");
    assert_refused(ARGS("--log-level", "loud"), home, "error, warn, info or debug");
    assert_refused(ARGS("--hide-extension", "FROB"), home, "expected an extension");
    assert_refused(ARGS("--hide-extension", "HELP"), home, "expected an extension");
    assert_refused(ARGS("--xclient-from", "proxy.test"), home, "expected an address");
    assert_refused(no_args, ENV("MAILSTOP_DBB=x"), "Unknown variable MAILSTOP_DBB");
    assert_refused(no_args, ENV("MAILSTOP_HTTP_LISTEN=x"), "variable MAILSTOP_HTTP_LISTEN");
}

static void limits_fit_together(void **state)
{
    (void)state;
    assert_refused(ARGS("--max-spool", "49M"), home, "--max-spool 51380224");
    assert_refused(no_args, ENV("MAILSTOP_MAX_MESSAGE_SIZE=2G"), "--max-message-size 2147483648");
    struct loaded l AUTO(loaded_done) = load(ARGS("--max-spool", "50M"), home);
    assert_int_equal(l.outcome, CONFIG_RUN);
}

static void names_what_is_wrong_in_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *content, *why;
    } cases[] = {
        { "{\"max_recipient\": 1}", "Unknown key \"max_recipient\"" },
        { "{\"max_recipients\": true}", "max_recipients" },
        { "{\"max_recipients\": [1]}", "max_recipients" },
        { "{\"max_recipients\": 1, ", "line 1" },
        { "[]", "one JSON object" },
    };
    assert_refused(ARGS("--config", "/nowhere.json"), home, "/nowhere.json");
    assert_refused(no_args, ENV("MAILSTOP_CONFIG=/nowhere.json"), "/nowhere.json");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *file = file_with(cases[i].content);
        assert_refused(ARGS("--config", file), home, cases[i].why);
        unlink(file);
    }
}

static void help_lists_every_option(void **state)
{
    (void)state;
    struct loaded l AUTO(loaded_done) = load(ARGS("--db", "/x", "--help"), home);
    assert_int_equal(l.outcome, CONFIG_DONE);
    assert_non_null(strstr(buf_text(&l.text), "--max-connections-per-ip N"));
    assert_non_null(strstr(buf_text(&l.text), "MAILSTOP_MAX_CONNECTIONS_PER_IP"));
    struct loaded v AUTO(loaded_done) = load(ARGS("--version"), home);
    assert_int_equal(v.outcome, CONFIG_DONE);
    assert_int_equal(strncmp(buf_text(&v.text), "mailstop ", 9), 0);
}

static void switches_are_on_by_their_name_alone(void **state)
{
    (void)state;
    static const struct {
        char *args[4];
        bool starttls, require_tls;
    } cases[] = {
        { { "mailstop" }, false, false },
        { { "mailstop", "--starttls" }, true, false },
        { { "mailstop", "--starttls", "--require-tls" }, true, true },
        { { "mailstop", "--starttls", "on" }, true, false },
        { { "mailstop", "--starttls=on" }, true, false },
        { { "mailstop", "--starttls", "--starttls=off" }, false, false },
        { { "mailstop", "--starttls", "off" }, false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct loaded l AUTO(loaded_done) = load((char *const *)cases[i].args, home);
        assert_int_equal(l.outcome, CONFIG_RUN);
        assert_int_equal(l.config.starttls, cases[i].starttls);
        assert_int_equal(l.config.require_tls, cases[i].require_tls);
    }
    assert_refused(ARGS("--starttls=yes"), home, "expected on or off");
    assert_refused(ARGS("--starttls", "yes"), home, "Unknown argument \"yes\"");
    assert_refused(no_args, ENV("MAILSTOP_STARTTLS=1"), "expected on or off");
}

static void a_file_may_turn_switches_by_true_and_false(void **state)
{
    (void)state;
    char *name = file_with("{\"starttls\": true, \"require_tls\": \"on\"}");
    struct loaded l AUTO(loaded_done) = load(ARGS("--require-tls=off", "--config", name), home);
    assert_int_equal(l.outcome, CONFIG_RUN);
    assert_true(l.config.starttls);
    assert_false(l.config.require_tls);
    assert_int_equal(unlink(name), 0);
    name = file_with("{\"db\": true}");
    assert_refused(ARGS("--config", name), home, "The key db");
    assert_int_equal(unlink(name), 0);
}

static void a_certificate_and_its_key_come_together(void **state)
{
    (void)state;
    assert_refused(ARGS("--tls-cert", "a.pem"), home, "--tls-key is missing");
    assert_refused(ARGS("--tls-key", "a.key"), home, "--tls-cert is missing");
    struct loaded l AUTO(loaded_done) =
        load(ARGS("--tls-cert", "a.pem", "--tls-key", "a.key", "--tls-name", "mx.test"), home);
    assert_int_equal(l.outcome, CONFIG_RUN);
    assert_string_equal(l.config.tls_names.items[0], "mx.test");
    assert_refused(ARGS("--tls-name", "mx.test:25"), home, "expected a host name or an address");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_documented_defaults),
        cmocka_unit_test(follows_xdg),
        cmocka_unit_test(flag_beats_variable_beats_file),
        cmocka_unit_test(lists_replace_what_is_weaker),
        cmocka_unit_test(knows_units),
        cmocka_unit_test(names_what_is_wrong),
        cmocka_unit_test(limits_fit_together),
        cmocka_unit_test(names_what_is_wrong_in_the_file),
        cmocka_unit_test(help_lists_every_option),
        cmocka_unit_test(switches_are_on_by_their_name_alone),
        cmocka_unit_test(a_file_may_turn_switches_by_true_and_false),
        cmocka_unit_test(a_certificate_and_its_key_come_together),
    };
    return RUN_TESTS(tests);
}

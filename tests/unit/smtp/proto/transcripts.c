#include "../../test.h"

#include "playback.h"

#include "core/arena.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* Plays the files of tests/transcripts, whose README.md says what they look like. */

enum {
    MAX_FILES = 200,
    MAX_QUESTIONS = 64,
    DENSE_STEPS = 512, /* octets a read that are tried one by one; behind it, a few */
};

struct transcript {
    struct arena arena;
    struct smtp_config config;
    struct playback script;
    struct buf client, expected;
    struct smtp_reply answers[MAX_QUESTIONS]; /* code 0: yes */
    size_t questions;
    bool is_for_engine;
    bool leaves_out_offers; /* "S: 250-..." stands for some of them */
};

/* ---- reading a file ---- */

static int hex_digit(char c)
{
    const char *digits = "0123456789ABCDEF";
    const char *hit = c ? strchr(digits, c) : NULL;
    assert_non_null(hit);
    return (int)(hit - digits);
}

static void append_unescaped(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\\') {
            buf_putc(out, text.ptr[i]);
            continue;
        }
        assert_true(++i < text.len);
        switch (text.ptr[i]) {
        case 'r': buf_putc(out, '\r'); break;
        case 'n': buf_putc(out, '\n'); break;
        case '\\': buf_putc(out, '\\'); break;
        case 'x':
            assert_true(i + 2 < text.len);
            buf_putc(out, (char)(hex_digit(text.ptr[i + 1]) * 16 + hex_digit(text.ptr[i + 2])));
            i += 2;
            break;
        default: fail_msg("unknown escape \\%c", text.ptr[i]);
        }
    }
}

static void take_client_line(struct transcript *t, struct span text)
{
    buf_append(&t->client, text);
    buf_append(&t->client, SPAN("\r\n"));
}

static void take_raw(struct transcript *t, struct span text)
{
    append_unescaped(&t->client, text);
}

static void take_handshake(struct transcript *t, struct span text)
{
    assert_int_equal(text.len, 0);
    assert_true(t->script.handshake_count < PLAYBACK_MAX_HANDSHAKES);
    t->script.handshakes[t->script.handshake_count++] = t->client.len;
}

static void expect(struct transcript *t, char kind, struct span text)
{
    buf_printf(&t->expected, "%c: %.*s\n", kind, SPAN_ARG(text));
}

static void take_server_line(struct transcript *t, struct span text)
{
    t->leaves_out_offers |= span_eq(text, SPAN("250-..."));
    expect(t, 'S', text);
}

static const char *const questions[] = { "step",    "starttls", "nonce", "auth",
                                         "xclient", "mail",     "rcpt",  "message" };

static void take_event(struct transcript *t, struct span text)
{
    expect(t, 'E', text);
    struct span what = span_cut(&text, ' ');
    for (size_t i = 0; i < ARRAY_LEN(questions); i++)
        if (span_eq(what, span_of(questions[i])))
            assert_true(++t->questions < MAX_QUESTIONS);
}

static void take_notes(struct transcript *t, struct span text)
{
    expect(t, 'N', text);
}

/* "550 5.1.1 No such user", in answer to the question above it. */
static void take_answer(struct transcript *t, struct span text)
{
    uint64_t code;
    assert_true(t->questions > 0);
    assert_true(parse_u64(span_cut(&text, ' '), &code));
    const char *enhanced = arena_copy(&t->arena, span_cut(&text, ' '));
    t->answers[t->questions - 1] =
        (struct smtp_reply){ (int)code, enhanced, arena_copy(&t->arena, text) };
}

static void take_limit(struct transcript *t, struct span text)
{
    uint64_t value;
    struct smtp_limits *limits = &t->config.limits;
    struct span name = span_cut(&text, ' ');
    assert_true(parse_u64(text, &value));
    if (span_eq(name, SPAN("message_bytes")))
        limits->message_bytes = value;
    else if (span_eq(name, SPAN("recipients")))
        limits->recipients = value;
    else if (span_eq(name, SPAN("command_line_bytes")))
        limits->command_line_bytes = value;
    else if (span_eq(name, SPAN("errors")))
        limits->errors = value;
    else if (span_eq(name, SPAN("commands")))
        limits->commands = value;
    else if (span_eq(name, SPAN("mails")))
        limits->mails = value;
    else if (span_eq(name, SPAN("login_failures")))
        limits->login_failures = value;
    else
        fail_msg("unknown limit %.*s", SPAN_ARG(name));
}

static void take_hidden(struct transcript *t, struct span text)
{
    unsigned cap = smtp_cap_find(text);
    assert_int_not_equal(cap, 0);
    t->config.caps &= ~cap;
}

static void take_peer(struct transcript *t, struct span text)
{
    if (span_eq(text, SPAN("encrypted")))
        t->script.peer |= SMTP_PEER_ENCRYPTED;
    else if (span_eq(text, SPAN("trusted")))
        t->script.peer |= SMTP_PEER_TRUSTED;
    else
        fail_msg("unknown peer %.*s", SPAN_ARG(text));
}

static void take_requirement(struct transcript *t, struct span text)
{
    if (span_eq(text, SPAN("tls")))
        t->config.require_tls = true;
    else if (span_eq(text, SPAN("auth")))
        t->config.require_auth = true;
    else if (span_eq(text, SPAN("tls-for-auth")))
        t->config.auth_needs_tls = true;
    else
        fail_msg("unknown requirement %.*s", SPAN_ARG(text));
}

static void take_wish(struct transcript *t, struct span text)
{
    if (span_eq(text, SPAN("lines")))
        t->config.wants_lines = true;
    else if (span_eq(text, SPAN("steps")))
        t->config.asks_steps = true;
    else
        fail_msg("unknown wish %.*s", SPAN_ARG(text));
}

static void take_driver(struct transcript *t, struct span text)
{
    assert_span(text, "engine");
    t->is_for_engine = true;
}

static const struct line_kind {
    const char *prefix;
    void (*take)(struct transcript *t, struct span text);
} line_kinds[] = {
    { "C:", take_client_line }, { "R:", take_raw },       { "T:", take_handshake },
    { "S:", take_server_line }, { "E:", take_event },     { "N:", take_notes },
    { "A:", take_answer },      { "Limit:", take_limit }, { "Hide:", take_hidden },
    { "Tell:", take_wish },     { "Peer:", take_peer },   { "Require:", take_requirement },
    { "Driver:", take_driver },
};

static void take_line(struct transcript *t, struct span line)
{
    if (line.len == 0 || *line.ptr == '#')
        return;
    for (size_t i = 0; i < ARRAY_LEN(line_kinds); i++) {
        struct span prefix = span_of(line_kinds[i].prefix);
        if (!span_starts_with(line, prefix))
            continue;
        struct span text = span_slice(line, prefix.len, line.len);
        if (text.len && *text.ptr == ' ')
            text = span_slice(text, 1, text.len);
        line_kinds[i].take(t, text);
        return;
    }
    fail_msg("what is this? %.*s", SPAN_ARG(line));
}

static void read_file(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t got;
    do {
        got = fread(buf_reserve(out, 4096), 1, 4096, file);
        out->len += got;
    } while (got);
    assert_false(ferror(file));
    fclose(file);
}

static void transcript_load(struct transcript *t, const char *path)
{
    *t = (struct transcript){
        .config = { .hostname = "mx.test",
                    .caps = ~0U,
                    .limits = { .message_bytes = 50 << 20,
                                .recipients = 1000,
                                .command_line_bytes = 2048,
                                .errors = 20,
                                .login_failures = 3 } },
    };
    struct buf text AUTO(buf_done) = { 0 };
    read_file(path, &text);
    struct span rest = buf_span(&text);
    while (rest.len)
        take_line(t, span_cut(&rest, '\n'));
}

static void transcript_done(struct transcript *t)
{
    arena_done(&t->arena);
    buf_done(&t->client);
    buf_done(&t->expected);
}

/* ---- playing it ---- */

static const struct smtp_reply *answer(const void *arg, size_t index)
{
    const struct transcript *t = arg;
    return index < MAX_QUESTIONS && t->answers[index].code ? &t->answers[index] : NULL;
}

static bool has_answers(const struct transcript *t)
{
    for (size_t i = 0; i < MAX_QUESTIONS; i++)
        if (t->answers[i].code)
            return true;
    return false;
}

/* Puts "250-..." in place of the lines between the first and the last of a reply to EHLO. */
static void leave_out_offers(struct buf *log)
{
    struct buf out AUTO(buf_done) = { 0 };
    struct span rest = buf_span(log);
    for (int run = 0; rest.len;) {
        struct span line = span_cut(&rest, '\n');
        run = span_starts_with(line, SPAN("S: 250-")) ? run + 1 : 0;
        if (run <= 2)
            buf_printf(&out, "%.*s\n", SPAN_ARG(run == 2 ? SPAN("S: 250-...") : line));
    }
    buf_clear(log);
    buf_append(log, buf_span(&out));
}

static void play(const struct transcript *t, const char *path, size_t step)
{
    struct playback p = t->script;
    p.config = &t->config;
    p.client = buf_span(&t->client);
    p.answer = answer;
    p.arg = t;
    struct buf log AUTO(buf_done) = { 0 };
    playback_run(&p, step, &log);
    if (t->leaves_out_offers)
        leave_out_offers(&log);
    if (span_eq(buf_span(&log), buf_span(&t->expected)))
        return;
    fprintf(stderr, "%s, %zu octets a read\nexpected:\n%.*s\ngot:\n%.*s", path, step,
            SPAN_ARG(buf_span(&t->expected)), SPAN_ARG(buf_span(&log)));
    fail();
}

static void transcript_holds_at_every_cut(void **state)
{
    struct transcript t;
    transcript_load(&t, *state);
    assert_true(t.client.len > 0);
    assert_int_equal(has_answers(&t) && !t.is_for_engine, false);
    for (size_t step = 1; step <= t.client.len; step += step < DENSE_STEPS ? 1 : step / 4)
        play(&t, *state, step);
    play(&t, *state, t.client.len);
    transcript_done(&t);
}

static bool is_transcript(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot, ".smtp") == 0;
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[MAX_FILES];
    size_t count = 0;
    struct arena names AUTO(arena_done) = { 0 };
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: transcripts FOLDER\n");
        return 2;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (!is_transcript(entry->d_name) || count == MAX_FILES)
            continue;
        tests[count++] = (struct CMUnitTest){
            .name = arena_strdup(&names, entry->d_name),
            .test_func = transcript_holds_at_every_cut,
            .initial_state = arena_printf(&names, "%s/%s", argv[1], entry->d_name),
        };
    }
    closedir(folder);
    if (count == 0 || count == MAX_FILES)
        return 2;
    return _cmocka_run_group_tests("transcripts", tests, count, NULL, NULL);
}

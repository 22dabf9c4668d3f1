/* Runs a fuzz target for a second or two, without a fuzzer, so that every test run asks what it
 * asks. The inputs are put together at random from the words of a dictionary and odd octets; the
 * seeds are fixed, so that what fails fails again. What a fuzzer finds beyond this, it finds by
 * what it sees of the code: see meson.build.
 *
 *     short ROUNDS [DICTIONARY] */

#include "core/buf.h"
#include "core/span.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 256, PIECES_MAX = 80, SOME_MAX = 8, AGAIN_MAX = 64, CHOICES = 4 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct dictionary {
    struct buf texts[WORDS_MAX];
    size_t count;
};

static uint32_t pick(uint32_t *state, uint32_t limit)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % limit;
}

/* ---- the dictionary ---- */

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* A word in quotation marks, with \x0D, \\ and \" in it. False if there is none in the line. */
static bool read_word(const char *line, struct buf *out)
{
    const char *at = strchr(line, '"');
    if (*line == '#' || !at)
        return false;
    for (at++; *at && *at != '"'; at++) {
        if (at[0] == '\\' && at[1] == 'x' && at[2] && at[3]) {
            buf_putc(out, (char)(hex_digit(at[2]) << 4 | hex_digit(at[3])));
            at += 3;
            continue;
        }
        at += at[0] == '\\' && at[1];
        buf_putc(out, *at);
    }
    return *at == '"';
}

static bool read_dictionary(const char *path, struct dictionary *out)
{
    char line[512];
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    while (out->count < WORDS_MAX && fgets(line, sizeof(line), file))
        out->count += read_word(line, &out->texts[out->count]);
    return fclose(file) == 0 && out->count > 0;
}

static void dictionary_done(struct dictionary *d)
{
    for (size_t i = 0; i < ARRAY_LEN(d->texts); i++)
        buf_done(&d->texts[i]);
}

/* ---- inputs ---- */

static void put_octets(struct buf *out, uint32_t count, uint32_t *random)
{
    while (count--)
        buf_putc(out, (char)pick(random, 256));
}

static void put_text(struct buf *out, uint32_t count, uint32_t *random)
{
    while (count--)
        buf_putc(out, (char)(' ' + pick(random, 95)));
}

/* Some of what was there already, again. */
static void put_again(struct buf *out, uint32_t *random)
{
    struct buf copy AUTO(buf_done) = { 0 };
    size_t from = pick(random, (uint32_t)out->len + 1);
    buf_append(&copy, span_slice(buf_span(out), from, from + AGAIN_MAX));
    buf_append(out, buf_span(&copy));
}

static void put_piece(struct buf *out, const struct dictionary *d, uint32_t *random)
{
    uint32_t what = pick(random, 16);
    if (what == 0)
        put_again(out, random);
    else if (what == 1 || d->count == 0)
        put_octets(out, 1 + pick(random, SOME_MAX), random);
    else if (what < 5)
        put_text(out, 1 + pick(random, SOME_MAX), random);
    else
        buf_append(out, buf_span(&d->texts[pick(random, (uint32_t)d->count)]));
}

/* Some targets take their choices from the first octets: half of the inputs begin with any. */
static void make(struct buf *out, const struct dictionary *d, uint32_t seed)
{
    uint32_t random = seed * 2654435761U;
    put_octets(out, seed % 2 * CHOICES, &random);
    for (uint32_t pieces = pick(&random, PIECES_MAX); pieces; pieces--)
        put_piece(out, d, &random);
}

/* A copy without room behind it, so that a sanitizer sees who reads beyond its end. */
static void run(const struct buf *input)
{
    unsigned char *copy = xcalloc(1, input->len + !input->len);
    if (input->len)
        memcpy(copy, input->ptr, input->len);
    (void)LLVMFuzzerTestOneInput(copy, input->len);
    free(copy);
}

int main(int argc, char **argv)
{
    struct dictionary d AUTO(dictionary_done) = { 0 };
    uint64_t rounds;
    if (argc < 2 || !parse_u64(span_of(argv[1]), &rounds) ||
        (argc > 2 && !read_dictionary(argv[2], &d))) {
        fprintf(stderr, "usage: %s ROUNDS [DICTIONARY]\n", argv[0]);
        return 2;
    }
    for (uint32_t seed = 0; seed < rounds; seed++) {
        struct buf input AUTO(buf_done) = { 0 };
        make(&input, &d, seed);
        run(&input);
    }
    return 0;
}

#include "store/names.h"

#include "core/mem.h"
#include "core/utf8.h"
#include "secret/secret.h"

#include <stdio.h>
#include <string.h>

/* ---- the rules ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' ||
           c == '_' || c == '-';
}

static bool is_all(struct span s, bool (*fits)(char c))
{
    for (size_t i = 0; i < s.len; i++)
        if (!fits(s.ptr[i]))
            return false;
    return true;
}

/* "." and ".." would be taken out of a URL on the way (RFC 3986 section 5.2.4). */
bool store_inbox_name_is_valid(struct span name)
{
    return name.len > 0 && name.len <= STORE_INBOX_NAME_MAX && is_all(name, is_name_character) &&
           !is_all(name, is_digit) && !span_eq(name, SPAN(".")) && !span_eq(name, SPAN(".."));
}

static bool is_printable(char c)
{
    return (unsigned char)c >= 0x20 && c != 0x7F;
}

bool store_username_is_valid(struct span username)
{
    return username.len > 0 && username.len <= STORE_USERNAME_MAX &&
           is_all(username, is_printable) && utf8_is_valid(username);
}

static bool is_visible(char c)
{
    return is_printable(c) && c != ' ';
}

bool store_pattern_is_valid(struct span pattern)
{
    return pattern.len > 0 && pattern.len <= STORE_PATTERN_MAX && is_all(pattern, is_visible) &&
           utf8_is_valid(pattern);
}

/* ---- making them ---- */

/* clang-format off */
static const char *const qualities[] = {
    "able", "amber", "apt", "bold", "brave", "brisk", "calm", "clear", "coral", "deft", "eager",
    "early", "fair", "fond", "fresh", "gentle", "glad", "golden", "green", "happy", "ivory",
    "jolly", "keen", "kind", "lively", "lucky", "mellow", "merry", "neat", "noble", "proud",
    "quick", "quiet", "rapid", "ready", "rosy", "royal", "sharp", "silver", "snug", "solid",
    "spry", "steady", "sunny", "swift", "tidy", "warm", "wise",
};

static const char *const animals[] = {
    "badger", "bear", "beaver", "bison", "cat", "crane", "crow", "deer", "dove", "duck", "eagle",
    "falcon", "ferret", "finch", "fox", "goat", "goose", "hare", "hawk", "heron", "horse", "ibis",
    "jay", "koala", "lark", "lemur", "lion", "lynx", "marten", "mole", "moose", "newt", "otter",
    "owl", "panda", "puffin", "raven", "robin", "seal", "shrew", "stork", "swan", "tiger", "toad",
    "vole", "walrus", "whale", "wren",
};
/* clang-format on */

/* Two characters of a secret pick one of 1024, which is as good as even. */
static const char *pick(const char *const *words, size_t count, const char *random)
{
    size_t number = (unsigned char)random[0] * 31u + (unsigned char)random[1];
    return words[number % count];
}

void name_make(char out[NAME_SIZE])
{
    char random[SECRET_SIZE];
    secret_make(random);
    snprintf(out, NAME_SIZE, "%s-%s-%.4s", pick(qualities, ARRAY_LEN(qualities), random),
             pick(animals, ARRAY_LEN(animals), random + 2), random + 4);
}

/* Each run of what may not stand in a name becomes one "-", none at the ends. Leaves *out alone if
 * nothing may. */
static void translate(struct span username, size_t max, char *out)
{
    size_t len = 0;
    bool has_gap = false;
    for (size_t i = 0; i < username.len; i++) {
        if (!is_name_character(username.ptr[i])) {
            has_gap = len > 0;
            continue;
        }
        if (len + has_gap >= max)
            break;
        if (has_gap)
            out[len++] = '-';
        has_gap = false;
        out[len++] = username.ptr[i];
    }
    if (len)
        out[len] = '\0';
}

void name_of_username(struct span username, unsigned attempt, char out[NAME_SIZE])
{
    enum { FRONT_MAX = 46 }; /* with "inbox-" and "-4294967295" it is no longer than a name */
    char front[NAME_SIZE] = "inbox", suffix[12] = "";
    if (store_inbox_name_is_valid(username) && !attempt) {
        memcpy(out, username.ptr, username.len);
        out[username.len] = '\0';
        return;
    }
    if (attempt)
        snprintf(suffix, sizeof(suffix), "-%u", attempt + 1);
    translate(username, FRONT_MAX, front);
    const char *prefix = store_inbox_name_is_valid(span_of(front)) ? "" : "inbox-";
    snprintf(out, NAME_SIZE, "%s%.46s%s", prefix, front, suffix);
}

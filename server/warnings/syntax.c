#include "warnings/syntax.h"

#include "core/mem.h"

#include <string.h>

/* Each take_ function moves the front of *in past what it names, and returns whether it was there.
 * A list's functions leave *in where it goes wrong. */

/* ---- characters: section 3.2 ---- */

static bool is_white(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(unsigned char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_atext(unsigned char c)
{
    return c > 127 || is_digit(c) || is_letter(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_dtext(unsigned char c)
{
    return c > ' ' && c <= '~' && !(c >= '[' && c <= ']');
}

typedef bool char_class(unsigned char c);

static struct span take_all(struct span *in, char_class *of)
{
    struct span start = *in;
    size_t len = 0;
    while (len < in->len && of((unsigned char)in->ptr[len]))
        len++;
    *in = span_slice(*in, len, in->len);
    return span_slice(start, 0, len);
}

/* Comments nest. */
static bool take_comment(struct span *in)
{
    size_t depth = 0;
    for (size_t i = 0; span_front(*in) == '(' && i < in->len; i++) {
        char c = in->ptr[i];
        if (c == '\\')
            i++;
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0) {
            *in = span_slice(*in, i + 1, in->len);
            return true;
        }
    }
    return false;
}

/* White space and comments: CFWS. What has no end is left. */
static void skip_blanks(struct span *in)
{
    do
        (void)take_all(in, is_white);
    while (take_comment(in));
}

static bool take_blanks(struct span *in)
{
    size_t before = in->len;
    skip_blanks(in);
    return in->len < before;
}

static bool take_quoted(struct span *in)
{
    for (size_t i = 1; span_front(*in) == '"' && i < in->len; i++) {
        char c = in->ptr[i];
        if (c == '\\')
            i++;
        else if (c == '"') {
            *in = span_slice(*in, i + 1, in->len);
            return true;
        }
    }
    return false;
}

/* ---- addresses: section 3.4 ---- */

static bool take_dot_atom(struct span *in)
{
    do {
        if (take_all(in, is_atext).len == 0)
            return false;
    } while (span_take(in, '.'));
    return true;
}

static bool take_literal(struct span *in)
{
    return span_take(in, '[') && (take_all(in, is_dtext), span_take(in, ']'));
}

static bool take_domain(struct span *in)
{
    return span_front(*in) == '[' ? take_literal(in) : take_dot_atom(in);
}

/* Blanks beside the @ are allowed, though they should not be. */
static bool take_addr_spec(struct span *in)
{
    skip_blanks(in);
    if (span_front(*in) == '"' ? !take_quoted(in) : !take_dot_atom(in))
        return false;
    skip_blanks(in);
    if (!span_take(in, '@'))
        return false;
    skip_blanks(in);
    bool has_domain = take_domain(in);
    skip_blanks(in);
    return has_domain;
}

/* With dots: "John Q. Public". */
static bool take_phrase(struct span *in)
{
    size_t before = in->len;
    while (take_quoted(in) || take_all(in, is_atext).len) {
        skip_blanks(in);
        if (span_take(in, '.'))
            skip_blanks(in);
    }
    return in->len < before;
}

static bool take_mailbox(struct span *in)
{
    struct span bare = *in;
    bool is_bare = take_addr_spec(&bare);
    if (!is_bare) {
        (void)take_phrase(in);
        if (span_take(in, '<'))
            return take_addr_spec(in) && span_take(in, '>');
    }
    if (bare.len < in->len)
        *in = bare;
    return is_bare;
}

/* Behind its name and colon; it may be empty. */
static bool take_members(struct span *in)
{
    skip_blanks(in);
    if (span_take(in, ';'))
        return true;
    do {
        skip_blanks(in);
        if (!take_mailbox(in))
            return false;
        skip_blanks(in);
    } while (span_take(in, ','));
    return span_take(in, ';');
}

static bool take_address(struct span *in)
{
    struct span group = *in;
    if (!take_phrase(&group) || !span_take(&group, ':'))
        return take_mailbox(in);
    *in = group;
    return take_members(in);
}

static struct span without_end_blanks(struct span s)
{
    while (s.len && is_white((unsigned char)s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool syntax_is_list(struct span value, struct syntax_fault *out)
{
    struct span in = value, entry;
    bool is_good;
    do {
        skip_blanks(&in);
        entry = in;
        is_good = take_address(&in);
        skip_blanks(&in);
    } while (is_good && span_take(&in, ','));
    if (is_good && in.len == 0)
        return true;
    size_t sound = entry.len - in.len; /* octets that make sense */
    out->rest = without_end_blanks(span_slice(in, 0, span_find(in, ',')));
    out->entry = without_end_blanks(span_slice(entry, 0, sound + out->rest.len));
    return false;
}

/* ---- identifiers: section 3.6.4 ---- */

static bool take_id(struct span *in)
{
    return span_take(in, '<') && take_dot_atom(in) && span_take(in, '@') && take_domain(in) &&
           span_take(in, '>');
}

bool syntax_are_ids(struct span value, size_t most)
{
    size_t count = 0;
    skip_blanks(&value);
    while (count < most && take_id(&value)) {
        skip_blanks(&value);
        count++;
    }
    return count && value.len == 0;
}

/* ---- dates: section 3.3 ---- */

enum { NAME_LETTERS = 3, DAYS = 7, MONTHS = 12 };

static const char day_names[] = "MonTueWedThuFriSatSun";
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Of names of three letters each; `count` if it is none. */
static unsigned find_name(const char *names, unsigned count, struct span name)
{
    unsigned i = 0;
    while (i < count &&
           !span_ieq(name, (struct span){ names + (size_t)i * NAME_LETTERS, NAME_LETTERS }))
        i++;
    return i;
}

static bool take_name(struct span *in, const char *names, unsigned count, unsigned *out)
{
    *out = find_name(names, count, take_all(in, is_letter));
    return *out < count;
}

static bool take_number(struct span *in, size_t min, size_t max, unsigned *out)
{
    uint64_t n;
    struct span digits = take_all(in, is_digit);
    if (digits.len < min || digits.len > max || !parse_u64(digits, &n))
        return false;
    *out = (unsigned)n;
    return true;
}

/* "+0100", or the obsolete "GMT" and its American kin (section 4.3). */
static bool take_zone(struct span *in)
{
    static const char *const names[] = { "UT",  "GMT", "EST", "EDT", "CST",
                                         "CDT", "MST", "MDT", "PST", "PDT" };
    unsigned hhmm;
    if (span_take(in, '+') || span_take(in, '-'))
        return take_number(in, 4, 4, &hhmm) && hhmm % 100 < 60;
    struct span name = take_all(in, is_letter);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (span_ieq(name, span_of(names[i])))
            return true;
    return false;
}

struct date {
    unsigned week_day;                               /* DAYS: not given */
    unsigned day, month, year, hour, minute, second; /* the month from 0 */
};

static bool take_week_day(struct span *in, struct date *d)
{
    d->week_day = DAYS;
    if (!is_letter(span_front(*in)))
        return true;
    if (!take_name(in, day_names, DAYS, &d->week_day))
        return false;
    skip_blanks(in);
    return span_take(in, ',');
}

static bool take_time(struct span *in, struct date *d)
{
    d->second = 0;
    return take_number(in, 2, 2, &d->hour) && span_take(in, ':') &&
           take_number(in, 2, 2, &d->minute) &&
           (!span_take(in, ':') || take_number(in, 2, 2, &d->second));
}

static bool take_date(struct span *in, struct date *d)
{
    skip_blanks(in);
    if (!take_week_day(in, d))
        return false;
    skip_blanks(in);
    bool is_good = take_number(in, 1, 2, &d->day) && take_blanks(in) &&
                   take_name(in, month_names, MONTHS, &d->month) && take_blanks(in) &&
                   take_number(in, 4, 4, &d->year) && take_blanks(in) && take_time(in, d) &&
                   take_blanks(in) && take_zone(in);
    skip_blanks(in);
    return is_good && in->len == 0;
}

static unsigned days_of(const struct date *d)
{
    static const unsigned char days[MONTHS] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);
    return d->month == 1 && is_leap ? 29 : days[d->month];
}

/* From Monday: Sakamoto's method. */
static unsigned week_day_of(const struct date *d)
{
    static const unsigned char shift[MONTHS] = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 };
    unsigned year = d->year - (d->month < 2);
    return (year + year / 4 - year / 100 + year / 400 + shift[d->month] + d->day + DAYS - 1) % DAYS;
}

const char *syntax_date(struct span value)
{
    struct date d;
    if (!take_date(&value, &d))
        return "is no date; it has to be like \"Mon, 24 Nov 2025 16:00:00 +0000\"";
    if (d.day < 1 || d.day > days_of(&d) || d.year < 1900)
        return "is on a day that there is not";
    if (d.hour > 23 || d.minute > 59 || d.second > 60)
        return "is at a time that there is not";
    if (d.week_day < DAYS && d.week_day != week_day_of(&d))
        return "names another day of the week than the date is on";
    return NULL;
}

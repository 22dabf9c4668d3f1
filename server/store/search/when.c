#include "store/search/when.h"

#include "core/mem.h"

#include <ctype.h>

/* ---- numbers with a unit ---- */

struct unit {
    char letter;
    int64_t size;
};

static bool with_unit(struct span text, const struct unit *units, size_t count, int64_t *out)
{
    uint64_t number;
    if (text.len == 0 || !parse_u64(span_slice(text, 0, text.len - 1), &number))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (units[i].letter != text.ptr[text.len - 1])
            continue;
        if (number > (uint64_t)(INT64_MAX / units[i].size))
            return false;
        *out = (int64_t)number * units[i].size;
        return true;
    }
    return false;
}

bool size_parse(struct span text, int64_t *out)
{
    static const struct unit units[] = {
        { 'k', 1 << 10 }, { 'K', 1 << 10 }, { 'M', 1 << 20 },
        { 'm', 1 << 20 }, { 'G', 1 << 30 }, { 'g', 1 << 30 },
    };
    uint64_t number;
    if (parse_u64(text, &number) && number <= INT64_MAX) {
        *out = (int64_t)number;
        return true;
    }
    return with_unit(text, units, ARRAY_LEN(units), out);
}

/* ---- dates ---- */

static const int64_t second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;

/* Takes `count` digits off the front. */
static bool take_number(struct span *text, size_t count, int low, int high, int *out)
{
    uint64_t number;
    if (text->len < count || !parse_u64(span_slice(*text, 0, count), &number) ||
        number < (uint64_t)low || number > (uint64_t)high)
        return false;
    *out = (int)number;
    *text = span_slice(*text, count, text->len);
    return true;
}

static bool take_char(struct span *text, char c)
{
    if (text->len == 0 || toupper((unsigned char)*text->ptr) != c)
        return false;
    *text = span_slice(*text, 1, text->len);
    return true;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return lengths[month - 1] + (month == 2 && is_leap(year));
}

/* Leap days from the year 1 up to the start of `year`. */
static int64_t leap_days(int64_t year)
{
    year--;
    return year / 4 - year / 100 + year / 400;
}

static int64_t days_since_1970(int year, int month, int day_of_month)
{
    int64_t days = (year - 1970) * (int64_t)365 + leap_days(year) - leap_days(1970);
    for (int m = 1; m < month; m++)
        days += month_length(year, m);
    return days + day_of_month - 1;
}

static bool take_date(struct span *text, int64_t *out_ms)
{
    int year, month, day_of_month;
    bool has_form = take_number(text, 4, 1, 9999, &year) && take_char(text, '-') &&
                    take_number(text, 2, 1, 12, &month) && take_char(text, '-') &&
                    take_number(text, 2, 1, 31, &day_of_month);
    if (!has_form || day_of_month > month_length(year, month))
        return false;
    *out_ms = days_since_1970(year, month, day_of_month) * day;
    return true;
}

/* As many digits as there are; those behind the third say less than a millisecond. */
static bool take_fraction(struct span *text, int64_t *out_ms)
{
    int64_t unit = 100;
    size_t digits = 0;
    for (; digits < text->len && isdigit((unsigned char)text->ptr[digits]); digits++) {
        *out_ms += (text->ptr[digits] - '0') * unit;
        unit /= 10;
    }
    *text = span_slice(*text, digits, text->len);
    return digits > 0;
}

static bool take_time(struct span *text, int64_t *out_ms)
{
    int hours, minutes, seconds;
    bool has_form = take_number(text, 2, 0, 23, &hours) && take_char(text, ':') &&
                    take_number(text, 2, 0, 59, &minutes) && take_char(text, ':') &&
                    take_number(text, 2, 0, 60, &seconds);
    if (!has_form)
        return false;
    *out_ms += hours * hour + minutes * minute + seconds * second;
    return !take_char(text, '.') || take_fraction(text, out_ms);
}

static bool take_offset(struct span *text, int64_t *out_ms)
{
    int hours, minutes;
    if (take_char(text, 'Z'))
        return true;
    bool is_west = take_char(text, '-');
    if (!is_west && !take_char(text, '+'))
        return false;
    if (!take_number(text, 2, 0, 23, &hours) || !take_char(text, ':') ||
        !take_number(text, 2, 0, 59, &minutes))
        return false;
    int64_t offset = hours * hour + minutes * minute;
    *out_ms += is_west ? offset : -offset;
    return true;
}

static bool parse_moment(struct span text, int64_t *out_ms)
{
    int64_t ms;
    if (!take_date(&text, &ms))
        return false;
    bool has_time = text.len > 0;
    if (has_time && (!take_char(&text, 'T') || !take_time(&text, &ms) || !take_offset(&text, &ms)))
        return false;
    if (text.len)
        return false;
    *out_ms = ms;
    return true;
}

bool when_parse(struct span text, int64_t now_ms, int64_t *out_ms)
{
    static const struct unit units[] = {
        { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 }, { 'w', 604800000 },
    };
    int64_t ago;
    if (parse_moment(text, out_ms))
        return true;
    if (!with_unit(text, units, ARRAY_LEN(units), &ago))
        return false;
    *out_ms = now_ms - ago;
    return true;
}

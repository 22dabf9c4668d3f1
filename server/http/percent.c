#include "http/percent.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

int percent_octet(struct span s)
{
    if (s.len < 3 || s.ptr[0] != '%')
        return -1;
    int high = hex_digit(s.ptr[1]);
    int low = hex_digit(s.ptr[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

#pragma once

#include <stddef.h>
#include <stdint.h>

/* Octets in which compression finds no pattern; the same seed gives the same ones. */
static inline void fill_random(void *out, size_t len, uint32_t seed)
{
    unsigned char *bytes = out;
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(seed >> 24);
    }
}

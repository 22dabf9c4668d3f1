#pragma once
/* Files built into the program. embed.py writes the tables. */

#include <stddef.h>

struct embedded_file {
    const char *name; /* relative, with "/" between folders */
    const unsigned char *bytes;
    size_t size;
    const unsigned char *gzip; /* the same, compressed; NULL if not made */
    size_t gzip_size;
    const char *etag; /* with its quotes; changes with the bytes */
};

struct embedded_files {
    const struct embedded_file *items;
    size_t count;
};

#pragma once
/* Files of people and the digests of their passwords, as Apache's htpasswd makes them with -B: a
 * line for each, "ann:$2y$10$...". Other digests than bcrypt are refused. */

#include "core/arena.h"
#include "core/buf.h"

struct htpasswd_entry {
    struct span name;
    const char *digest;
};

struct htpasswd {
    struct arena arena;
    struct htpasswd_entry *entries;
    size_t count;
};

enum { HTPASSWD_SIZE_MAX = 1024 * 1024 }; /* octets of a file */

/* False, and *why "line 3 ..." completes a sentence, if it is not such a file. Blank lines and
 * those that begin with "#" say nothing. Whatever comes of it, *out is good for htpasswd_done(). */
bool htpasswd_parse(struct span text, struct htpasswd *out, struct buf *why);
void htpasswd_done(struct htpasswd *h);

/* Whether the password is that of the person. Takes as long as bcrypt is meant to, whoever is
 * asked for. */
bool htpasswd_check(const struct htpasswd *h, struct span name, struct span password);

#pragma once
/* A query of the search language as a tree. web/openapi.yaml describes the language. */

#include "core/arena.h"
#include "store/store.h"

enum {
    QUERY_MAX_DEPTH = 12,
    QUERY_MAX_TERMS = 64,
};

/* Words to be found in a line of a message's words (see words.h). */
struct search_pattern {
    const char *tags;   /* the lines, each by its letter */
    const char *header; /* or the line of this header field, its name in lower case; else NULL */
    const char *needle; /* " reset your ": without the space in front the first word may begin
                           before it, without the one behind the last may go on; "" asks for the
                           line itself */
};

enum search_type {
    SEARCH_ALL, /* its children, each of which must hold */
    SEARCH_ANY,
    SEARCH_NOT,   /* its one child */
    SEARCH_WORDS, /* one of its patterns */
    SEARCH_READ,
    SEARCH_PINNED,
    SEARCH_LARGER, /* `number` octets */
    SEARCH_SMALLER,
    SEARCH_BEFORE, /* received before `number`, in milliseconds */
    SEARCH_AFTER,  /* then or later */
    SEARCH_TAG,    /* `text` */
    SEARCH_INBOX,  /* `text`, a name or an id */
};

enum { SEARCH_MAX_PATTERNS = 2 };

struct search_node {
    enum search_type type;
    struct search_node *first; /* child; the others are behind it by `next` */
    struct search_node *next;
    struct search_pattern patterns[SEARCH_MAX_PATTERNS];
    size_t pattern_count;
    int64_t number;
    const char *text;
    const char *source; /* as it was written */
};

struct store_query {
    struct search_node *root;
};

/* Whether `kept`, the words of a message, has one of the node's patterns. */
bool search_words_match(const struct search_node *node, struct span kept);

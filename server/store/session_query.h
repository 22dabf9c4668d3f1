#pragma once
/* Queries of sessions: terms, each of which must hold. */

#include "store/store.h"

enum { SESSION_QUERY_TERMS = 32 };

struct session_term {
    const struct session_name *name; /* what it is about; NULL: anything, also what was said */
    struct span value;
    bool is_negated;
};

struct store_session_query {
    struct session_term terms[SESSION_QUERY_TERMS];
    size_t count;
};

/* Whether none but failed sessions can be meant. */
bool session_query_is_of_failed(const struct store_session_query *q);

/* Whether a term can be told without knowing what was said. */
bool session_term_is_of_facts(const struct session_term *t);

/* For those: whether it holds. */
bool session_term_holds(const struct session_term *t, const struct store_session *s);

/* For the others, with what was said. */
bool session_term_was_said(const struct session_term *t, const struct store_session *s,
                           const struct store_transcript *said);

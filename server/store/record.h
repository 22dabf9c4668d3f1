#pragma once
/* A message and a session as the columns an engine keeps. Lists and trees are JSON text: they are
 * read only together with their message, so that no engine needs a table for them. */

#include "store/store.h"

/* Well-formed UTF-8 without NUL, whatever the client sent. */
struct record {
    const char *envelope_from;
    const char *recipients; /* [{"address", "notify", "orcpt"}], no member for what was not given */
    const char *body, *ret, *envid; /* NULL if not stated */
    const char *client_ip, *client_helo;
    const char *client_tls, *client_cipher, *client_username; /* NULL as in struct store_client */
    const char *subject, *message_id, *preview;
    const char *addresses; /* {"from": [{"name", "address"}], ...}, no member for an empty list */
    const char *tags;      /* ["word"], NULL if there are none */
    const char *warnings;  /* [{"code", "detail", "reference"}], NULL if there are none */
    const char *parts;     /* [{"number", "content_type", ...}] in the order of struct mail */
};

/* As struct record; of a session, what is text. */
struct session_record {
    const char *client_ip, *client_helo;
    const char *client_tls, *client_cipher, *client_username;
    const char *refused_command, *refused_reply;
    const char *warnings;
};

/* The record borrows from `m` and `arena`. */
void record_write(const struct store_message *m, struct arena *arena, struct record *out);

/* Puts what the columns say into `m`; what JSON does not say is left empty. Everything lives in
 * `arena`; `r` is no longer needed afterwards. */
void record_read(const struct record *r, struct arena *arena, struct store_message *m);

/* The same for a session; its outcome is kept by its name. */
void record_write_session(const struct store_session *s, struct arena *arena,
                          struct session_record *out);
enum store_outcome record_outcome(const char *name);
void record_read_session(const struct session_record *r, struct arena *arena,
                         struct store_session *s);

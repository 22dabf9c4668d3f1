#pragma once
/* What Mailstop was told to do: flags, MAILSTOP_ variables and the keys of a JSON file, all from
 * one table. A flag beats a variable, a variable beats the file. */

#include "core/arena.h"
#include "core/buf.h"

#include <stdbool.h>

struct config_list {
    const char **items;
    size_t count;
};

enum config_command { CONFIG_SERVE, CONFIG_CHECK };

struct config {
    struct arena arena; /* of all text below */
    enum config_command command;
    struct config_list smtp_listen;
    struct config_list smtps_listen;
    const char *http_listen;
    bool http_tls;
    const char *base_path; /* "/mail", or "" */
    const char *db;
    const char *hostname;
    uint64_t max_message_size; /* octets */
    uint64_t max_spool;        /* octets of all messages that are arriving */
    uint64_t max_inboxes;
    uint64_t max_messages; /* of an inbox; of these three 0 is none */
    uint64_t max_age_ms;
    uint64_t max_bytes;
    uint64_t max_recipients;
    uint64_t max_connections;
    uint64_t max_connections_per_ip;
    struct config_list hide_extensions; /* EHLO keywords that there are */
    struct config_list xclient_from;    /* as netaddr_is_block() has them */
    uint64_t idle_timeout_ms;
    uint64_t session_timeout_ms;
    uint64_t search_timeout_ms;
    const char *compression; /* "zstd" or "none" */
    bool starttls;
    bool require_tls;
    const char *tls_cert, *tls_key; /* both or none */
    struct config_list tls_names;
    bool require_auth;
    bool auth_needs_tls;
    const char *auto_create; /* "on" or "off" */
    bool magic_addresses;
    const char *auth_file; /* NULL: none */
    const char *api_token; /* NULL: none */
    struct config_list allowed_hosts;
    struct config_list cors_origins;
    const char *log_level;
    const char *log_format;
};

enum config_outcome {
    CONFIG_RUN,  /* go ahead */
    CONFIG_DONE, /* *text was asked for (help, version): print it and stop */
    CONFIG_BAD,  /* *text is one sentence that says what is wrong */
};

/* Both vectors end in NULL. config_done() frees what *out holds, whatever the outcome. */
enum config_outcome config_load(char *const argv[], char *const env[], struct config *out,
                                struct buf *text);
void config_done(struct config *c);

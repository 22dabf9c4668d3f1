#pragma once
/* Each resource is written by one table. A column has a name, what writes its value, and where in
 * the resource's struct that finds what it writes:
 *
 *     { "subject", json_text, offsetof(struct store_message, mail.subject) },
 *     { "has_html", has_html, 0 },    the struct itself */

#include "mail/mail.h"

#include <jansson.h>

typedef json_t *json_writer(const void *at);

struct json_column {
    const char *name; /* NULL ends the table */
    json_writer *write;
    size_t offset;
};

json_t *json_write(const struct json_column *columns, const void *thing);

json_writer json_text;           /* const char *: NULL is null, what is not UTF-8 is replaced */
json_writer json_bool;           /* bool */
json_writer json_number;         /* int64_t */
json_writer json_number_or_null; /* the same; 0 is null */
json_writer json_size;           /* uint64_t */
json_writer json_time;           /* int64_t: milliseconds, as RFC 3339 in UTC */
json_writer json_addresses;      /* struct mail_addresses */

/* Always an empty list. */
json_writer json_no_items;

/* ---- the tables ---- */

extern const struct json_column message_columns[];         /* struct store_message */
extern const struct json_column envelope_columns[];        /* struct store_envelope */
extern const struct json_column recipient_columns[];       /* struct store_recipient */
extern const struct json_column client_columns[];          /* struct store_client */
extern const struct json_column address_columns[];         /* struct mail_address */
extern const struct json_column warning_columns[];         /* struct store_warning */
extern const struct json_column attachment_columns[];      /* struct mail_part */
extern const struct json_column part_columns[];            /* struct mail_part */
extern const struct json_column header_columns[];          /* struct mail_header */
extern const struct json_column inbox_columns[];           /* see inboxes.c */
extern const struct json_column inbox_smtp_columns[];      /* see inboxes.c */
extern const struct json_column session_columns[];         /* struct store_session */
extern const struct json_column session_client_columns[];  /* struct store_client */
extern const struct json_column session_tls_columns[];     /* struct store_client */
extern const struct json_column session_refusal_columns[]; /* struct store_refusal */
extern const struct json_column transcript_columns[];      /* struct store_session */
extern const struct json_column transcript_line_columns[]; /* struct store_entry */
extern const struct json_column transcript_data_columns[]; /* struct store_entry */
extern const struct json_column info_columns[];            /* struct info, see info.c */
extern const struct json_column limits_columns[];          /* struct api_config */
extern const struct json_column listener_columns[];        /* struct listener, see info.c */

#pragma once
/* Who may call what. Each route names its scope; api_admit() is the one place that decides. */

#include "http/http.h"

enum api_scope {
    API_OPEN,    /* everybody, without login */
    API_ANYBODY, /* whoever may call at all */
    API_OWN,     /* the handler shows a caller its own alone: api_own_inbox() */
    API_INBOX,   /* who has the inbox that ":inbox" names */
    API_MESSAGE, /* who has the inbox of the message that "#id" names */
    API_PART,    /* the same, and who has a ticket for the parts of the message */
    API_SESSION, /* who has the inbox of the session that "#id" names */
    API_ADMIN,   /* the administrator */
};

enum { API_EVERYTHING = 0 }; /* as `caller` of a request: no inbox, but all of them */

/* As http_site.admit. What a caller may not see is 404, as if it were not there. */
http_handler api_admit;

/* The only inbox that whoever calls may see; API_EVERYTHING: all. */
int64_t api_own_inbox(const struct http_request *r);

/* What is to stand behind the addresses of parts in the message of "#id" so that they can be read
 * without login, "?ticket=..."; "" where nobody has to log in. Browsers send none for the pictures
 * of a document that belongs to no origin. Tickets are good until the server stops. */
const char *api_ticket(struct http_request *r);

enum { API_TICKET_LEN = 32 };

/* The inbox that a parameter names, by id or name, of those that the caller may see; without the
 * parameter all of those. -ENOENT. */
int api_narrow(struct http_request *r, const char *inbox, int64_t *out);

/* Everything the API answers. web/openapi.yaml describes it, and a test compares the two. */

#include "api/events.h"
#include "api/expect.h"
#include "api/inboxes.h"
#include "api/info.h"
#include "api/message_content.h"
#include "api/messages.h"
#include "api/private.h"

/* clang-format off */
const struct http_route api_routes[] = {
    /* method   path                                 handler                parameters    body */
    { "GET",    "/api/v1/inboxes",                   inboxes_list,          inboxes_query, NULL },
    { "POST",   "/api/v1/inboxes",                   inbox_create,          NULL,         inbox_wish },
    { "GET",    "/api/v1/inboxes/:inbox",            inbox_get,             NULL,         NULL },
    { "PATCH",  "/api/v1/inboxes/:inbox",            inbox_change,          NULL,         inbox_wish },
    { "POST",   "/api/v1/inboxes/:inbox/credentials", inbox_renew,          NULL,         NULL },
    { "GET",    "/api/v1/inboxes/:inbox/messages",   inbox_messages_list,   list_query,   NULL },
    { "DELETE", "/api/v1/inboxes/:inbox/messages",   inbox_messages_delete, delete_query, NULL },
    { "POST",   "/api/v1/inboxes/:inbox/expect",     inbox_expect,          NULL,         expect_body },
    { "GET",    "/api/v1/messages",                  messages_list,         list_query,   NULL },
    { "DELETE", "/api/v1/messages",                  messages_delete,       delete_query, NULL },
    { "GET",    "/api/v1/messages/latest",           message_latest,        latest_query, NULL },
    { "GET",    "/api/v1/messages/#id",              message_get,           NULL,         NULL },
    { "PATCH",  "/api/v1/messages/#id",              message_patch_flags,   NULL,         message_patch },
    { "DELETE", "/api/v1/messages/#id",              message_delete,        NULL,         NULL },
    { "GET",    "/api/v1/messages/#id/raw",          message_raw,           raw_query,    NULL },
    { "GET",    "/api/v1/messages/#id/text",         message_text,          NULL,         NULL },
    { "GET",    "/api/v1/messages/#id/html",         message_html,          NULL,         NULL },
    { "GET",    "/api/v1/messages/#id/headers",      message_headers,       NULL,         NULL },
    { "GET",    "/api/v1/messages/#id/parts",        message_parts,         NULL,         NULL },
    { "GET",    "/api/v1/messages/#id/parts/:part",  message_part,          NULL,         NULL },
    { "GET",    "/api/v1/events",                    events_get,            events_query, NULL },
    { "GET",    "/api/v1/info",                      info_get,              NULL,         NULL },
    { "GET",    "/api/v1/openapi.yaml",              document_get,          NULL,         NULL },
    { "GET",    "/ca.pem",                           ca_get,                NULL,         NULL },
    { "GET",    "/healthz",                          health_get,            NULL,         NULL },
    { "GET",    "/readyz",                           readiness_get,         NULL,         NULL },
};
/* clang-format on */

const size_t api_route_count = ARRAY_LEN(api_routes);

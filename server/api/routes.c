/* Everything the API answers. web/openapi.yaml describes it, and a test compares the two. */

#include "api/access.h"
#include "api/draft.h"
#include "api/events.h"
#include "api/expect.h"
#include "api/faults.h"
#include "api/import.h"
#include "api/inboxes.h"
#include "api/info.h"
#include "api/message_content.h"
#include "api/messages.h"
#include "api/metrics.h"
#include "api/private.h"
#include "api/sessions.h"
#include "api/wait.h"

/* clang-format off */
const struct http_route api_routes[] = {
    /* method   path                                  handler                scope        parameters     body */
    { "GET",    "/api/v1/inboxes",                    inboxes_list,          API_OWN,     inboxes_query, NULL },
    { "POST",   "/api/v1/inboxes",                    inbox_create,          API_ADMIN,   NULL,          inbox_wish },
    { "GET",    "/api/v1/inboxes/:inbox",             inbox_get,             API_INBOX,   NULL,          NULL },
    { "PATCH",  "/api/v1/inboxes/:inbox",             inbox_change,          API_ADMIN,   NULL,          inbox_wish },
    { "DELETE", "/api/v1/inboxes/:inbox",             inbox_delete,          API_INBOX,   NULL,          NULL },
    { "POST",   "/api/v1/inboxes/:inbox/credentials", inbox_renew,           API_INBOX,   NULL,          NULL },
    { "GET",    "/api/v1/inboxes/:inbox/messages",    inbox_messages_list,   API_INBOX,   list_query,    NULL },
    { "POST",   "/api/v1/inboxes/:inbox/messages",    inbox_import,          API_INBOX,   import_query,  draft_body },
    { "PATCH",  "/api/v1/inboxes/:inbox/messages",    inbox_messages_change, API_INBOX,   NULL,          messages_patch },
    { "DELETE", "/api/v1/inboxes/:inbox/messages",    inbox_messages_delete, API_INBOX,   delete_query,  NULL },
    { "POST",   "/api/v1/inboxes/:inbox/expect",      inbox_expect,          API_INBOX,   NULL,          expect_body },
    { "GET",    "/api/v1/inboxes/:inbox/wait",        inbox_wait,            API_INBOX,   wait_query,    NULL },
    { "GET",    "/api/v1/inboxes/:inbox/faults",      inbox_faults_get,      API_INBOX,   NULL,          NULL },
    { "PUT",    "/api/v1/inboxes/:inbox/faults",      inbox_faults_put,      API_INBOX,   NULL,          fault_plan_body },
    { "DELETE", "/api/v1/inboxes/:inbox/faults",      inbox_faults_delete,   API_INBOX,   NULL,          NULL },
    { "GET",    "/api/v1/faults",                     faults_get,            API_ADMIN,   NULL,          NULL },
    { "PUT",    "/api/v1/faults",                     faults_put,            API_ADMIN,   NULL,          fault_plan_body },
    { "DELETE", "/api/v1/faults",                     faults_delete,         API_ADMIN,   NULL,          NULL },
    { "GET",    "/api/v1/messages",                   messages_list,         API_OWN,     list_query,    NULL },
    { "PATCH",  "/api/v1/messages",                   messages_change,       API_OWN,     NULL,          messages_patch },
    { "DELETE", "/api/v1/messages",                   messages_delete,       API_OWN,     delete_query,  NULL },
    { "GET",    "/api/v1/messages/latest",            message_latest,        API_OWN,     latest_query,  NULL },
    { "GET",    "/api/v1/messages/#id",               message_get,           API_MESSAGE, NULL,          NULL },
    { "PATCH",  "/api/v1/messages/#id",               message_change,        API_MESSAGE, NULL,          message_patch },
    { "DELETE", "/api/v1/messages/#id",               message_delete,        API_MESSAGE, NULL,          NULL },
    { "GET",    "/api/v1/messages/#id/raw",           message_raw,           API_MESSAGE, raw_query,     NULL },
    { "GET",    "/api/v1/messages/#id/text",          message_text,          API_MESSAGE, NULL,          NULL },
    { "GET",    "/api/v1/messages/#id/html",          message_html,          API_MESSAGE, html_query,    NULL },
    { "GET",    "/api/v1/messages/#id/headers",       message_headers,       API_MESSAGE, NULL,          NULL },
    { "GET",    "/api/v1/messages/#id/parts",         message_parts,         API_MESSAGE, NULL,          NULL },
    { "GET",    "/api/v1/messages/#id/parts/:part",   message_part,          API_PART,    part_query,    NULL },
    { "GET",    "/api/v1/messages/#id/transcript",    message_transcript,    API_MESSAGE, NULL,          NULL },
    { "GET",    "/api/v1/sessions",                   sessions_list,         API_OWN,     sessions_query, NULL },
    { "GET",    "/api/v1/sessions/#id",               session_get,           API_SESSION, NULL,          NULL },
    { "GET",    "/api/v1/events",                     events_get,            API_OWN,     events_query,  NULL },
    { "GET",    "/api/v1/info",                       info_get,              API_ADMIN,   NULL,          NULL },
    { "GET",    "/api/v1/openapi.yaml",               document_get,          API_ANYBODY, NULL,          NULL },
    { "GET",    "/api/v1/openapi.json",               document_json_get,     API_ANYBODY, NULL,          NULL },
    { "GET",    "/docs",                              docs_get,              API_ANYBODY, NULL,          NULL },
    { "GET",    "/docs.css",                          docs_style_get,        API_ANYBODY, NULL,          NULL },
    { "GET",    "/ca.pem",                            ca_get,                API_OPEN,    NULL,          NULL },
    { "GET",    "/metrics",                           metrics_get,           API_ADMIN,   NULL,          NULL },
    { "GET",    "/healthz",                           health_get,            API_OPEN,    NULL,          NULL },
    { "GET",    "/readyz",                            readiness_get,         API_OPEN,    NULL,          NULL },
};
/* clang-format on */

const size_t api_route_count = ARRAY_LEN(api_routes);

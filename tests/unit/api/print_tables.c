/* Prints the API's tables as JSON, for the test that compares them with the document. */

#include "api/access.h"
#include "api/json.h"
#include "api/private.h"
#include "warnings/warnings.h"

static const char *const types[] = {
    [HTTP_BOOL] = "boolean", [HTTP_INTEGER] = "integer", [HTTP_INTEGER_OR_NULL] = "integer or null",
    [HTTP_TEXT] = "string",  [HTTP_TEXTS] = "array",     [HTTP_JSON] = "any",
    [HTTP_RAW] = "raw",
};

static const char *const scopes[] = {
    [API_OPEN] = "open",       [API_ANYBODY] = "anybody", [API_OWN] = "own",
    [API_INBOX] = "inbox",     [API_MESSAGE] = "message", [API_PART] = "part",
    [API_SESSION] = "session", [API_ADMIN] = "admin",
};

/* clang-format off */
static const struct {
    const char *name; /* in the document */
    const struct json_column *columns;
} resources[] = {
    { "Address",    address_columns },
    { "Attachment", attachment_columns },
    { "Client",     client_columns },
    { "Envelope",   envelope_columns },
    { "Header",     header_columns },
    { "Inbox",      inbox_columns },
    { "InboxSmtp",  inbox_smtp_columns },
    { "Info",       info_columns },
    { "Limits",     limits_columns },
    { "Listener",   listener_columns },
    { "Message",    message_columns },
    { "Part",       part_columns },
    { "Recipient",  recipient_columns },
    { "Session",    session_columns },
    { "SessionClient", session_client_columns },
    { "SessionTls", session_tls_columns },
    { "Refusal", session_refusal_columns },
    { "Transcript", transcript_columns },
    { "TranscriptData", transcript_data_columns },
    { "TranscriptLine", transcript_line_columns },
    { "Warning",    warning_columns },
};
/* clang-format on */

static json_t *fields(const struct http_field *table)
{
    json_t *object = json_object();
    for (const struct http_field *f = table; f && f->name; f++)
        json_object_set_new(object, f->name,
                            json_pack("{s:s, s:I, s:I}", "type", types[f->type], "min",
                                      (json_int_t)f->min, "max", (json_int_t)f->max));
    return object;
}

static json_t *routes(void)
{
    json_t *array = json_array();
    for (size_t i = 0; i < api_route_count; i++) {
        const struct http_route *route = &api_routes[i];
        json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:o, s:o}", "method", route->method,
                                               "path", route->path, "scope", scopes[route->scope],
                                               "query", fields(route->query), "body",
                                               route->body ? fields(route->body) : json_null()));
    }
    return array;
}

static json_t *columns(const struct json_column *table)
{
    json_t *array = json_array();
    for (const struct json_column *c = table; c->name; c++)
        json_array_append_new(array, json_string(c->name));
    return array;
}

static json_t *warnings(void)
{
    json_t *array = json_array();
    for (size_t i = 0; i < warning_rule_count(); i++)
        json_array_append_new(array, json_string(warning_rule_code(i)));
    return array;
}

int main(void)
{
    json_t *schemas = json_object();
    for (size_t i = 0; i < ARRAY_LEN(resources); i++)
        json_object_set_new(schemas, resources[i].name, columns(resources[i].columns));
    json_auto_t *tables = json_pack("{s:o, s:o, s:i, s:o}", "routes", routes(), "schemas", schemas,
                                    "max_texts", HTTP_MAX_TEXTS, "warnings", warnings());
    return json_dumpf(tables, stdout, JSON_INDENT(2));
}

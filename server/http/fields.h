#pragma once
/* Tables of fields: what may be in a query or a JSON body is checked against them, and then read
 * into a struct by them. */

#include "http/http.h"

/* What is wrong, as a list for a problem's `errors`; NULL if nothing is. */
json_t *fields_check_query(const struct http_field *table, const struct http_pairs *query);
json_t *fields_check_json(const struct http_field *table, const json_t *object);

/* After the check. Texts are borrowed from the query or the object; lists of them live in `arena`.
 */
void fields_read_query(const struct http_field *table, const struct http_pairs *query, void *out);
void fields_read_json(const struct http_field *table, const json_t *object, struct arena *arena,
                      void *out);

/* Appends {"field", "detail"}, making the list if there is none. */
void fields_blame(json_t **errors, struct span field, const char *detail);

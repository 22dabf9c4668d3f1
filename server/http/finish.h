#pragma once
/* The last step of every response: what HTTP itself asks for, whoever made it. */

#include "http/http.h"

/* Answers 304 where the client has it already, cuts out the range it asked for, and adds the
 * headers that every answer carries. */
void http_finish(const struct http_site *site, struct http_request *r, struct http_response *res);

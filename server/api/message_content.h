#pragma once
/* What is in a message: as received, as text, as HTML, its header, its parts. */

#include "http/http.h"

extern const struct http_field html_query[]; /* remote_images */
extern const struct http_field raw_query[];  /* download */
extern const struct http_field part_query[]; /* ticket */

http_handler message_raw;
http_handler message_text;
http_handler message_html;
http_handler message_headers;
http_handler message_parts;
http_handler message_part;

#pragma once
/* What the server says about itself. */

#include "http/http.h"

http_handler info_get;
http_handler health_get;
http_handler readiness_get;
http_handler document_get;
http_handler document_json_get;
http_handler docs_get;
http_handler docs_style_get;
http_handler ca_get;

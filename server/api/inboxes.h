#pragma once
/* Inboxes, with counts. */

#include "http/http.h"

http_handler inboxes_list;
http_handler inbox_get;

#pragma once

#include "http/http.h"

extern const struct http_field fault_plan_body[];

http_handler faults_get;
http_handler faults_put;
http_handler faults_delete;
http_handler inbox_faults_get;
http_handler inbox_faults_put;
http_handler inbox_faults_delete;

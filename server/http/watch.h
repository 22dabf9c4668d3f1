#pragma once
/* The header of a request must be there in time, however slowly it drips: a connection that keeps
 * its next one back for longer is shut. (libmicrohttpd's timeout begins anew with each octet.) */

#include <microhttpd.h>

struct watch;

struct watch *watch_start(unsigned timeout_s);

/* When no connection is left. */
void watch_stop(struct watch *w);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the watch. */
void watch_connection(void *watch, struct MHD_Connection *connection, void **context,
                      enum MHD_ConnectionNotificationCode code);

/* The header is there; the request is over, and the next header is waited for. */
void watch_header_came(struct MHD_Connection *connection);
void watch_request_over(struct MHD_Connection *connection);

#pragma once
/* The ESMTP parameters of MAIL and RCPT: RFC 5321 4.1.2. */

#include "core/span.h"

struct smtp_engine;
struct smtp_reply;

/* Each parses all of `args`, what follows the path, into the envelope. NULL, or the refusal; the
 * envelope may be half filled then. */
const struct smtp_reply *smtp_params_of_mail(struct smtp_engine *e, struct span args);
const struct smtp_reply *smtp_params_of_rcpt(struct smtp_engine *e, struct span args);

/* Single parameters of RFC 3461: dsn.c. */
const struct smtp_reply *smtp_dsn_ret(struct smtp_engine *e, struct span value);
const struct smtp_reply *smtp_dsn_envid(struct smtp_engine *e, struct span value);
const struct smtp_reply *smtp_dsn_notify(struct smtp_engine *e, struct span value);
const struct smtp_reply *smtp_dsn_orcpt(struct smtp_engine *e, struct span value);

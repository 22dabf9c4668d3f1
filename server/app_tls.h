#pragma once
/* The certificate of the running program: where it comes from, what names it is for, when it is
 * replaced. On the loop's thread. */

#include "config.h"
#include "tls/tls.h"

#include <uv.h>

/* `= { 0 }` is one that was not started; the functions below accept it. */
struct app_tls {
    struct tls_identity *identity; /* NULL: there is none */
    struct tls_identity_config config;
    struct tls_lender *for_http; /* NULL: HTTP is not by TLS */
    uv_timer_t renewal;
};

/* Whether STARTTLS is offered. */
bool app_tls_is_offered(const struct config *c);

/* Loads or makes the certificate, also if nothing offers TLS, so that whoever is to trust the CA
 * has it beforehand; then it is no failure that there is none. On failure `*why` is one sentence.
 * `arena` must live as long as the identity. */
int app_tls_start(struct app_tls *t, uv_loop_t *loop, const struct config *c, struct arena *arena,
                  struct buf *why);

/* Takes a new certificate if there is one, and logs what came of it. */
void app_tls_reload(struct app_tls *t);

/* Closes what it has on the loop. */
void app_tls_stop(struct app_tls *t);

/* After all sessions, HTTP's too. */
void app_tls_done(struct app_tls *t);

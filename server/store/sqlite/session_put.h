#pragma once
/* What is reported of sessions becomes rows. */

#include "store/report.h"
#include "store/sqlite/writer.h"

/* Gives the report, made ready, to the writer, which frees it. */
void session_put_post(struct writer *w, struct report *r);

/* At start: what was open when the program was killed is over. */
int session_put_lost(struct db *db) MUST_CHECK;

/* The greatest id that a session ever had. */
int session_put_last_id(struct db *db, int64_t *out) MUST_CHECK;

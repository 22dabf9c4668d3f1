#pragma once
/* Deliveries become rows. */

#include "store/delivery.h"
#include "store/sqlite/writer.h"

/* A message's chunks are numbered from its id times this. */
enum { CHUNKS_PER_MESSAGE = 65536 };

/* Gives the delivery, made ready, to the writer. */
void ingest_post(struct writer *w, struct delivery *d);

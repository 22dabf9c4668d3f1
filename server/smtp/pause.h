#pragma once
/* A wait without anybody waiting for it on a thread. */

#include <uv.h>

struct pause;

/* `over` is called once, later. */
struct pause *pause_start(uv_loop_t *loop, uint64_t ms, void (*over)(void *owner), void *owner);

/* It is not called. NULL is accepted. */
void pause_end(struct pause *p);

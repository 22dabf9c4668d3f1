#include "core/arena.h"

#include "core/mem.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BLOCK = 2048 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

void arena_done(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *block = a->blocks;
        a->blocks = block->next;
        free(block);
    }
}

void arena_wipe(struct arena *a)
{
    for (struct arena_block *block = a->blocks; block; block = block->next)
        mem_wipe(block->bytes, block->used);
    arena_done(a);
}

static struct arena_block *grow(struct arena *a, size_t size)
{
    size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
    struct arena_block *block = xmalloc(sizeof(*block) + room);
    *block = (struct arena_block){ .next = a->blocks, .size = room };
    a->blocks = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t step = alignof(max_align_t);
    assert(size <= SIZE_MAX - step);
    size = (size + step - 1) / step * step;
    struct arena_block *block = a->blocks;
    if (!block || block->size - block->used < size)
        block = grow(a, size);
    char *ptr = block->bytes + block->used;
    block->used += size;
    return memset(ptr, 0, size);
}

char *arena_copy(struct arena *a, struct span bytes)
{
    char *text = arena_alloc(a, bytes.len + 1);
    if (bytes.len)
        memcpy(text, bytes.ptr, bytes.len);
    return text;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return text ? arena_copy(a, span_of(text)) : NULL;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    char *text = arena_alloc(a, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

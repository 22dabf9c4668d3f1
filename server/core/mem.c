#include "core/mem.h"

#include <stdio.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static void *must(void *ptr)
{
    if (!ptr) {
        fputs("mailstop: out of memory\n", stderr);
        abort();
    }
    return ptr;
}

void *xmalloc(size_t size)
{
    return must(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return must(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *ptr, size_t size)
{
    return must(realloc(ptr, size ? size : 1));
}

char *xstrdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(xmalloc(size), text, size);
}

void mem_wipe(void *ptr, size_t size)
{
    volatile char *at = ptr;
    while (size--)
        *at++ = 0;
}

void free_ptr(void *ptr_to_ptr)
{
    free(*(void **)ptr_to_ptr);
}

void mem_give_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

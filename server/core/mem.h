#pragma once
/* Memory that never fails, and clean-up by scope.
 *
 * Out of memory ends the process: whatever size a client chooses is limited before it is
 * allocated, so running out is an operator's problem that no caller could mend. */

#include <stddef.h>
#include <stdlib.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The object of `type` whose `member` is at `ptr`. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Calls `fn` with the address of the variable when it goes out of scope. */
#define AUTO(fn) __attribute__((cleanup(fn)))

#define MUST_CHECK __attribute__((warn_unused_result))

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *ptr, size_t size);
char *xstrdup(const char *text);

/* Overwrites secrets; no compiler leaves it out. `ptr` may be NULL if `size` is 0. */
void mem_wipe(void *ptr, size_t size);

/* For AUTO: frees what a `char *` or other plain pointer variable holds. */
void free_ptr(void *ptr_to_ptr);

/* Gives the system back what has been freed, where the C library keeps it: for when a crowd has
 * gone. It may take some milliseconds. */
void mem_give_back(void);

/* Allocation that never returns NULL: out of memory ends the program with one sentence. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* For main(): makes the heap grow in megabytes. Page by page, as it does by itself, every piece of
 * work in a thread begins with dozens of system calls. */
void mem_prepare(void);

/* count * size bytes, zeroed; the caller frees with free(). Overflow counts as out of memory. */
void *mem_alloc(size_t count, size_t size) __attribute__((returns_nonnull));
/* The same, not zeroed, for what may be megabytes that are read at once: in huge pages where there
 * are any, since each small one is a fault; what is less than one begins a line of the cache. */
void *mem_alloc_large(size_t count, size_t size) __attribute__((returns_nonnull));
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
/* Bytes that this machine has: what is known to need more is told before it is asked for. */
double mem_of_machine(void);
char *mem_strdup(const char *text) __attribute__((returns_nonnull));
char *mem_strndup(const char *text, size_t length) __attribute__((returns_nonnull));
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
char *mem_vprintf(const char *format, va_list args)
    __attribute__((format(printf, 1, 0), returns_nonnull));

/* Makes room for one more element at array[count]; capacity doubles. */
#define MEM_GROW(array, count, capacity)                                                           \
    do {                                                                                           \
        if ((count) == (capacity)) {                                                               \
            (capacity) = (capacity) ? 2 * (capacity) : 8;                                          \
            (array) = mem_resize((array), (capacity), sizeof(*(array)));                           \
        }                                                                                          \
    } while (0)

#endif

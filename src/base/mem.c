#include "base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CACHE_LINE = 64, HUGE_PAGE = 2 << 20, GROWTH = 2 << 20 };

void mem_prepare(void)
{
#ifdef M_TOP_PAD
    mallopt(M_TOP_PAD, GROWTH);
#endif
}

static void *checked(void *pointer, size_t count, size_t size)
{
    if (pointer)
        return pointer;
    fprintf(stderr, "seki: out of memory (%zu times %zu bytes)\n", count, size);
    abort();
}

void *mem_alloc(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1), count, size);
}

void *mem_alloc_large(size_t count, size_t size)
{
    if (!count || !size || count > (SIZE_MAX - HUGE_PAGE) / size)
        return mem_alloc(count, size);
    size_t unit = count * size < HUGE_PAGE ? CACHE_LINE : HUGE_PAGE;
    size_t whole = (count * size + unit - 1) / unit * unit;
    void *pointer = checked(aligned_alloc(unit, whole), count, size);
    if (unit == HUGE_PAGE) /* a hint; without it all is the same, slower */
        (void)madvise(pointer, whole, MADV_HUGEPAGE);
    return pointer;
}

void *mem_resize(void *old, size_t count, size_t size)
{
    void *pointer = size && count > SIZE_MAX / size ? NULL : realloc(old, count * size);
    return checked(pointer, count, size);
}

double mem_of_machine(void)
{
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

char *mem_strndup(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

char *mem_vprintf(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = mem_alloc((size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *mem_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mem_vprintf(format, args);
    va_end(args);
    return text;
}

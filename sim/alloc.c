/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/alloc.h"

#include "sim/sudden_end.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CACHE_LINE = 64, HUGE_PAGE = 2 << 20 };

static void *checked(void *memory, size_t bytes)
{
    if (!memory && bytes)
        sudden_end_out_of_memory(bytes);
    return memory;
}

void *xmalloc(size_t bytes)
{
    return checked(malloc(bytes ? bytes : 1), 1);
}

void *xcalloc(size_t count, size_t bytes)
{
    size_t all;

    if (__builtin_mul_overflow(count, bytes, &all))
        all = SIZE_MAX;
    return checked(all ? calloc(count, bytes) : malloc(1), all ? all : 1);
}

void *xrealloc(void *memory, size_t bytes)
{
    return checked(realloc(memory, bytes), bytes);
}

/* Zeroes it. Of what is large, whole huge pages are given back to the kernel, which gives zeroes in their place when they
 * are touched: half of an array that has just doubled may never be, and costs the host nothing then. */
static void zero(char *from, size_t bytes)
{
#ifdef __linux__ /* elsewhere MADV_DONTNEED may leave what is there */
    size_t before = -(uintptr_t)from % HUGE_PAGE, whole;

    if (bytes >= before + HUGE_PAGE) {
        whole = (bytes - before) / HUGE_PAGE * HUGE_PAGE;
        if (!madvise(from + before, whole, MADV_DONTNEED)) {
            memset(from, 0, before);
            memset(from + before + whole, 0, bytes - before - whole);
            return;
        }
    }
#endif
    memset(from, 0, bytes);
}

void *xrealloc_zero(void *memory, size_t old_bytes, size_t bytes)
{
    char *grown = xrealloc(memory, bytes);

    if (bytes > old_bytes)
        zero(grown + old_bytes, bytes - old_bytes);
    return grown;
}

void *xrealloc_zero_aligned(void *memory, size_t old_bytes, size_t bytes)
{
    size_t alignment = bytes < HUGE_PAGE ? CACHE_LINE : HUGE_PAGE;
    size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    char *grown = checked(aligned_alloc(alignment, rounded), rounded);

    if (alignment == HUGE_PAGE) /* only a hint: random access over many small pages misses the TLB */
        madvise(grown, rounded, MADV_HUGEPAGE);
    if (old_bytes)
        memcpy(grown, memory, old_bytes);
    zero(grown + old_bytes, bytes - old_bytes);
    free(memory);
    return grown;
}

char *xstrdup(const char *text)
{
    size_t bytes = strlen(text) + 1;

    return memcpy(xmalloc(bytes), text, bytes);
}

void *xgrow(void *array, uint32_t *capacity, uint32_t count, size_t bytes)
{
    uint32_t old = *capacity;

    if (count <= old)
        return array;
    *capacity = grown_capacity(old, count);
    return xrealloc_zero(array, old * bytes, *capacity * bytes);
}

uint32_t grown_capacity(uint32_t capacity, uint32_t count)
{
    if (!capacity)
        capacity = 1024;
    while (capacity < count)
        capacity = capacity <= UINT32_MAX / 2 ? capacity * 2 : UINT32_MAX;
    return capacity;
}

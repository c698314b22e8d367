/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_malloc: malloc() and its kin, for the whole program, and they do not fail.
 *
 * Libraries ask for memory, too: the C library in getline(), strdup(), open_memstream(), fopen() and qsort(), jansson, GSL, SQLite,
 * zstd, libcsv, hiredis. Some of them answer a failure with an empty value, a NULL that nobody expects, or another way that gives
 * another result. These functions stand before the C library's, for all of them: they pass each request on, to the allocator that
 * is loaded behind the program (the C library's, or one that is preloaded), and where there is no memory they end the program as
 * sim/alloc.h does, with one line and status 70. So no number is ever printed that lacks a part for want of memory.
 *
 * Linked into the program alone. Test programs have the C library's functions, and sanitizers bring their own. */
#include "sim/sanitizer.h"
#include "sim/sudden_end.h"

#ifdef HAS_SANITIZER
typedef int sanitizers_bring_their_own;
#else

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What stands behind the program. Found at the first request, when there is one thread. */
static struct {
    void *(*malloc)(size_t bytes);
    void *(*calloc)(size_t count, size_t bytes);
    void *(*realloc)(void *memory, size_t bytes);
    void *(*aligned_alloc)(size_t alignment, size_t bytes);
    void *(*memalign)(size_t alignment, size_t bytes);
    int (*posix_memalign)(void **memory, size_t alignment, size_t bytes);
} host;

static bool is_looking; /* dlsym() may ask for memory; it can do without */

static void find(void *function, const char *name)
{
    *(void **)function = dlsym(RTLD_NEXT, name);
}

static bool look(void)
{
    if (is_looking)
        return false;
    is_looking = true;
    find(&host.calloc, "calloc");
    find(&host.realloc, "realloc");
    find(&host.aligned_alloc, "aligned_alloc");
    find(&host.memalign, "memalign");
    find(&host.posix_memalign, "posix_memalign");
    find(&host.malloc, "malloc"); /* last: the others are there when this is */
    is_looking = false;
    return true;
}

static inline bool is_ready(void)
{
    return __builtin_expect(host.malloc != NULL, 1) || look();
}

static inline void *there(void *memory, size_t bytes)
{
    if (__builtin_expect(!memory, 0) && bytes)
        sudden_end_out_of_memory(bytes);
    return memory;
}

void *malloc(size_t bytes)
{
    return is_ready() ? there(host.malloc(bytes), bytes) : NULL;
}

void *calloc(size_t count, size_t bytes)
{
    size_t all;

    if (!is_ready())
        return NULL;
    if (__builtin_mul_overflow(count, bytes, &all))
        all = SIZE_MAX;
    return there(host.calloc(count, bytes), all);
}

void *realloc(void *memory, size_t bytes)
{
    return is_ready() ? there(host.realloc(memory, bytes), bytes) : NULL;
}

void *reallocarray(void *memory, size_t count, size_t bytes)
{
    size_t all;

    if (__builtin_mul_overflow(count, bytes, &all))
        sudden_end_out_of_memory(SIZE_MAX);
    return realloc(memory, all);
}

/* An alignment that is none is the caller's mistake, and told so. */
static void *aligned(void *memory, size_t bytes)
{
    return !memory && errno == EINVAL ? NULL : there(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return is_ready() ? aligned(host.aligned_alloc(alignment, bytes), bytes) : NULL;
}

void *memalign(size_t alignment, size_t bytes)
{
    return is_ready() ? aligned(host.memalign(alignment, bytes), bytes) : NULL;
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    int status = is_ready() ? host.posix_memalign(memory, alignment, bytes) : ENOMEM;

    if (status == ENOMEM && bytes)
        sudden_end_out_of_memory(bytes);
    return status;
}

#endif

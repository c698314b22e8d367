/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fail_malloc: preloaded into evsim: an allocator whose n-th request fails.
 *
 *     FAIL_AT=17         the 17th, of all threads and of children that were forked
 *     FAIL_ON=1          and every one after it
 *     FAIL_COUNT=FILE    how many there were at most, in the program or a child, when the program ends by exit()
 *
 * Every request counts that libraries make, too: malloc, calloc, realloc, aligned_alloc, posix_memalign, memalign. What is started by
 * exec() is spared. */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own, by names that nobody replaces. */
extern void *__libc_malloc(size_t bytes);                     /* NOLINT(bugprone-reserved-identifier,cert-*) */
extern void *__libc_calloc(size_t count, size_t bytes);       /* NOLINT(bugprone-reserved-identifier,cert-*) */
extern void *__libc_realloc(void *memory, size_t bytes);      /* NOLINT(bugprone-reserved-identifier,cert-*) */
extern void *__libc_memalign(size_t alignment, size_t bytes); /* NOLINT(bugprone-reserved-identifier,cert-*) */
void *memalign(size_t alignment, size_t bytes);

static atomic_long requests;
static long fails_at;
static bool fails_on;
static const char *count_file;
static atomic_long *most; /* shared with children */
static pid_t program;

static bool fails(void)
{
    long n = atomic_fetch_add(&requests, 1) + 1;

    if (most && n > *most)
        *most = n;
    if (!fails_at || n < fails_at || (n > fails_at && !fails_on))
        return false;
    errno = ENOMEM;
    return true;
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("FAIL_AT");

    count_file = getenv("FAIL_COUNT");
    if (count_file)
        most = mmap(NULL, sizeof *most, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fails_on = getenv("FAIL_ON") != NULL;
    unsetenv("LD_PRELOAD");
    program = getpid();
    requests = 0;
    fails_at = at ? strtol(at, NULL, 10) : 0;
}

__attribute__((destructor)) static void end(void)
{
    FILE *out;

    fails_at = 0;
    if (!count_file || getpid() != program || !(out = fopen(count_file, "w")))
        return;
    fprintf(out, "%ld\n", *most);
    fclose(out);
}

void *malloc(size_t bytes)
{
    return fails() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return fails() ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    return fails() ? NULL : __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return fails() ? NULL : __libc_memalign(alignment, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    return fails() ? NULL : __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    void *got = fails() ? NULL : __libc_memalign(alignment, bytes);

    if (!got)
        return ENOMEM;
    *memory = got;
    return 0;
}

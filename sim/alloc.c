/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/alloc.h"

#include "sim/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory, size_t bytes)
{
    if (!memory && bytes) {
        fprintf(stderr, "evsim: out of memory, asking the host for %zu bytes\n", bytes);
        exit(ERROR_INTERNAL);
    }
    return memory;
}

void *xmalloc(size_t bytes)
{
    return checked(malloc(bytes), bytes);
}

void *xcalloc(size_t count, size_t bytes)
{
    return checked(calloc(count, bytes), count * bytes);
}

void *xrealloc(void *memory, size_t bytes)
{
    return checked(realloc(memory, bytes), bytes);
}

void *xrealloc_zero(void *memory, size_t old_bytes, size_t bytes)
{
    char *grown = xrealloc(memory, bytes);

    if (bytes > old_bytes)
        memset(grown + old_bytes, 0, bytes - old_bytes);
    return grown;
}

char *xstrdup(const char *text)
{
    size_t bytes = strlen(text) + 1;

    return memcpy(xmalloc(bytes), text, bytes);
}

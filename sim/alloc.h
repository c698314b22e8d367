/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alloc: host memory that cannot fail.
 *
 * When the host is out of memory there is nothing sensible to go on with: these end the program with one line and
 * ERROR_INTERNAL (sudden_end.h); in the program itself so do malloc() and its kin, for libraries too (host_malloc.c).
 * Simulated memory has nothing to do with it. Memory from here is released with free(). */
#ifndef SIM_ALLOC_H
#define SIM_ALLOC_H

#include <stddef.h>
#include <stdint.h>

__attribute__((returns_nonnull)) void *xmalloc(size_t bytes);
__attribute__((returns_nonnull)) void *xcalloc(size_t count, size_t bytes); /* zeroed */
void *xrealloc(void *memory, size_t bytes);
void *xrealloc_zero(void *memory, size_t old_bytes, size_t bytes); /* the new part is zeroed */
/* The same for large arrays that are accessed at random: aligned to a cache line, in huge pages where the
 * host has them. Always copies. */
void *xrealloc_zero_aligned(void *memory, size_t old_bytes, size_t bytes);
char *xstrdup(const char *text);

/* An array by id, zeroed where it is new, that is to have `count` elements of so many bytes. *capacity is how many it
 * has, 0 at first; when that is not enough, it is doubled until it is. Returns the array, which may have moved. */
void *xgrow(void *array, uint32_t *capacity, uint32_t count, size_t bytes);

/* The capacity of an array by id that is to hold ids below `count`: doubled until it does, from 1024 on. */
uint32_t grown_capacity(uint32_t capacity, uint32_t count);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* allocator: what a block of n bytes adds to used_memory.
 *
 * zmalloc counts the usable size of every block, so used_memory moves in the allocator's size classes.
 * Above 64 bytes every jemalloc has four classes per doubling; below, they are multiples of the quantum:
 *
 *     jemalloc         8 16 24 32 40 48 56 64 | 80 96 112 128 | 160 192 224 256 | 320 ...
 *     jemalloc-q16     8 16    32    48    64 | 80 96 112 128 | 160 192 224 256 | 320 ...
 *     jemalloc-5.3.1   likewise up to 16 KB, whole pages of 4 KB above
 *     libc             24 40 56 72 ...: multiples of 16 less the 8 bytes of the next block's header
 *
 * jemalloc is the one bundled with upstream Redis and Valkey (lg-quantum 3), jemalloc-q16 Debian's system
 * library up to 13, jemalloc-5.3.1 the one after. Source: jemalloc's size class table, nallocx() on each;
 * malloc_usable_size() of glibc. */
#ifndef SIM_SERVER_VALUES_ALLOCATOR_H
#define SIM_SERVER_VALUES_ALLOCATOR_H

#include <stdbool.h>
#include <stdint.h>

enum { ALLOCATOR_SMALL = 1024 }; /* sizes up to here are looked up */

struct allocator {
    const char *name;
    uint64_t (*large)(uint64_t bytes);       /* class of sizes above ALLOCATOR_SMALL */
    uint16_t small[ALLOCATOR_SMALL / 8 + 1]; /* class of (n + 7) / 8 */
    bool has_no_slabs;                       /* it is no jemalloc: see slabs.h */
    bool has_slack_page;                     /* a large block has a page that it cannot use (cache_oblivious) */
};

/* NULL for an unknown name. */
const struct allocator *allocator_find(const char *name);

/* Whether it lays blocks into pages as slabs.h says. */
static inline bool allocator_has_slabs(const struct allocator *allocator)
{
    return !allocator->has_no_slabs;
}

/* Usable size of a block of `bytes`; of a block of 0 bytes the smallest there is. */
static inline uint64_t allocator_class(const struct allocator *allocator, uint64_t bytes)
{
    return bytes <= ALLOCATOR_SMALL ? allocator->small[(bytes + 7) / 8] : allocator->large(bytes);
}

#endif

/* allocator: what a block of n bytes adds to used_memory.
 *
 * zmalloc counts the usable size of every block, so used_memory moves in jemalloc's size classes.
 * Above 64 bytes every build has four classes per doubling; below, they are multiples of the quantum:
 *
 *     jemalloc       8 16 24 32 40 48 56 64 | 80 96 112 128 | 160 192 224 256 | 320 ...
 *     jemalloc-q16   8 16    32    48    64 | 80 96 112 128 | 160 192 224 256 | 320 ...
 *
 * jemalloc is the one bundled with upstream Redis (lg-quantum 3), jemalloc-q16 is Debian's system
 * library. Source: jemalloc's size class table; nallocx() on both. */
#ifndef SIM_SERVER_ALLOCATOR_H
#define SIM_SERVER_ALLOCATOR_H

#include <stdint.h>

enum { ALLOCATOR_SMALL = 1024 }; /* sizes up to here are looked up */

struct allocator {
    const char *name;
    uint16_t small[ALLOCATOR_SMALL / 8 + 1]; /* class of (n + 7) / 8 */
};

/* NULL for an unknown name. */
const struct allocator *allocator_find(const char *name);

/* Class of sizes above ALLOCATOR_SMALL. */
uint64_t allocator_large(uint64_t bytes);

/* Usable size of a block of `bytes`; of a block of 0 bytes: 8. */
static inline uint64_t allocator_class(const struct allocator *allocator, uint64_t bytes)
{
    return bytes <= ALLOCATOR_SMALL ? allocator->small[(bytes + 7) / 8] : allocator_large(bytes);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* thread_cache: the freed blocks that jemalloc holds back for the thread, in front of the slabs (slabs.h).
 *
 *     free ──▶ | oldest ... newest | ──▶ allocate: the newest first        up to 200 blocks of each class
 *                 │                 ◀── empty: filled from the slabs, with half of what it may hold at first
 *                 └──▶ full: the older half goes back to its slabs
 *
 * It decides where blocks go: a block that was freed a moment ago is taken again, wherever it lies, so the slabs that come first
 * are filled less eagerly. After every 64 KB of allocations one class is looked at: of the blocks that were not needed since
 * the last look three quarters go back.
 *
 * Not modeled: what the server allocates and frees beside its keys, and the cache of large blocks.
 *
 * Source: jemalloc 5.3.0: tcache.c (tcache_ncached_max_compute, tcache_alloc_small_hard, tcache_bin_flush_bottom,
 * tcache_event, tcache_gc_small). */
#ifndef SIM_SERVER_VALUES_THREAD_CACHE_H
#define SIM_SERVER_VALUES_THREAD_CACHE_H

#include "sim/server/values/slabs.h"

enum { THREAD_CACHE_MOST = 200 }; /* nslots_small_max */

struct thread_cache_bin {
    uint16_t count, most;
    uint16_t low;                      /* the least count since the class was looked at */
    uint8_t fill_shift;                /* it is filled with most >> fill_shift (lg_fill_div) */
    bool was_filled;                   /* since the class was looked at */
    uint32_t slabs[THREAD_CACHE_MOST]; /* of each block, the oldest first */
};

struct thread_cache {
    struct slabs *slabs; /* the caller's */
    struct thread_cache_bin bins[SLAB_CLASSES];
    uint64_t allocated; /* bytes since the last look */
    unsigned next;      /* class to look at */
};

/* The slabs have been set up, and outlive it. */
void thread_cache_init(struct thread_cache *cache, struct slabs *slabs);
/* A block of the class: the slab that it lies in. */
uint32_t thread_cache_allocate(struct thread_cache *cache, unsigned size_class);
void thread_cache_free(struct thread_cache *cache, uint32_t slab);

#endif

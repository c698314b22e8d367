/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slabs: how jemalloc lays blocks into pages, as far as it decides which pages are in use.
 *
 * Blocks of up to 14 KB lie in slabs, each of which holds blocks of one size class only:
 *
 *     class 48     | 48 | 48 | -- | 48 | -- ...  256 of them |     3 pages: the fewest that hold a whole number of them
 *     class 112    | 112 | --- | 112 ...         256 of them |     7 pages
 *
 * A block comes from the class's current slab; if that is full, from the first of the class's slabs that have room; if none
 * has, from a new slab. "First" is jemalloc's oldest, then lowest. A slab's pages are in use until its last block is
 * freed. So where values change their sizes, pages stay in use for the few blocks that are left in them: that is the
 * fragmentation that allocator_active shows beside allocator_allocated. Which place a block has within its slab does not
 * matter to the count, so it is not kept.
 *
 * Pages that are no longer in use stay in memory as dirty pages. New slabs take those first. What is left of them is given
 * back to the kernel over ten seconds, along a smooth step (dirty_decay_ms; muzzy_decay_ms is 0 since 5.2).
 *
 * Not modeled: addresses (dirty pages need not lie together to be used again; a slab that takes the place of another
 * one of as many pages is as old as that). The thread's cache, which stands before the slabs: thread_cache.h.
 *
 * Source: jemalloc 5.3.0: sc.c (slab_size), arena.c (arena_bin_malloc_hard, arena_bin_lower_slab,
 * arena_dissociate_bin_slab), decay.c, smoothstep.h. */
#ifndef SIM_SERVER_VALUES_SLABS_H
#define SIM_SERVER_VALUES_SLABS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SLAB_PAGE = 4096,
    SLAB_LARGEST = 14336, /* blocks above that are whole pages */
    SLAB_CLASSES = 40,
    SLAB_PAGES_MOST = 7,
    SLAB_DECAY_STEPS = 200, /* SMOOTHSTEP_NSTEPS */
};
#define SLAB_NONE UINT32_MAX

struct slab {
    uint32_t free; /* blocks that it has room for */
    uint32_t at;   /* in the heap that it is in: of slabs with room, or of places */
    uint8_t size_class;
};

/* Numbers of slabs, the lowest first. */
struct slab_heap {
    uint32_t *slabs; /* owned */
    uint32_t count, capacity;
};

struct slab_bin {
    uint32_t regions; /* of one slab */
    uint32_t pages;
    uint32_t current;          /* SLAB_NONE: none */
    struct slab_heap has_room; /* without the current one */
};

struct slabs {
    struct slab *slabs; /* owned; a slab's number is its place, and so its age */
    uint32_t count, capacity;
    struct slab_bin bins[SLAB_CLASSES];
    struct slab_heap places[SLAB_PAGES_MOST + 1]; /* of slabs that were given up, by pages */
    uint64_t active;                              /* pages in use */
    uint64_t dirty;                               /* pages that are in memory without being in use */
    uint64_t slabs_used, slabs_peak;              /* slabs: now, and the most at once */
    uint64_t page_peak;
    /* decay.c: how many pages became dirty in each of the last steps. */
    uint64_t backlog[SLAB_DECAY_STEPS];
    uint32_t weight[SLAB_DECAY_STEPS];
    uint64_t unpurged;
    uint64_t idle_steps; /* steps since the last that made pages dirty */
    int64_t step_us;     /* when the present step began */
};

/* All zero before. */
void slabs_init(struct slabs *slabs);
void slabs_release(struct slabs *slabs);

/* The class of a usable size: 1 or more; 0: it is a large block. `bytes` is 1 or more. */
unsigned slab_class(uint64_t bytes);
/* Of an allocated block's slab. */
static inline unsigned slabs_class_of(const struct slabs *slabs, uint32_t slab)
{
    return slabs->slabs[slab].size_class;
}

/* A block of the class, which is not 0: the slab that it lies in. */
uint32_t slabs_allocate(struct slabs *slabs, unsigned size_class);
void slabs_free(struct slabs *slabs, uint32_t slab);
/* Pages of large blocks. */
void slabs_take_pages(struct slabs *slabs, uint64_t pages);
void slabs_give_pages(struct slabs *slabs, uint64_t pages);

/* Time has come this far: dirty pages are given back. To be called before blocks are allocated and freed. */
void slabs_pass(struct slabs *slabs, int64_t now_us);

/* What jemalloc needs for itself: an extent's description for each slab, and a leaf of its tree for each page. Neither
 * is ever given back. Bytes. */
uint64_t slabs_metadata(const struct slabs *slabs);

#endif

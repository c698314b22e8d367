/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/thread_cache.h"

#include <string.h>

enum {
    LOOK_BYTES = 65536, /* tcache_gc_incr_bytes */
    LEAST = 20,         /* nslots_small_min */
    LARGE_CLASSES = 5,  /* of up to 32 KB, which are looked at in turn, too */
};

void thread_cache_init(struct thread_cache *cache, struct slabs *slabs)
{
    memset(cache, 0, sizeof *cache);
    cache->slabs = slabs;
    for (unsigned i = 1; i < SLAB_CLASSES; i++) {
        struct thread_cache_bin *bin = &cache->bins[i];
        uint32_t most = 2 * slabs->bins[i].regions;

        bin->most = (uint16_t)(most < LEAST ? LEAST : most > THREAD_CACHE_MOST ? THREAD_CACHE_MOST : most);
        bin->fill_shift = 1;
    }
    cache->next = 1;
}

/* Gives the oldest blocks back, until `rest` are left. */
static void flush(struct thread_cache *cache, struct thread_cache_bin *bin, unsigned rest)
{
    unsigned gone = bin->count - rest;

    for (unsigned i = 0; i < gone; i++)
        slabs_free(cache->slabs, bin->slabs[i]);
    memmove(bin->slabs, bin->slabs + gone, rest * sizeof *bin->slabs);
    bin->count = (uint16_t)rest;
    if (bin->low > bin->count)
        bin->low = bin->count;
}

static void look_at(struct thread_cache *cache, struct thread_cache_bin *bin)
{
    if (bin->low) {
        flush(cache, bin, bin->count - (bin->low - bin->low / 4u));
        if (bin->most >> (bin->fill_shift + 1))
            bin->fill_shift++;
    } else if (bin->was_filled) {
        if (bin->fill_shift > 1)
            bin->fill_shift--;
        bin->was_filled = false;
    }
    bin->low = bin->count;
}

/* As tcache_event. */
static void look(struct thread_cache *cache)
{
    if (cache->next < SLAB_CLASSES)
        look_at(cache, &cache->bins[cache->next]);
    cache->next = cache->next % (SLAB_CLASSES + LARGE_CLASSES - 1) + 1;
}

/* The block of the first slab will be taken first. */
static void fill(struct thread_cache *cache, struct thread_cache_bin *bin, unsigned size_class)
{
    unsigned count = bin->most >> bin->fill_shift;

    for (unsigned i = count; i-- > 0;)
        bin->slabs[i] = slabs_allocate(cache->slabs, size_class);
    bin->count = (uint16_t)count;
    bin->was_filled = true;
}

uint32_t thread_cache_allocate(struct thread_cache *cache, unsigned size_class)
{
    struct thread_cache_bin *bin = &cache->bins[size_class];
    const struct slab_bin *slab = &cache->slabs->bins[size_class];

    for (cache->allocated += slab->pages * SLAB_PAGE / slab->regions; cache->allocated >= LOOK_BYTES;
         cache->allocated -= LOOK_BYTES)
        look(cache);
    if (!bin->count) {
        bin->low = 0;
        fill(cache, bin, size_class);
    }
    bin->count--;
    if (bin->low > bin->count)
        bin->low = bin->count;
    return bin->slabs[bin->count];
}

void thread_cache_free(struct thread_cache *cache, uint32_t slab)
{
    struct thread_cache_bin *bin = &cache->bins[slabs_class_of(cache->slabs, slab)];

    if (bin->count == bin->most)
        flush(cache, bin, bin->most / 2u);
    bin->slabs[bin->count++] = slab;
}

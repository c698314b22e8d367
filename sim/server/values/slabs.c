/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/slabs.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
    STEP_US = 50000,      /* dirty_decay_ms / SMOOTHSTEP_NSTEPS */
    WEIGHT_ONE = 1 << 24, /* SMOOTHSTEP_BFP */
    EXTENT_BYTES = 128,   /* edata_t */
    LEAF_BYTES = 8,       /* rtree_leaf_elm_t */
};

/* ---- size classes ---- */

unsigned slab_class(uint64_t bytes)
{
    unsigned doubling;

    if (bytes > SLAB_LARGEST)
        return 0;
    if (bytes <= 64)
        return (unsigned)((bytes + 7) / 8);
    doubling = 63 - (unsigned)__builtin_clzll(bytes - 1);
    return 8 + (doubling - 6) * 4 + (unsigned)(((bytes - 1) >> (doubling - 2)) - 3);
}

static uint32_t class_bytes(unsigned size_class)
{
    unsigned above;

    if (size_class <= 8)
        return size_class * 8;
    above = size_class - 9;
    return (5 + above % 4) << (4 + above / 4);
}

void slabs_init(struct slabs *slabs)
{
    for (unsigned i = 1; i < SLAB_CLASSES; i++) {
        struct slab_bin *bin = &slabs->bins[i];
        uint32_t bytes = class_bytes(i);

        bin->pages = 1;
        while (bin->pages * SLAB_PAGE % bytes)
            bin->pages++;
        bin->regions = bin->pages * SLAB_PAGE / bytes;
        bin->current = SLAB_NONE;
    }
    for (unsigned i = 0; i < SLAB_DECAY_STEPS; i++) {
        double x = (i + 1) / (double)SLAB_DECAY_STEPS;

        slabs->weight[i] = (uint32_t)(x * x * x * (x * (x * 6 - 15) + 10) * WEIGHT_ONE + 0.5);
    }
    slabs->idle_steps = SLAB_DECAY_STEPS;
}

void slabs_release(struct slabs *slabs)
{
    for (unsigned i = 0; i < SLAB_CLASSES; i++)
        free(slabs->bins[i].has_room.slabs);
    for (unsigned i = 0; i <= SLAB_PAGES_MOST; i++)
        free(slabs->places[i].slabs);
    free(slabs->slabs);
}

/* ---- heaps ---- */

static void heap_put(struct slabs *slabs, struct slab_heap *heap, uint32_t at, uint32_t slab)
{
    heap->slabs[at] = slab;
    slabs->slabs[slab].at = at;
}

/* Puts the slab where it belongs, at `at` or above it. */
static void heap_rise(struct slabs *slabs, struct slab_heap *heap, uint32_t at, uint32_t slab)
{
    for (; at && heap->slabs[(at - 1) / 2] > slab; at = (at - 1) / 2)
        heap_put(slabs, heap, at, heap->slabs[(at - 1) / 2]);
    heap_put(slabs, heap, at, slab);
}

/* Likewise, at `at` or below it. */
static void heap_sink(struct slabs *slabs, struct slab_heap *heap, uint32_t at, uint32_t slab)
{
    for (uint32_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && heap->slabs[child + 1] < heap->slabs[child])
            child++;
        if (heap->slabs[child] > slab)
            break;
        heap_put(slabs, heap, at, heap->slabs[child]);
    }
    heap_put(slabs, heap, at, slab);
}

static void heap_add(struct slabs *slabs, struct slab_heap *heap, uint32_t slab)
{
    heap->slabs = xgrow(heap->slabs, &heap->capacity, heap->count + 1, sizeof *heap->slabs);
    heap_rise(slabs, heap, heap->count++, slab);
}

static void heap_remove(struct slabs *slabs, struct slab_heap *heap, uint32_t slab)
{
    uint32_t at = slabs->slabs[slab].at, last = heap->slabs[--heap->count];

    if (last == slab)
        return;
    if (at && heap->slabs[(at - 1) / 2] > last)
        heap_rise(slabs, heap, at, last);
    else
        heap_sink(slabs, heap, at, last);
}

static uint32_t heap_take_first(struct slabs *slabs, struct slab_heap *heap)
{
    uint32_t first = heap->slabs[0];

    heap_remove(slabs, heap, first);
    return first;
}

/* ---- pages ---- */

void slabs_take_pages(struct slabs *slabs, uint64_t pages)
{
    slabs->active += pages;
    slabs->dirty -= slabs->dirty < pages ? slabs->dirty : pages;
    if (slabs->active + slabs->dirty > slabs->page_peak)
        slabs->page_peak = slabs->active + slabs->dirty;
}

void slabs_give_pages(struct slabs *slabs, uint64_t pages)
{
    slabs->active -= pages;
    slabs->dirty += pages;
}

/* One step of decay_maybe_advance_epoch: at most the weighted pages of the last steps may be dirty. */
static void step(struct slabs *slabs)
{
    uint64_t *backlog = slabs->backlog, newly = slabs->dirty > slabs->unpurged ? slabs->dirty - slabs->unpurged : 0;
    uint64_t limit = 0;

    memmove(backlog, backlog + 1, (SLAB_DECAY_STEPS - 1) * sizeof *backlog);
    backlog[SLAB_DECAY_STEPS - 1] = newly;
    slabs->idle_steps = newly ? 0 : slabs->idle_steps + 1;
    for (unsigned i = 0; i < SLAB_DECAY_STEPS; i++)
        limit += backlog[i] * slabs->weight[i];
    limit /= WEIGHT_ONE;
    slabs->unpurged = limit > slabs->dirty ? limit : slabs->dirty;
    if (slabs->dirty > limit)
        slabs->unpurged = slabs->dirty = limit;
}

void slabs_pass(struct slabs *slabs, int64_t now_us)
{
    while (now_us - slabs->step_us >= STEP_US) {
        if (slabs->idle_steps >= SLAB_DECAY_STEPS && slabs->dirty <= slabs->unpurged) {
            slabs->step_us += (now_us - slabs->step_us) / STEP_US * STEP_US;
            return;
        }
        slabs->step_us += STEP_US;
        step(slabs);
    }
}

uint64_t slabs_metadata(const struct slabs *slabs)
{
    return slabs->slabs_peak * EXTENT_BYTES + slabs->page_peak * LEAF_BYTES;
}

/* ---- slabs ---- */

static uint32_t new_slab(struct slabs *slabs, unsigned size_class)
{
    const struct slab_bin *bin = &slabs->bins[size_class];
    struct slab_heap *places = &slabs->places[bin->pages];
    uint32_t slab;

    if (places->count) {
        slab = heap_take_first(slabs, places);
    } else {
        slab = slabs->count++;
        slabs->slabs = xgrow(slabs->slabs, &slabs->capacity, slabs->count, sizeof *slabs->slabs);
    }
    slabs->slabs[slab].free = bin->regions;
    slabs->slabs[slab].size_class = (uint8_t)size_class;
    slabs_take_pages(slabs, bin->pages);
    if (++slabs->slabs_used > slabs->slabs_peak)
        slabs->slabs_peak = slabs->slabs_used;
    return slab;
}

uint32_t slabs_allocate(struct slabs *slabs, unsigned size_class)
{
    struct slab_bin *bin = &slabs->bins[size_class];

    if (bin->current == SLAB_NONE || !slabs->slabs[bin->current].free)
        bin->current = bin->has_room.count ? heap_take_first(slabs, &bin->has_room) : new_slab(slabs, size_class);
    slabs->slabs[bin->current].free--;
    return bin->current;
}

/* The slab's last block is gone. */
static void give_up(struct slabs *slabs, struct slab_bin *bin, uint32_t slab)
{
    if (slab == bin->current)
        bin->current = SLAB_NONE;
    else if (bin->regions > 1)
        heap_remove(slabs, &bin->has_room, slab);
    slabs_give_pages(slabs, bin->pages);
    slabs->slabs_used--;
    heap_add(slabs, &slabs->places[bin->pages], slab);
}

void slabs_free(struct slabs *slabs, uint32_t slab)
{
    struct slab_bin *bin = &slabs->bins[slabs->slabs[slab].size_class];
    uint32_t free = ++slabs->slabs[slab].free;

    if (free == bin->regions) {
        give_up(slabs, bin, slab);
    } else if (free == 1 && slab != bin->current) { /* it was full */
        uint32_t other = slab;

        if (bin->current != SLAB_NONE && bin->current > slab) {
            other = bin->current;
            bin->current = slab;
        }
        if (slabs->slabs[other].free)
            heap_add(slabs, &bin->has_room, other);
    }
}

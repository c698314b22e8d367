/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/farthest.h"

#include "sim/alloc.h"

enum {
    FARTHEST_ROOT = 7, /* so that the children of i, 8 (i - 6) to 8 (i - 6) + 7, share a cache line */
    INITIAL = 64,
    AHEAD = 16, /* how many records ahead entries are prefetched */
};

static uint32_t children_of(uint32_t place)
{
    return 8 * (place - 6);
}

static uint32_t parent_of(uint32_t place)
{
    return place / 8 + 6;
}

static struct farthest_entry *entry_of(const struct policy_context *context, uint64_t record)
{
    return policy_entry(context, (uint32_t)record);
}

/* A record of a request that has passed is stale. That is seen without reading its entry. */
static bool is_live(const struct policy_context *context, uint64_t record)
{
    return (int64_t)(record >> 32) >= context->row && entry_of(context, record)->next == record >> 32;
}

void farthest_release(struct farthest *heap)
{
    free(heap->records);
}

static void rise(struct farthest *heap, uint32_t place, uint64_t record)
{
    while (place > FARTHEST_ROOT && heap->records[parent_of(place)] < record) {
        heap->records[place] = heap->records[parent_of(place)];
        place = parent_of(place);
    }
    heap->records[place] = record;
}

/* The child of `place` with the farthest request; 0 if it has no children. */
static uint32_t farthest_child(const struct farthest *heap, uint32_t place)
{
    uint64_t first = 8 * ((uint64_t)place - 6);
    uint32_t best = (uint32_t)first, end;

    if (first >= heap->end)
        return 0;
    end = heap->end - best < 8 ? heap->end : best + 8;
    for (uint32_t child = best + 1; child < end; child++)
        if (heap->records[child] > heap->records[best])
            best = child;
    return best;
}

static void sink(struct farthest *heap, uint32_t place, uint64_t record)
{
    uint32_t child;

    while ((child = farthest_child(heap, place)) && heap->records[child] > record) {
        heap->records[place] = heap->records[child];
        place = child;
    }
    heap->records[place] = record;
}

static void grow(struct farthest *heap)
{
    uint32_t capacity = heap->capacity ? heap->capacity * 2 : INITIAL;

    heap->records =
        xrealloc_zero_aligned(heap->records, heap->capacity * sizeof *heap->records, capacity * sizeof *heap->records);
    heap->capacity = capacity;
    if (!heap->end)
        heap->end = FARTHEST_ROOT;
}

/* Throws stale records out. Enlarges the array if they were less than half of it. */
static void make_room(struct policy_context *context, struct farthest *heap)
{
    uint32_t end = FARTHEST_ROOT;

    for (uint32_t i = FARTHEST_ROOT; i < heap->end; i++) {
        if (i + AHEAD < heap->end)
            __builtin_prefetch(entry_of(context, heap->records[i + AHEAD]));
        if (is_live(context, heap->records[i]))
            heap->records[end++] = heap->records[i];
    }
    heap->end = end;
    if (end > heap->capacity / 2)
        grow(heap);
    for (uint32_t i = end; i-- > FARTHEST_ROOT;)
        if (children_of(i) < end)
            sink(heap, i, heap->records[i]);
}

void farthest_push(struct policy_context *context, struct farthest *heap, uint32_t id)
{
    uint32_t next = ((struct farthest_entry *)policy_entry(context, id))->next;

    if (heap->end == heap->capacity)
        make_room(context, heap);
    rise(heap, heap->end++, (uint64_t)next << 32 | id);
}

uint32_t farthest_first(struct policy_context *context, struct farthest *heap)
{
    while (heap->end > FARTHEST_ROOT) {
        if (is_live(context, heap->records[FARTHEST_ROOT]))
            return (uint32_t)heap->records[FARTHEST_ROOT];
        if (--heap->end > FARTHEST_ROOT)
            sink(heap, FARTHEST_ROOT, heap->records[heap->end]);
    }
    return NO_KEY;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/list_ring.h"

#include "sim/alloc.h"

#include <stdlib.h>

struct list_ring list_ring_copy(const struct list_ring *ring)
{
    struct list_ring copy = {
        .slots = xcalloc(ring->count, sizeof *copy.slots), .count = ring->count, .capacity = ring->count};

    for (uint32_t i = 0; i < ring->count; i++)
        copy.slots[i] = *list_ring_at(ring, i);
    return copy;
}

static void grow(struct list_ring *ring)
{
    uint32_t capacity = ring->capacity < 2 ? ring->capacity + 1 : ring->capacity + ring->capacity / 2;
    struct list_ring grown = {
        .slots = xcalloc(capacity, sizeof *grown.slots), .count = ring->count, .capacity = capacity};

    for (uint32_t i = 0; i < ring->count; i++)
        grown.slots[i] = *list_ring_at(ring, i);
    free(ring->slots);
    *ring = grown;
}

/* Moves the elements of the shorter side. */
void list_ring_insert(struct list_ring *ring, uint32_t offset, struct list_element element)
{
    if (ring->count == ring->capacity)
        grow(ring);
    if (offset < ring->count / 2 || offset == 0) {
        ring->first = (ring->first ? ring->first : ring->capacity) - 1;
        for (uint32_t i = 0; i < offset; i++)
            *list_ring_at(ring, i) = *list_ring_at(ring, i + 1);
    } else {
        for (uint32_t i = ring->count; i > offset; i--)
            *list_ring_at(ring, i) = *list_ring_at(ring, i - 1);
    }
    ring->count++;
    *list_ring_at(ring, offset) = element;
}

void list_ring_remove(struct list_ring *ring, uint32_t offset, uint32_t count)
{
    uint32_t behind = ring->count - offset - count;

    if (offset < behind) {
        for (uint32_t i = offset; i-- > 0;)
            *list_ring_at(ring, i + count) = *list_ring_at(ring, i);
        ring->first = (ring->first + count) % ring->capacity;
    } else {
        for (uint32_t i = offset; i < offset + behind; i++)
            *list_ring_at(ring, i) = *list_ring_at(ring, i + count);
    }
    ring->count -= count;
}

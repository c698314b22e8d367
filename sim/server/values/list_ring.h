/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_ring: the elements of one node of a list, in a ring: both ends are taken and given in the same time. */
#ifndef SIM_SERVER_VALUES_LIST_RING_H
#define SIM_SERVER_VALUES_LIST_RING_H

#include "sim/server/values/text.h"

struct list_element {
    struct text text;
    uint32_t member; /* who it is; NO_MEMBER: only its text's length is known */
};

/* Zeroed to begin with; the slots are to be freed. */
struct list_ring {
    struct list_element *slots;
    uint32_t first, count, capacity;
};

static inline struct list_element *list_ring_at(const struct list_ring *ring, uint32_t offset)
{
    uint32_t slot = ring->first + offset;

    return &ring->slots[slot < ring->capacity ? slot : slot - ring->capacity];
}

void list_ring_insert(struct list_ring *ring, uint32_t offset, struct list_element element);
void list_ring_remove(struct list_ring *ring, uint32_t offset, uint32_t count);
struct list_ring list_ring_copy(const struct list_ring *ring);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* id_set: a set of ids with a random member in O(1), which is what sampling needs.
 *
 * The members lie in one array without gaps, in no particular order: the last one takes the place of one that is
 * removed. Whoever keeps the set keeps each member's position too, from 1 on, so that 0 can say "not in the set". */
#ifndef SIM_FLAT_ID_SET_H
#define SIM_FLAT_ID_SET_H

#include "sim/alloc.h"

#include <stddef.h>
#include <stdint.h>

struct id_set {
    uint32_t *ids; /* owned; released with free() */
    uint32_t count;
};

/* Makes room for `capacity` members instead of `old_capacity`. */
static inline void id_set_reserve(struct id_set *set, uint32_t old_capacity, uint32_t capacity)
{
    set->ids = xrealloc_zero(set->ids, old_capacity * sizeof *set->ids, capacity * sizeof *set->ids);
}

/* Adds an id that is not in the set, and returns its position. There is room for it. */
static inline uint32_t id_set_add(struct id_set *set, uint32_t id)
{
    set->ids[set->count++] = id;
    return set->count;
}

/* Removes the member at `position`. Returns the one that is there now, if it was not the last: its position changed. */
static inline uint32_t id_set_remove(struct id_set *set, uint32_t position)
{
    uint32_t last = set->ids[--set->count];

    set->ids[position - 1] = last;
    return last;
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slot_census: what a cell's keys weigh at the end, slot by slot, for a report of the hottest ones. A cell that is to note it
 * is given one by its options, and the slots of its keys. */
#ifndef SIM_SLOT_CENSUS_H
#define SIM_SLOT_CENSUS_H

#include "sim/options.h"
#include "sim/slots.h"

#include <stdint.h>

struct slot_weight {
    uint64_t bytes, largest_bytes;
    uint32_t keys;
    uint32_t largest; /* id */
};

struct slot_census {
    struct slot_weight slots[SLOT_COUNT];
};

/* There is such a key, of so many bytes. */
static inline void slot_census_note(const struct simulation_options *options, uint32_t id, uint64_t bytes)
{
    struct slot_weight *weight = &options->slot_census->slots[key_slot_of(options->slots, id)];

    weight->bytes += bytes;
    weight->keys++;
    if (bytes > weight->largest_bytes) {
        weight->largest_bytes = bytes;
        weight->largest = id;
    }
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* block_tally: how many blocks of each size class a key has. */
#ifndef SIM_SERVER_VALUES_BLOCK_TALLY_H
#define SIM_SERVER_VALUES_BLOCK_TALLY_H

#include "sim/server/values/slabs.h"

#include <stdint.h>

struct block_tally {
    uint32_t count[SLAB_CLASSES]; /* of small blocks; [0] is not used */
    uint64_t large_pages;         /* of large blocks, */
    uint64_t slack_pages;         /* of which each has so many that it cannot use (cache_oblivious) */
    uint64_t bytes;               /* usable, of all */
};

/* So many blocks more, each of so many bytes, which are rounded up to a size class; 0: none. */
static inline void tally_add_many(struct block_tally *tally, uint64_t bytes, uint32_t blocks)
{
    unsigned size_class = bytes ? slab_class(bytes) : 0;

    if (size_class)
        tally->count[size_class] += blocks;
    else if (bytes)
        tally->large_pages += blocks * ((bytes + SLAB_PAGE - 1) / SLAB_PAGE + tally->slack_pages);
    tally->bytes += bytes * blocks;
}

static inline void tally_add(struct block_tally *tally, uint64_t bytes)
{
    tally_add_many(tally, bytes, 1);
}

#endif

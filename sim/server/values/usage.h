/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage: what MEMORY USAGE does to the bytes that it counts.
 *
 * Source: objectComputeSize (object.c). */
#ifndef SIM_SERVER_VALUES_USAGE_H
#define SIM_SERVER_VALUES_USAGE_H

#include "sim/server/state.h"
#include "sim/server/values/sds.h"

/* Objects of fixed size count with their sizeof: by how much their block is larger. */
static inline uint64_t usage_leaves_out(const struct redis *redis, uint64_t object)
{
    return allocator_class(redis->allocator, object) - object;
}

/* What MEMORY USAGE with SAMPLES 0 averages: the bytes of so many elements, and what there is besides. */
struct usage_sample {
    uint64_t besides, elements, count;
    uint64_t unseen; /* of the count: they are not among the elements whose bytes are averaged */
};

/* Elements are averaged and multiplied again, in floating point: some of it may be lost, which depends on the bytes that it
 * is added to. `object` is what the value's own object counts with. */
static inline uint64_t usage_of_sample(uint64_t object, struct usage_sample sample)
{
    uint64_t seen = sample.count - sample.unseen;
    double average = seen ? (double)sample.elements / (double)seen : 0;

    return (uint64_t)((double)(object + sample.besides) + average * (double)sample.count);
}

#endif

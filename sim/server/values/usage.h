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

/* Elements are averaged and multiplied again, in floating point: some of it may be lost. `bytes` is what there is besides,
 * the value's own object (ROBJ_BYTES) left out, of the result, too; there is an element. */
static inline uint64_t usage_of_sample(uint64_t bytes, uint64_t elements, uint64_t count)
{
    double average = (double)elements / (double)count;

    return (uint64_t)((double)(ROBJ_BYTES + bytes) + average * (double)count) - ROBJ_BYTES;
}

#endif

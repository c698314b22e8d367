/* SPDX-License-Identifier: GPL-3.0-or-later */
/* room: how many bytes fit into an sds that a value consists of (sdsalloc), and what it weighs. */
#ifndef SIM_SERVER_VALUES_ROOM_H
#define SIM_SERVER_VALUES_ROOM_H

#include "sim/server/state.h"
#include "sim/server/values/sds.h"

/* sdsalloc of a block of so many bytes. */
static inline uint32_t room_of_block(const struct redis *redis, uint64_t bytes, uint32_t header)
{
    return (uint32_t)(redis->profile->header_follows_room ? sds_capacity_following(bytes, header)
                                                          : sds_capacity(bytes, header));
}

/* sdsalloc of an sds made at `length`. The 1-byte header has no room for how much is free: nothing is. It never gives way
 * to a larger one (adjustTypeIfNeeded leaves SDS_TYPE_5 alone). */
static inline uint32_t capacity_of_new(const struct redis *redis, uint32_t length)
{
    uint32_t header = sds_header(length);

    return header == 1 ? length : room_of_block(redis, sds_bytes(redis->allocator, length), header);
}

/* The block of an sds that has room for so many bytes. */
static inline uint64_t block_bytes(const struct redis *redis, uint32_t capacity)
{
    return allocator_class(redis->allocator, sds_header(capacity) + (uint64_t)capacity + 1);
}

/* Likewise, with a larger header than that takes: of 9 bytes; of a few bytes that have grown, 3. */
static inline uint64_t wide_block_bytes(const struct redis *redis, uint32_t capacity)
{
    uint64_t header = capacity <= sds_type_max(1) ? sds_growing_header(capacity) : sds_header(UINT32_MAX);

    return allocator_class(redis->allocator, header + capacity + 1);
}

#endif

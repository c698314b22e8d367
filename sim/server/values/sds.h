/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sds: what Redis's strings weigh.
 *
 *     sds      | header | bytes ... | NUL |        header of 1, 3, 5, 9 or 17 bytes, by length
 *
 *     embstr   | robj 16 | sds header 3 | bytes <= 44 | NUL |          one block
 *     raw      | robj 16 |   +   | sds |                               two blocks
 *     int      | robj 16 |  the number sits in the pointer; 0..9999 may be shared: no block at all
 *
 * Source: sdsHdrSize, sdsReqType (sds.c), createStringObject (object.c). */
#ifndef SIM_SERVER_VALUES_SDS_H
#define SIM_SERVER_VALUES_SDS_H

#include "sim/server/values/allocator.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    ROBJ_BYTES = 16,
    SHARED_INTEGERS = 10000, /* OBJ_SHARED_INTEGERS */
    SDS_MAX_PREALLOC = 1 << 20,
};

/* Header of an sds created with `length` bytes. An empty one is made with the 3-byte type. */
static inline uint32_t sds_header(uint64_t length)
{
    if (length < 32)
        return length ? 1 : 3;
    if (length < 256)
        return 3;
    if (length < 65536)
        return 5;
    return length <= UINT32_MAX ? 9 : 17;
}

/* Header of an sds that is meant to grow (sdsMakeRoomFor): never the 1-byte type. */
static inline uint32_t sds_growing_header(uint64_t length)
{
    return length < 32 ? 3 : sds_header(length);
}

static inline uint64_t sds_type_max(uint32_t header)
{
    return header == 1 ? 31 : header == 3 ? 255 : header == 5 ? 65535 : UINT32_MAX;
}

/* Usable size of the block of a new sds. */
static inline uint64_t sds_bytes(const struct allocator *allocator, uint64_t length)
{
    return allocator_class(allocator, sds_header(length) + length + 1);
}

/* sdsAllocSize of a new sds: its block, but of one with the header of 1 byte, which does not record room to spare, what it holds. */
static inline uint64_t sds_asked_for(const struct allocator *allocator, uint64_t length)
{
    return sds_header(length) == 1 ? 1 + length + 1 : sds_bytes(allocator, length);
}

/* Bytes that fit into a block of `bytes` behind its header: what sdsalloc() then says of every type but
 * the 1-byte one, which does not record room to spare. */
static inline uint64_t sds_capacity(uint64_t bytes, uint32_t header)
{
    uint64_t room = bytes - header - 1;

    return room < sds_type_max(header) ? room : sds_type_max(header);
}

/* Of a build whose headers follow the room: a block with more of it than the header can count gets the next header. */
static inline uint32_t sds_header_following(uint64_t bytes, uint32_t header)
{
    while (header < 9 && bytes - header - 1 > sds_type_max(header))
        header = header == 1 ? 3 : header == 3 ? 5 : 9;
    return header;
}

/* Bytes that fit into a block there. */
static inline uint64_t sds_capacity_following(uint64_t bytes, uint32_t header)
{
    return sds_capacity(bytes, sds_header_following(bytes, header));
}

/* Decimal digits of a number, its sign included. */
static inline uint32_t decimal_length(int64_t number)
{
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    uint32_t length = number < 0 ? 2 : 1;

    for (; rest >= 10000; length += 4)
        rest /= 10000;
    return length + (rest >= 10) + (rest >= 100) + (rest >= 1000);
}

#endif

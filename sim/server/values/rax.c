/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/rax.h"

/* A node of a radix tree: header, characters padded to whole pointers, the pointers. */
uint64_t rax_node_bytes(const struct allocator *allocator, uint64_t characters, uint64_t pointers)
{
    return allocator_class(allocator, (4 + characters + 7) / 8 * 8 + 8 * pointers);
}

static unsigned character(uint64_t offset, int at)
{
    return offset >> 8 * (RAX_OFFSET_BYTES - 1 - at) & 0xff; /* big-endian, so that they sort */
}

/* The subtree of offsets that agree in their first `depth` characters: what they share further is one
 * compressed node, then one node branches, and a leaf holds the value. */
static uint64_t subtree_bytes(const struct allocator *allocator, const uint64_t *offsets, size_t count, int depth)
{
    int shared = depth;
    uint64_t bytes = 0, branches = 0;

    while (shared < RAX_OFFSET_BYTES && character(offsets[0], shared) == character(offsets[count - 1], shared))
        shared++;
    if (shared > depth)
        bytes += rax_node_bytes(allocator, (uint64_t)(shared - depth), 1);
    if (shared == RAX_OFFSET_BYTES)
        return bytes + rax_node_bytes(allocator, 0, 1);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count; end++)
            if (character(offsets[end], shared) != character(offsets[first], shared))
                break;
        bytes += subtree_bytes(allocator, offsets + first, end - first, shared + 1);
        branches++;
    }
    return bytes + rax_node_bytes(allocator, branches, branches);
}

uint64_t rax_offsets_bytes(const struct allocator *allocator, const uint64_t *offsets, size_t count)
{
    return count ? subtree_bytes(allocator, offsets, count, 0) : rax_node_bytes(allocator, 0, 0);
}

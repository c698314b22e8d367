/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rax: how much the nodes of a radix tree weigh, whose keys are offsets of 8 bytes: the index of the replication backlog.
 *
 *     | header 4 | characters, padded to whole pointers | pointers |
 *
 * Source: raxNewNode, raxNodeCurrentLength, raxGenericInsert (rax.c) of Redis 7.0.15. */
#ifndef SIM_SERVER_VALUES_RAX_H
#define SIM_SERVER_VALUES_RAX_H

#include "sim/server/values/allocator.h"

#include <stddef.h>
#include <stdint.h>

enum { RAX_OFFSET_BYTES = 8 };

/* One node with so many characters and pointers. */
uint64_t rax_node_bytes(const struct allocator *allocator, uint64_t characters, uint64_t pointers);
/* All nodes of a tree of these offsets, in ascending order; without one, its empty root. */
uint64_t rax_offsets_bytes(const struct allocator *allocator, const uint64_t *offsets, size_t count);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/cell_memory.h"

#include "sim/alloc.h"

enum { POLICY_BYTES = 32 }; /* a policy's own, for each key: a heap's nodes, records of queues */

uint64_t work_cell_bytes(const struct cell_config *cell, uint64_t keys)
{
    uint64_t own = cell->policy->state_per_key ? cell->policy->state_per_key : POLICY_BYTES;
    uint64_t room = grown_capacity(0, keys < UINT32_MAX ? (uint32_t)keys : UINT32_MAX);

    return room * cell->server->model->key_bytes(cell) + keys * own;
}

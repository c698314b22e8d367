/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate: before a command runs, room is made for it. A policy that wants to know which keys are about to come is told. */
#ifndef SIM_SERVER_GATE_H
#define SIM_SERVER_GATE_H

#include "sim/hooks.h"
#include "sim/server/evict.h"

/* gate_passes() of a command that memory may be denied to, where keys are announced to the policy or it evicts a surplus. */
bool gate_passes_announced(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);

/* False: there is no room, and the command is refused if memory is denied to it. */
static inline bool gate_passes(struct redis *redis, bool is_denied, const struct batch *batch, uint32_t first,
                               uint32_t rows)
{
    if (is_denied && (redis->eviction.policy->arriving || redis->eviction.policy->surplus))
        return gate_passes_announced(redis, batch, first, rows);
    redis->found_full = evict_to_limit(redis) == EVICT_FAIL;
    return !(redis->found_full && is_denied);
}

/* Of a command that does not ask for room: it was asked for before, or nobody does. */
void gate_tell(struct redis *redis, enum op op, const struct batch *batch, uint32_t first, uint32_t rows);

#endif

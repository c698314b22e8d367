/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/gate.h"

#include "sim/server/values/object.h"

/* A bit for each row of a batch. */
struct rows_announced {
    uint64_t words[BATCH_CAPACITY / 64];
};

/* Announces the keys that the command is about to create to the policy, once for each row. */
static void announce(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows,
                     struct rows_announced *announced)
{
    for (uint32_t row = first; row < first + rows; row++) {
        uint64_t *word = &announced->words[row / 64], bit = UINT64_C(1) << row % 64;
        uint32_t id = batch->id[row];

        if (*word & bit || entry_of(redis, id)->encoding != ENCODING_ABSENT)
            continue;
        *word |= bit;
        redis->eviction.arriving_bytes = redis->key_entry_bytes + sds_bytes(redis->allocator, batch->key_len[row]) +
                                         argument_bytes(redis, batch->value_len[row]);
        redis->eviction.next_access = batch->next_access[row];
        policy_arriving(&redis->eviction, id);
    }
}

/* Announces keys that are absent before room is made, and then those that were evicted to make it, although the command
 * was about to write to them. */
bool gate_passes_announced(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    bool announces = redis->eviction.policy->arriving && batch->id[first] != NO_KEY;
    struct rows_announced announced = {{0}};

    if (announces)
        announce(redis, batch, first, rows, &announced);
    redis->found_full = evict_to_limit(redis) == EVICT_FAIL;
    if (!redis->found_full && redis->eviction.policy->surplus)
        evict_surplus(redis);
    if (announces)
        announce(redis, batch, first, rows, &announced);
    return !redis->found_full;
}

void gate_tell(struct redis *redis, enum op op, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct rows_announced announced = {{0}};

    if (redis->eviction.policy->arriving && command_table[op].denyoom && batch->id[first] != NO_KEY)
        announce(redis, batch, first, rows, &announced);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/key_share.h"

#include "sim/server/memory.h"

/* What grows with the number of keys (MEMORY_FIELDS of result.h). */
static uint64_t bytes_of_keys(const struct redis *redis)
{
    struct sample sample = {.used_memory = redis->used};

    memory_look(redis, &sample);
    return sample_bytes_of_keys(&sample);
}

void key_share_settle(struct redis *redis)
{
    uint64_t other;

    if (redis->options->key_parts < 2)
        return;
    other = counted_memory(redis) - bytes_of_keys(redis);
    redis->maxmemory = redis->maxmemory_set > other ? other + (redis->maxmemory_set - other) / redis->options->key_parts
                                                    : redis->maxmemory_set;
}

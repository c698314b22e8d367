/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/lingering.h"

#include "sim/server/inspect.h"
#include "sim/server/keyspace.h"

static bool is_due(const struct redis *redis)
{
    return redis->lingering_looked_at + redis->key_count <= LINGERING_FREE + redis->counters.requests;
}

void lingering_look(struct redis *redis, struct sample *sample, bool is_last)
{
    if (keyspace_expires(redis) && !is_last && !is_due(redis)) {
        sample->lingering_keys = sample->lingering_bytes = COUNT_UNKNOWN;
        return;
    }
    if (!keyspace_expires(redis))
        return;
    redis->lingering_looked_at += redis->key_count;
    for (uint32_t id = 0; id < redis->key_count; id++) {
        if (!entry_lingers(redis, entry_of(redis, id)))
            continue;
        sample->lingering_keys++;
        sample->lingering_bytes += inspect_key(redis, id).memory_usage;
    }
}

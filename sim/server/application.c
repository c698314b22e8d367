/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/application.h"

#include "sim/server/evict.h"
#include "sim/server/keyspace.h"

/* A rule may ask for the next victim, though a real client cannot know it. The server's policy answers. */
static uint32_t view_victim(void *owner, uint64_t bytes)
{
    struct redis *redis = owner;

    if (!redis->maxmemory || redis->used + redis->key_entry_bytes + bytes <= redis->maxmemory)
        return NO_KEY;
    return redis->named = evict_next_victim(redis);
}

/* The memory that is left besides the empty server and the entries of the keys. */
static uint64_t view_capacity(void *owner)
{
    const struct redis *redis = owner;
    uint64_t taken = redis->counters.baseline_memory + redis->key_entry_bytes * keyspace_keys(redis);

    if (!redis->maxmemory)
        return UINT64_MAX;
    return redis->maxmemory > taken ? redis->maxmemory - taken : 0;
}

static uint64_t view_keys(void *owner)
{
    return keyspace_keys(owner);
}

static const struct admission_view redis_admission_view = {
    .victim = view_victim,
    .capacity = view_capacity,
    .keys = view_keys,
};

int application_open(struct redis *redis, const struct cell_config *config, struct error *error)
{
    redis->named = NO_KEY;
    redis->admission = (struct admission_context){.rng = redis->rng, .owner = redis, .view = &redis_admission_view};
    return admission_open(&redis->admission, config->admission, config->admission_parameters, error);
}

void application_close(struct redis *redis)
{
    admission_close(&redis->admission);
}

void application_sends(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    for (uint32_t row = first; row < first + rows; row++)
        admission_seen(&redis->admission, (enum op)batch->op[row], batch->id[row], batch->value_len[row]);
}

bool application_stores(struct redis *redis, const struct batch *batch, uint32_t row)
{
    if (admission_admits(&redis->admission, batch->id[row], batch->value_len[row]))
        return true;
    redis->named = NO_KEY;
    redis->counters.not_admitted++;
    key_note_absence(redis, batch->id[row], MISS_NOT_ADMITTED);
    return false;
}

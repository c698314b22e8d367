/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evict: the out-of-memory gate, performEvictions of evict.c.
 *
 * The amount to free is fixed when the loop starts, and only what the deletions themselves give back is
 * credited against it. A policy with nothing to offer fails the gate; a time limit (tenacity) that
 * strikes first does not: the command runs, memory overshoots, and a timer goes on evicting. */
#include "sim/server/evict.h"

#include "sim/hooks.h"
#include "sim/server/keyspace.h"

#include <math.h>

enum {
    CHECK_EVERY = 16, /* keys between looks at the clock */
    TIMER_BYTES = 64, /* aeTimeEvent */
};

/* evictionTimeLimitUs. */
static double time_limit_us(uint32_t tenacity)
{
    if (tenacity <= 10)
        return 50.0 * tenacity;
    if (tenacity < 100)
        return 500.0 * pow(1.15, tenacity - 10.0);
    return INFINITY;
}

static uint64_t timer_bytes(const struct redis *redis)
{
    return allocator_class(redis->allocator, TIMER_BYTES);
}

/* Where the gate has stopped early, the next command would go on. But perhaps none comes, and the memory is to be
 * given back all the same. So a timer that is due at once goes on evicting between the commands, until there is room
 * or no victim. */
void evict_start_timer(struct redis *redis)
{
    if (redis->eviction_timer_runs)
        return;
    redis->eviction_timer_runs = true;
    redis->timer_bytes += timer_bytes(redis);
    redis->used += timer_bytes(redis);
}

void evict_run_timer(struct redis *redis)
{
    uint64_t ended = redis->timer_bytes - (redis->eviction_timer_runs ? timer_bytes(redis) : 0);

    redis->timer_bytes -= ended;
    redis->used -= ended;
    if (redis->eviction_timer_runs && !event_is_scheduled(&redis->eviction_timer) &&
        evict_to_limit(redis) != EVICT_RUNNING)
        redis->eviction_timer_runs = false;
}

/* The policy's answer, if that key may go; else the run has failed and there is none. */
static uint32_t checked(struct redis *redis, const char *hook, uint32_t id)
{
    if (id == NO_KEY || (id < redis->key_count && redis->eviction.view->is_candidate(redis, id, redis->eviction.scope)))
        return id;
    return policy_reject(&redis->eviction, redis->cell, &(struct wrong_answer){hook, id, redis->key_count},
                         redis->error);
}

/* The policy is asked for each key anew, also where it has several in its pool. A pool's keys were weighed when they
 * came in; they may have been used or deleted since, and a fresh sample may be better. */
uint32_t evict_next_victim(struct redis *redis)
{
    uint32_t id = redis->named;

    redis->named = NO_KEY;
    if (id != NO_KEY || redis->eviction.scope == SCOPE_NONE)
        return id;
    return checked(redis, "victim", redis->eviction.policy->victim(&redis->eviction));
}

void evict_surplus(struct redis *redis)
{
    uint32_t id;

    while (redis->eviction.policy->surplus &&
           (id = checked(redis, "surplus", redis->eviction.policy->surplus(&redis->eviction))) != NO_KEY) {
        key_evict(redis, id);
        redis->counters.evicted_keys++;
    }
}

/* Every command of every client comes through here, PING and GET too: its arguments take memory before it runs, and
 * memory that other connections took shows at the next command, whoever sends it.
 *
 * How much has to go is settled at the start. Only what the deletions give back is counted, key by key, for a look at
 * the whole would credit them with what others free meanwhile. What the deletions cost is not counted either: the DELs
 * that replicas are sent take memory, which the next call finds. So a large buffer that is there for a moment evicts as
 * much as it weighs, although it would have gone by itself.
 *
 * A command that takes one key more must not wait for ten thousand to go, as after a lowered maxmemory or the
 * doubling of a table. After some time, looked at with every 16th key, it runs, and the rest is left to a timer. A
 * server that has keys to evict therefore refuses nothing, and may be far over its limit: ten SETs of 1 MB each were
 * all taken, and left a server 8.8 MB over for a tenth of a second. Only where no key may go is a write refused. */
enum evict_result evict_to_limit(struct redis *redis)
{
    uint64_t used = counted_memory(redis);
    double us_per_key = redis->options->speed.deletions ? 1e6 / (double)redis->options->speed.deletions : 0;
    int64_t to_free, freed = 0;
    unsigned evicted = 0;

    if (!redis->maxmemory || used <= redis->maxmemory)
        return EVICT_OK;
    if (redis->eviction.scope == SCOPE_NONE)
        return EVICT_FAIL;
    to_free = (int64_t)(used - redis->maxmemory);
    while (freed < to_free) {
        uint32_t id = evict_next_victim(redis);
        uint64_t before = redis->used;

        if (id == NO_KEY)
            return EVICT_FAIL;
        key_evict(redis, id);
        freed += (int64_t)(before - redis->used);
        redis->counters.evicted_keys++;
        if (replication_is_on(&redis->replication))
            replication_delete(&redis->replication, entry_of(redis, id)->db, key_length(redis, id));
        if (++evicted % CHECK_EVERY)
            continue;
        replication_write(&redis->replication); /* flushSlavesOutputBuffers */
        if (evicted * us_per_key > time_limit_us(redis->config.maxmemory_eviction_tenacity)) {
            evict_start_timer(redis);
            if (!event_is_scheduled(&redis->eviction_timer))
                event_schedule(&redis->events, &redis->eviction_timer,
                               redis->now_us + (int64_t)(evicted * us_per_key) + 1);
            break;
        }
    }
    return redis->eviction_timer_runs ? EVICT_RUNNING : EVICT_OK;
}
